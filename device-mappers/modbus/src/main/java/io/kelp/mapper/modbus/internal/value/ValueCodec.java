package io.kelp.mapper.modbus.internal.value;

import io.kelp.mapper.PropertyValue;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Turns the registers or packed bits of one property into its value and back. Immutable.
 *
 * @param type what lies there
 * @param order in which it lies there
 * @param scaling of numbers
 * @param cut whether scaled values lose their fraction, as in the stock mapper
 * @param words for a bit of a property of texts; {@code null} where a bit is true or false
 */
public record ValueCodec(DataType type, WordOrder order, Scaling scaling, boolean cut, BitWords words) {

    /**
     * @param raw as the device has it; is changed
     * @throws IllegalArgumentException with a sentence, when this is no value
     */
    public PropertyValue decode(byte[] raw) {
        byte[] data = order.apply(raw);
        return switch (type) {
            case BOOL -> bit(anySet(data));
            case STRING -> PropertyValue.of(text(data));
            case BYTES -> PropertyValue.of(data);
            case FLOAT32 -> real(floating((int) unsigned(data)));
            case FLOAT64 -> real(Double.longBitsToDouble(unsigned(data)));
            case INT16, INT32, INT64 -> whole(signed(data));
            case UINT16, UINT32, UINT64, UNSIGNED -> {
                long bits = unsigned(data);
                yield data.length == Long.BYTES && bits < 0 ? huge(bits) : whole(bits);
            }
        };
    }

    /** A single bit. */
    public PropertyValue bit(boolean on) {
        return words == null ? PropertyValue.of(on) : PropertyValue.of(words.word(on));
    }

    /** @throws IllegalArgumentException when the value is neither on nor off */
    public boolean bit(PropertyValue value) {
        return BitWords.parse(value, words);
    }

    /**
     * @param length in bytes
     * @return as the device is to have it
     * @throws IllegalArgumentException with a sentence, when the value does not fit
     */
    public byte[] encode(PropertyValue value, int length) {
        byte[] data = switch (type) {
            case BOOL -> bytes(bit(value) ? 1 : 0, length);
            case STRING -> padded(value.asText().getBytes(StandardCharsets.UTF_8), length);
            case BYTES -> exactly(value.asBytes(), length);
            case FLOAT32 -> bytes(Float.floatToRawIntBits(float32(value)), length);
            case FLOAT64 -> bytes(Double.doubleToRawLongBits(scaling.none() ? value.asReal() : scaling.raw(value.asReal())), length);
            case INT16, INT32, INT64 -> integer(value, length, true);
            case UINT16, UINT32, UINT64, UNSIGNED -> integer(value, length, false);
        };
        return order.apply(data);
    }

    private PropertyValue whole(long raw) {
        return scaling.none() ? PropertyValue.of(raw) : scaled(Math.abs(raw) < 1L << 53 ? scaling.value(raw)
                : scaling.value(BigDecimal.valueOf(raw).doubleValue()));
    }

    /** Beyond 63 bits. */
    private PropertyValue huge(long bits) {
        String digits = Long.toUnsignedString(bits);
        return scaling.none() ? PropertyValue.of(digits) : scaled(scaling.value(Double.parseDouble(digits)));
    }

    private PropertyValue real(double raw) {
        if (!Double.isFinite(raw)) {
            throw new IllegalArgumentException("the device says " + (Double.isNaN(raw) ? "NaN (no number)" : "infinity"));
        }
        return scaling.none() ? PropertyValue.of(raw) : scaled(scaling.value(raw));
    }

    private PropertyValue scaled(double value) {
        return PropertyValue.of(cut ? value < 0 ? Math.ceil(value) : Math.floor(value) : value);
    }

    /** The double that is written as the float is, so that 12.3 stays 12.3 in a property of 64 bits. */
    private static double floating(int bits) {
        float number = Float.intBitsToFloat(bits);
        return number == Math.rint(number) || !Float.isFinite(number) ? number : Double.parseDouble(Float.toString(number));
    }

    private float float32(PropertyValue value) {
        double raw = scaling.none() ? value.asReal() : scaling.raw(value.asReal());
        float number = (float) raw;
        if (!Float.isFinite(number)) {
            throw new IllegalArgumentException(raw + " is beyond a floating point number of 32 bits");
        }
        return number;
    }

    private byte[] integer(PropertyValue value, int length, boolean signed) {
        int bits = Math.min(Long.SIZE, 8 * length);
        BigInteger raw = rawInteger(value);
        BigInteger least = signed ? BigInteger.ONE.shiftLeft(bits - 1).negate() : BigInteger.ZERO;
        BigInteger most = BigInteger.ONE.shiftLeft(signed ? bits - 1 : bits).subtract(BigInteger.ONE);
        if (raw.compareTo(least) < 0 || raw.compareTo(most) > 0) {
            throw new IllegalArgumentException("the device would have to store " + raw + ", but it has room for " + least + " to " + most);
        }
        return bytes(raw.longValue(), length);
    }

    private BigInteger rawInteger(PropertyValue value) {
        if (scaling.none() && value instanceof PropertyValue.Whole whole) {
            return BigInteger.valueOf(whole.value());
        }
        if (scaling.none() && value instanceof PropertyValue.Text text && text.value().trim().matches("[+-]?\\d{1,20}")) {
            return new BigInteger(text.value().trim());
        }
        double raw = scaling.none() ? value.asReal() : scaling.raw(value.asReal());
        return BigDecimal.valueOf(raw).setScale(0, java.math.RoundingMode.HALF_UP).toBigInteger();
    }

    private static byte[] bytes(long value, int length) {
        byte[] data = new byte[length];
        for (int i = 0; i < Math.min(length, Long.BYTES); i++) {
            data[length - 1 - i] = (byte) (value >> 8 * i);
        }
        return data;
    }

    private static long unsigned(byte[] data) {
        long value = 0;
        for (byte b : data) {
            value = value << 8 | b & 0xFF;
        }
        return value;
    }

    private static long signed(byte[] data) {
        int spare = Long.SIZE - 8 * data.length;
        return unsigned(data) << spare >> spare;
    }

    private static boolean anySet(byte[] data) {
        for (byte b : data) {
            if (b != 0) {
                return true;
            }
        }
        return false;
    }

    private static String text(byte[] data) {
        int end = 0;
        while (end < data.length && data[end] != 0) {
            end++;
        }
        while (end > 0 && data[end - 1] == ' ') {
            end--;
        }
        return new String(data, 0, end, StandardCharsets.UTF_8);
    }

    private static byte[] padded(byte[] text, int length) {
        if (text.length > length) {
            throw new IllegalArgumentException("the text takes " + text.length + " bytes, the device has room for " + length);
        }
        return Arrays.copyOf(text, length);
    }

    private static byte[] exactly(byte[] bytes, int length) {
        if (bytes.length != length) {
            throw new IllegalArgumentException("these are " + bytes.length + " bytes, the device has exactly " + length);
        }
        return bytes.clone();
    }
}
