package io.kelp.history.internal;

import java.io.IOException;

/**
 * A column of numbers as bytes, exactly.
 *
 * <p>What sensors say has few decimals, so a column is written as integers in units of a power of
 * ten where that is exact, each as the difference to the one before it. What has no such unit is
 * written as the bits in which each number differs from the one before it, without the bytes that
 * are zero at either end.
 */
final class Column {

    private static final int MOST_DECIMALS = 9;
    private static final double[] UNITS = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    private static final double EXACT = 1L << 53;
    private static final int BITS = 15; // form: differences in bits
    private static final int CONSTANT = 16; // flag: all are like the first

    private Column() {}

    static void write(Bytes.Writer out, double[] values, int size) {
        int decimals = decimals(values, size);
        boolean constant = true;
        for (int i = 1; i < size && constant; i++) {
            constant = Double.doubleToRawLongBits(values[i]) == Double.doubleToRawLongBits(values[0]);
        }
        out.octet((decimals < 0 ? BITS : decimals) | (constant ? CONSTANT : 0));
        int written = constant ? Math.min(1, size) : size;
        long last = 0;
        for (int i = 0; i < written; i++) {
            if (decimals < 0) {
                long bits = Double.doubleToRawLongBits(values[i]);
                writeBits(out, bits ^ last);
                last = bits;
            } else {
                long units = Math.round(values[i] * UNITS[decimals]);
                out.signed(units - last);
                last = units;
            }
        }
    }

    static double[] read(Bytes.Reader in, int size) throws IOException {
        int form = in.octet();
        int decimals = form & 15;
        if (form > (CONSTANT | BITS) || decimals > MOST_DECIMALS && decimals != BITS) {
            throw new IOException("form of column " + form);
        }
        double[] values = new double[size];
        boolean constant = (form & CONSTANT) != 0;
        long last = 0;
        for (int i = 0; i < size; i++) {
            if (i > 0 && constant) {
                values[i] = values[0];
            } else if (decimals == BITS) {
                last ^= readBits(in);
                values[i] = Double.longBitsToDouble(last);
            } else {
                last += in.signed();
                values[i] = last / UNITS[decimals];
            }
            if (!Double.isFinite(values[i])) {
                throw new IOException("not a finite number");
            }
        }
        return values;
    }

    /** Fewest decimals that say all values exactly, -1: none do. */
    private static int decimals(double[] values, int size) {
        int decimals = 0;
        for (int i = 0; i < size; i++) {
            while (!isExact(values[i], decimals)) {
                if (++decimals > MOST_DECIMALS) {
                    return -1;
                }
            }
        }
        // What needed few decimals may be too large in the smaller unit of another.
        for (int i = 0; i < size; i++) {
            if (!isExact(values[i], decimals)) {
                return -1;
            }
        }
        return decimals;
    }

    private static boolean isExact(double value, int decimals) {
        double units = value * UNITS[decimals];
        return Math.abs(units) < EXACT
                && Double.doubleToRawLongBits(Math.round(units) / UNITS[decimals]) == Double.doubleToRawLongBits(value);
    }

    private static void writeBits(Bytes.Writer out, long bits) {
        int high = Long.numberOfLeadingZeros(bits) / 8;
        int low = bits == 0 ? 0 : Long.numberOfTrailingZeros(bits) / 8;
        int bytes = 8 - high - low;
        out.octet(low << 4 | bytes);
        for (int i = 0; i < bytes; i++) {
            out.octet((int) (bits >>> (low + i) * 8));
        }
    }

    private static long readBits(Bytes.Reader in) throws IOException {
        int form = in.octet();
        int low = form >> 4;
        int bytes = form & 15;
        if (low + bytes > 8) {
            throw new IOException("form of bits " + form);
        }
        long bits = 0;
        for (int i = 0; i < bytes; i++) {
            bits |= (long) in.octet() << (low + i) * 8;
        }
        return bits;
    }
}
