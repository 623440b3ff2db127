package io.kelp.mapper.coap.internal.codec;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * CBOR (RFC 8949) to plain Java values and back: {@link Long}, {@link Double}, {@link Boolean}, {@link String}, {@code byte[]},
 * {@link List}, {@link Map} with keys of text or {@link Long}, and {@code null} for null and undefined.
 *
 * <p>Whole numbers beyond 64 bits become {@link Double}. Of the tags, bignums (2, 3) and decimal fractions and bigfloats (4, 5)
 * are computed, all others are passed over. No memory is set aside for what a length only announces.
 */
public final class Cbor {

    private static final int BREAK = 0xff;
    private static final Object END = new Object();

    private final byte[] data;
    private final Limits limits = new Limits();
    private int at;

    private Cbor(byte[] data) {
        this.data = data;
    }

    /** @throws MalformedPayloadException when it is not exactly one well-formed item within the {@link Limits} */
    public static Object decode(byte[] data) throws MalformedPayloadException {
        Cbor cbor = new Cbor(data);
        Object value = cbor.item(0, false);
        if (cbor.at != data.length) {
            throw new MalformedPayloadException("CBOR with " + (data.length - cbor.at) + " bytes behind its end");
        }
        return value;
    }

    private Object item(int depth, boolean mayEnd) throws MalformedPayloadException {
        Limits.requireDepth(depth);
        limits.count();
        int initial = octet();
        if (initial == BREAK && mayEnd) {
            return END;
        }
        int major = initial >> 5;
        int info = initial & 0x1f;
        if (major == 7) {
            return simple(info);
        }
        boolean open = info == 31;
        if (open && (major < 2 || major == 6)) {
            throw new MalformedPayloadException("CBOR of indefinite length where there is none");
        }
        long argument = open ? -1 : argument(info);
        return switch (major) {
            case 0 -> argument >= 0 ? (Object) argument : (Object) unsigned(argument).doubleValue();
            case 1 -> argument >= 0 ? (Object) (-1 - argument) : (Object) unsigned(argument).negate().subtract(BigInteger.ONE).doubleValue();
            case 2 -> bytes(major, argument, open);
            case 3 -> text(bytes(major, argument, open));
            case 4 -> array(argument, open, depth);
            case 5 -> map(argument, open, depth);
            default -> tagged(argument, depth);
        };
    }

    private int octet() throws MalformedPayloadException {
        if (at >= data.length) {
            throw new MalformedPayloadException("CBOR ends too early");
        }
        return data[at++] & 0xff;
    }

    private long argument(int info) throws MalformedPayloadException {
        if (info < 24) {
            return info;
        }
        if (info > 27) {
            throw new MalformedPayloadException("CBOR with reserved length " + info);
        }
        return big(1 << (info - 24));
    }

    private long big(int octets) throws MalformedPayloadException {
        long value = 0;
        for (int i = 0; i < octets; i++) {
            value = value << 8 | octet();
        }
        return value;
    }

    private static BigInteger unsigned(long bits) {
        return new BigInteger(Long.toUnsignedString(bits));
    }

    private Object simple(int info) throws MalformedPayloadException {
        return switch (info) {
            case 20 -> false;
            case 21 -> true;
            case 22, 23 -> null;
            case 25 -> half((int) big(2));
            case 26 -> (double) Float.intBitsToFloat((int) big(4));
            case 27 -> Double.longBitsToDouble(big(8));
            default -> throw new MalformedPayloadException("CBOR with simple value " + info);
        };
    }

    /** RFC 8949 appendix D. */
    private static double half(int bits) {
        int exponent = bits >> 10 & 0x1f;
        int mantissa = bits & 0x3ff;
        double value = exponent == 0 ? Math.scalb((double) mantissa, -24)
                : exponent != 31 ? Math.scalb((double) (mantissa + 1024), exponent - 25)
                : mantissa == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
        return (bits & 0x8000) == 0 ? value : -value;
    }

    private byte[] bytes(int major, long length, boolean open) throws MalformedPayloadException {
        if (!open) {
            if (length < 0 || length > data.length - at) {
                throw new MalformedPayloadException("CBOR ends too early");
            }
            byte[] part = java.util.Arrays.copyOfRange(data, at, at + (int) length);
            at += (int) length;
            return part;
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int initial = octet(); initial != BREAK; initial = octet()) {
            limits.count();
            if (initial >> 5 != major || (initial & 0x1f) == 31) {
                throw new MalformedPayloadException("CBOR string of pieces of another type");
            }
            all.writeBytes(bytes(major, argument(initial & 0x1f), false));
        }
        return all.toByteArray();
    }

    private static String text(byte[] utf8) throws MalformedPayloadException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedPayloadException("text that is not UTF-8", e);
        }
    }

    private List<Object> array(long length, boolean open, int depth) throws MalformedPayloadException {
        List<Object> list = new ArrayList<>();
        for (long i = 0; open || i < length && length > 0 || length < 0; i++) {
            Object value = item(depth + 1, open);
            if (value == END) {
                break;
            }
            list.add(value);
        }
        return list;
    }

    private Map<Object, Object> map(long length, boolean open, int depth) throws MalformedPayloadException {
        Map<Object, Object> map = new LinkedHashMap<>();
        for (long i = 0; open || i < length && length > 0 || length < 0; i++) {
            Object key = item(depth + 1, open);
            if (key == END) {
                break;
            }
            if (!(key instanceof String || key instanceof Long)) {
                throw new MalformedPayloadException("CBOR map with a key that is neither text nor a whole number");
            }
            if (map.containsKey(key)) {
                throw new MalformedPayloadException("CBOR map with a key twice");
            }
            map.put(key, item(depth + 1, false));
        }
        return map;
    }

    private Object tagged(long tag, int depth) throws MalformedPayloadException {
        Object content = item(depth + 1, false);
        if ((tag == 2 || tag == 3) && content instanceof byte[] magnitude) {
            // 2^1024 is beyond any double, so nothing is lost by looking at no more.
            double number = magnitude.length > 200 ? Double.POSITIVE_INFINITY : new BigInteger(1, magnitude).doubleValue();
            return tag == 2 ? number : -1 - number;
        }
        if ((tag == 4 || tag == 5) && content instanceof List<?> pair && pair.size() == 2
                && pair.get(0) instanceof Long exponent && pair.get(1) instanceof Number mantissa) {
            return tag == 4 ? decimal(mantissa.doubleValue(), exponent)
                    : Math.scalb(mantissa.doubleValue(), (int) Math.max(-2000, Math.min(2000, exponent)));
        }
        return content;
    }

    private static double decimal(double mantissa, long exponent) {
        if (Math.abs(exponent) > 400) {
            return mantissa == 0 || exponent < 0 ? 0 : mantissa * Double.POSITIVE_INFINITY;
        }
        // By way of text, so that 4([-1, 235]) is 23.5 and not a neighbour of it.
        return Double.isFinite(mantissa) && mantissa == Math.rint(mantissa) && Math.abs(mantissa) < 1L << 53
                ? Double.parseDouble((long) mantissa + "e" + exponent) : mantissa * Math.pow(10, exponent);
    }

    /** The shortest form of whole numbers and floats (RFC 8949 §4.2.1); other types are a mistake of the caller. */
    public static byte[] encode(Object value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out, value);
        return out.toByteArray();
    }

    private static void write(ByteArrayOutputStream out, Object value) {
        if (value == null) {
            out.write(0xf6);
        } else if (value instanceof Boolean flag) {
            out.write(flag ? 0xf5 : 0xf4);
        } else if (value instanceof Double d) {
            real(out, d);
        } else if (value instanceof Number n) {
            head(out, n.longValue() < 0 ? 1 : 0, n.longValue() < 0 ? -1 - n.longValue() : n.longValue());
        } else if (value instanceof String s) {
            byte[] utf8 = s.getBytes(StandardCharsets.UTF_8);
            head(out, 3, utf8.length);
            out.writeBytes(utf8);
        } else if (value instanceof byte[] b) {
            head(out, 2, b.length);
            out.writeBytes(b);
        } else if (value instanceof List<?> list) {
            head(out, 4, list.size());
            list.forEach(item -> write(out, item));
        } else if (value instanceof Map<?, ?> map) {
            head(out, 5, map.size());
            map.forEach((k, v) -> {
                write(out, k);
                write(out, v);
            });
        } else {
            throw new IllegalArgumentException("no CBOR for " + value.getClass());
        }
    }

    private static void real(ByteArrayOutputStream out, double value) {
        if ((float) value == value || Double.isNaN(value)) {
            out.write(0xfa);
            big(out, Float.floatToIntBits((float) value), 4);
        } else {
            out.write(0xfb);
            big(out, Double.doubleToLongBits(value), 8);
        }
    }

    private static void head(ByteArrayOutputStream out, int major, long argument) {
        if (argument < 24) {
            out.write(major << 5 | (int) argument);
            return;
        }
        int power = argument < 1 << 8 ? 0 : argument < 1 << 16 ? 1 : argument < 1L << 32 ? 2 : 3;
        out.write(major << 5 | 24 + power);
        big(out, argument, 1 << power);
    }

    private static void big(ByteArrayOutputStream out, long value, int octets) {
        for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8) {
            out.write((int) (value >>> shift));
        }
    }
}
