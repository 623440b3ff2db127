package io.kelp.broker.internal.core;

/** What the protocol needs of a connection. No method blocks or calls back. */
public interface Wire {

    /** Puts bytes into the connection's queue; the order is kept. Either array may be shared with other connections. */
    void send(byte[] head, byte[] body);

    /** Bytes in the queue. */
    int queuedBytes();

    /** Ends the connection soon; what is queued is still offered to the socket once. */
    void close();

    /** Address of the peer, for the log. */
    String peer();
}
