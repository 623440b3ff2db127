package io.kelp.runtime.osgi.internal.output;

import java.util.Arrays;
import java.util.function.Consumer;

/** The beginning of a line whose end is not there yet, at most 16 KiB. Takes memory only while there is one. */
final class LineBuffer {

    private static final byte[] NONE = {};
    private static final int KEPT = 256;

    private byte[] bytes = NONE;
    private int length;

    /** Adds; each time it is full it is given away as a part and is empty again. */
    void add(byte[] from, int offset, int count, Consumer<LineBuffer> part) {
        int at = offset;
        int left = count;
        while (left > 0) {
            int taken = Math.min(left, ContainerLog.PART_BYTES - length);
            if (length + taken > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.min(ContainerLog.PART_BYTES, Math.max(length + taken, bytes.length * 2)));
            }
            System.arraycopy(from, at, bytes, length, taken);
            length += taken;
            at += taken;
            left -= taken;
            if (length == ContainerLog.PART_BYTES && left > 0) {
                part.accept(this);
                length = 0;
            }
        }
    }

    int length() {
        return length;
    }

    void copyTo(byte[] to, int at) {
        System.arraycopy(bytes, 0, to, at, length);
    }

    void clear() {
        length = 0;
        if (bytes.length > KEPT) {
            bytes = NONE;
        }
    }
}
