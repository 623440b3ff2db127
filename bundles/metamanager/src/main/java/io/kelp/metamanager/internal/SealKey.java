package io.kelp.metamanager.internal;

import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key of AES-256 and the name by which sealed records refer to it.
 *
 * @param id 16 hexadecimal digits, no secret
 */
record SealKey(String id, SecretKey key) {

    private static final int KEY_BYTES = 32;
    private static final int ID_BYTES = 8;

    /** @throws IllegalArgumentException for a key of another length or an id of another form */
    static SealKey of(String id, byte[] key) {
        if (key.length != KEY_BYTES || !id.matches("[0-9a-f]{16}")) {
            throw new IllegalArgumentException("a key of AES-256 has " + KEY_BYTES + " bytes and an id of 16 hexadecimal digits");
        }
        return new SealKey(id, new SecretKeySpec(key, "AES"));
    }

    static SealKey random(SecureRandom random) {
        byte[] id = new byte[ID_BYTES];
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(id);
        random.nextBytes(key);
        return of(HexFormat.of().formatHex(id), key);
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "key " + id;
    }
}
