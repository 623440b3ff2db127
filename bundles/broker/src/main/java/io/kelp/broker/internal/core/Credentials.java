package io.kelp.broker.internal.core;

/** Decides who may connect where a password is asked for. Called on the broker's thread: quick. */
public interface Credentials {

    /** Lets nobody in. */
    Credentials NOBODY = (username, password) -> false;

    /** @param username never null; @param password null when the client sent none */
    boolean accepts(String username, byte[] password);
}
