package io.kelp.history.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Numbers as few bytes: variable-length integers of seven bits per byte, the lowest first; signed ones zigzag. */
final class Bytes {

    private Bytes() {}

    /** Grows as it is written. */
    static final class Writer {
        private byte[] bytes = new byte[64];
        private int length;

        int length() {
            return length;
        }

        void octet(int value) {
            if (length == bytes.length) {
                bytes = Arrays.copyOf(bytes, length * 2);
            }
            bytes[length++] = (byte) value;
        }

        void number(long value) {
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                octet((int) rest & 0x7f | 0x80);
                rest >>>= 7;
            }
            octet((int) rest);
        }

        void signed(long value) {
            number(value << 1 ^ value >> 63);
        }

        void text(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            number(utf8.length);
            append(utf8, utf8.length);
        }

        void append(Writer other) {
            append(other.bytes, other.length);
        }

        byte[] toArray() {
            return Arrays.copyOf(bytes, length);
        }

        private void append(byte[] more, int count) {
            if (length + count > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
            }
            System.arraycopy(more, 0, bytes, length, count);
            length += count;
        }
    }

    /** Reads what a writer wrote; whatever else it is given ends in an {@link IOException}. */
    static final class Reader {
        private final byte[] bytes;
        private final int end;
        private int at;

        Reader(byte[] bytes) {
            this(bytes, 0, bytes.length);
        }

        Reader(byte[] bytes, int from, int end) {
            this.bytes = bytes;
            this.at = from;
            this.end = end;
        }

        int position() {
            return at;
        }

        int left() {
            return end - at;
        }

        int octet() throws IOException {
            if (at >= end) {
                throw new IOException("ends too early");
            }
            return bytes[at++] & 0xff;
        }

        long number() throws IOException {
            long value = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                int octet = octet();
                value |= (octet & 0x7fL) << shift;
                if (octet < 0x80) {
                    return value;
                }
            }
            throw new IOException("a number has no end");
        }

        long signed() throws IOException {
            long value = number();
            return value >>> 1 ^ -(value & 1);
        }

        /** A number from {@code least} to {@code most}. */
        int number(int least, int most) throws IOException {
            long value = number();
            if (value < least || value > most) {
                throw new IOException("number " + value + ", can be " + least + " to " + most);
            }
            return (int) value;
        }

        String text() throws IOException {
            long length = number();
            if (length < 0 || length > left()) {
                throw new IOException("a text of " + length + " bytes where " + left() + " are left");
            }
            at += (int) length;
            return new String(bytes, at - (int) length, (int) length, StandardCharsets.UTF_8);
        }
    }
}
