package io.kelp.mapper.modbus.internal.wire;

import java.io.IOException;

/**
 * Protocol data units: function code and data, without address and checksum (V1.1b3, 6). Requests
 * are made here, and answers held against the request that they are to answer.
 */
public final class Pdu {

    public static final int WRITE_COIL = 0x05;
    public static final int WRITE_REGISTER = 0x06;
    public static final int WRITE_COILS = 0x0F;
    public static final int WRITE_REGISTERS = 0x10;
    public static final int MASK_WRITE = 0x16;

    /** Most registers that one request may write. */
    public static final int MOST_WRITTEN_REGISTERS = 123;
    public static final int MOST_WRITTEN_COILS = 1968;

    /** Longest PDU. */
    public static final int LONGEST = 253;

    private Pdu() {}

    public static byte[] read(Table table, int address, int count) {
        return words(table.readFunction(), address, count);
    }

    public static byte[] writeCoil(int address, boolean on) {
        return words(WRITE_COIL, address, on ? 0xFF00 : 0);
    }

    public static byte[] writeRegister(int address, int value) {
        return words(WRITE_REGISTER, address, value);
    }

    /** @param packed bits, the first in the lowest bit of the first byte */
    public static byte[] writeCoils(int address, int count, byte[] packed) {
        return write(WRITE_COILS, address, count, packed);
    }

    /** @param data two bytes per register, the high one first */
    public static byte[] writeRegisters(int address, byte[] data) {
        return write(WRITE_REGISTERS, address, data.length / 2, data);
    }

    /** Sets a register to {@code (register & and) | (or & ~and)}. */
    public static byte[] maskWrite(int address, int and, int or) {
        byte[] head = words(MASK_WRITE, address, and);
        return new byte[] {head[0], head[1], head[2], head[3], head[4], (byte) (or >> 8), (byte) or};
    }

    private static byte[] words(int function, int first, int second) {
        return new byte[] {(byte) function, (byte) (first >> 8), (byte) first, (byte) (second >> 8), (byte) second};
    }

    private static byte[] write(int function, int address, int count, byte[] data) {
        byte[] pdu = new byte[6 + data.length];
        System.arraycopy(words(function, address, count), 0, pdu, 0, 5);
        pdu[5] = (byte) data.length;
        System.arraycopy(data, 0, pdu, 6, data.length);
        return pdu;
    }

    /** Whether a request reads, so that asking twice does no harm. */
    public static boolean reads(byte[] request) {
        return request[0] >= 1 && request[0] <= 4;
    }

    /** Length of the PDU that answers a request, if it is not an exception. */
    static int answerLength(byte[] request) {
        return switch (request[0]) {
            case 1, 2 -> 2 + (word(request, 3) + 7) / 8;
            case 3, 4 -> 2 + 2 * word(request, 3);
            case MASK_WRITE -> 7;
            default -> 5;
        };
    }

    /**
     * What an answer says: of a read its data, of a write nothing.
     *
     * @throws ExceptionAnswer when the device answers with an exception
     * @throws GarbledException when this is no answer to the request
     */
    static byte[] payload(byte[] request, byte[] answer) throws IOException {
        if (answer.length == 2 && (answer[0] & 0xFF) == (request[0] & 0xFF | 0x80)) {
            throw new ExceptionAnswer(answer[1] & 0xFF);
        }
        if (answer.length != answerLength(request) || answer[0] != request[0]) {
            throw new GarbledException("the answer does not fit the question: function " + (answer[0] & 0xFF) + " with " + answer.length
                    + " bytes, expected function " + request[0] + " with " + answerLength(request));
        }
        if (reads(request)) {
            if ((answer[1] & 0xFF) != answer.length - 2) {
                throw new GarbledException("the answer says it has " + (answer[1] & 0xFF) + " bytes of data, but has " + (answer.length - 2));
            }
            byte[] data = new byte[answer.length - 2];
            System.arraycopy(answer, 2, data, 0, data.length);
            return data;
        }
        // Writes are answered by their head: address and value, address and count, or address and masks.
        for (int i = 1; i < answer.length; i++) {
            if (answer[i] != request[i]) {
                throw new GarbledException("the device confirms another write than the one asked for");
            }
        }
        return new byte[0];
    }

    static int word(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
    }
}
