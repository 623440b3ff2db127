package io.kelp.push.internal;

/** Sends to one destination, blocking. Safe for use by several threads. */
interface Sender extends AutoCloseable {

    /** Returns when the destination has taken the value, at the latest a little after the deadline. */
    void send(Item item, int timeoutMillis) throws SendException;

    @Override
    void close();
}
