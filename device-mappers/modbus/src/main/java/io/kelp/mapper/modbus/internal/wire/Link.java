package io.kelp.mapper.modbus.internal.wire;

import java.io.Closeable;
import java.io.IOException;

/** An open line that carries bytes. Used by one thread at a time. */
public interface Link extends Closeable {

    /** Opens a line anew. */
    @FunctionalInterface
    interface Opener {
        Link open() throws IOException, InterruptedException;
    }

    /** Sends all of these. */
    void write(byte[] bytes) throws IOException, InterruptedException;

    /**
     * Takes what has arrived, or waits for it.
     *
     * @param nanos longest wait; 0 or less for none
     * @return how many bytes; 0 when there are none; -1 when the other side has closed the line
     */
    int read(byte[] into, long nanos) throws IOException, InterruptedException;
}
