package io.kelp.mapper.modbus.internal.wire;

/** Checksum of RTU frames (Modbus over Serial Line V1.02, 6.2.2): CRC-16, polynomial A001h reflected, start FFFFh. */
public final class Crc16 {

    private static final char[] TABLE = table();

    private Crc16() {}

    private static char[] table() {
        char[] table = new char[256];
        for (int i = 0; i < 256; i++) {
            int crc = i;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >> 1 : crc >> 1 ^ 0xA001;
            }
            table[i] = (char) crc;
        }
        return table;
    }

    public static int of(byte[] bytes, int from, int to) {
        int crc = 0xFFFF;
        for (int i = from; i < to; i++) {
            crc = crc >> 8 ^ TABLE[(crc ^ bytes[i]) & 0xFF];
        }
        return crc;
    }

    /** Whether a frame ends with its checksum, low byte first. */
    public static boolean fits(byte[] bytes, int from, int to) {
        int crc = of(bytes, from, to - 2);
        return bytes[to - 2] == (byte) crc && bytes[to - 1] == (byte) (crc >> 8);
    }
}
