package io.kelp.broker.internal;

import io.kelp.broker.internal.core.Credentials;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** One user name and password, compared in constant time. */
record PasswordCheck(String username, String password) implements Credentials {

    static final int SHORTEST = 8;

    @Override
    public boolean accepts(String givenName, byte[] givenPassword) {
        boolean name = MessageDigest.isEqual(username.getBytes(StandardCharsets.UTF_8), givenName.getBytes(StandardCharsets.UTF_8));
        boolean word = givenPassword != null && MessageDigest.isEqual(password.getBytes(StandardCharsets.UTF_8), givenPassword);
        return name && word;
    }

    @Override
    public String toString() {
        return "PasswordCheck[" + username + "]";
    }
}
