package io.kelp.mapper.modbus.internal.wire;

/** Bytes that have arrived and are not used yet; bounded, the oldest go when there are too many. */
public final class Received {

    private static final int MOST = 1024; // four frames

    private final byte[] bytes = new byte[MOST];
    private int size;

    public void add(byte[] more, int length) {
        int from = Math.max(0, length - MOST);
        int count = length - from;
        if (size + count > MOST) {
            drop(size + count - MOST);
        }
        System.arraycopy(more, from, bytes, size, count);
        size += count;
    }

    public int size() {
        return size;
    }

    int at(int index) {
        return bytes[index] & 0xFF;
    }

    int word(int index) {
        return Pdu.word(bytes, index);
    }

    byte[] copy(int from, int to) {
        return java.util.Arrays.copyOfRange(bytes, from, to);
    }

    boolean checksumFits(int from, int to) {
        return Crc16.fits(bytes, from, to);
    }

    void drop(int count) {
        size -= count;
        System.arraycopy(bytes, count, bytes, 0, size);
    }

    public void clear() {
        size = 0;
    }
}
