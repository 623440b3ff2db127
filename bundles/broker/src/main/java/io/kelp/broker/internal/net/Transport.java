package io.kelp.broker.internal.net;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes of one connection in the clear. All methods are called by the broker's thread and do not block. */
interface Transport {

    /**
     * Appends what has arrived.
     *
     * @return bytes appended, 0 for nothing at present, -1 at the end
     */
    int read(ByteBuffer into) throws IOException;

    /** Takes as much as the socket takes. */
    void write(ByteBuffer from) throws IOException;

    /** Whether bytes taken by {@link #write}, or of a handshake, still wait for the socket; tries to send them. */
    boolean isBlocked() throws IOException;

    void close();
}
