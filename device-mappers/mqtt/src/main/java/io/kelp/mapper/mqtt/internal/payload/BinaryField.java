package io.kelp.mapper.mqtt.internal.payload;

import io.kelp.mapper.PropertyValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A value in a binary payload.
 *
 * @param type of the value on the wire
 * @param order of its bytes
 * @param offset of its first byte in the payload
 * @param length in bytes, for {@link Type#TEXT} and {@link Type#BYTES}; 0 for all that follow
 * @param bit number of one bit of the value, 0 is the lowest; -1 for the value itself
 */
public record BinaryField(Type type, ByteOrder order, int offset, int length, int bit) {

    /** Types on the wire. */
    public enum Type {
        INT8(1), UINT8(1), INT16(2), UINT16(2), INT32(4), UINT32(4), INT64(8), UINT64(8), FLOAT32(4), FLOAT64(8), TEXT(0), BYTES(0);

        private final int size;

        Type(int size) {
            this.size = size;
        }

        /** Bytes that a value takes; 0 when that depends. */
        public int size() {
            return size;
        }

        boolean whole() {
            return ordinal() <= UINT64.ordinal();
        }
    }

    /** @throws MalformedPayloadException when the payload is too short, or its value has no place in 64 signed bits */
    public PropertyValue read(byte[] payload) throws MalformedPayloadException {
        int size = type.size() > 0 ? type.size() : length > 0 ? length : Math.max(0, payload.length - offset);
        if (payload.length - offset < size) {
            throw new MalformedPayloadException("the message has " + payload.length + " bytes, but the value stands at byte " + offset
                    + " and takes " + size);
        }
        if (type == Type.BYTES) {
            return PropertyValue.of(Arrays.copyOfRange(payload, offset, offset + size));
        }
        if (type == Type.TEXT) {
            String text = new String(payload, offset, size, StandardCharsets.UTF_8);
            int end = text.indexOf('\0'); // shorter texts are filled up with zeros
            return PropertyValue.of(end < 0 ? text : text.substring(0, end));
        }
        ByteBuffer buffer = ByteBuffer.wrap(payload, offset, size).order(order);
        if (type == Type.FLOAT32) {
            return PropertyValue.of(shortest(buffer.getFloat()));
        }
        if (type == Type.FLOAT64) {
            return PropertyValue.of(buffer.getDouble());
        }
        long value = whole(buffer);
        if (bit >= 0) {
            return PropertyValue.of((value >>> bit & 1) == 1);
        }
        if (type == Type.UINT64 && value < 0) {
            throw new MalformedPayloadException(Long.toUnsignedString(value) + " is more than 64 bits with sign hold");
        }
        return PropertyValue.of(value);
    }

    private long whole(ByteBuffer buffer) {
        return switch (type) {
            case INT8 -> buffer.get();
            case UINT8 -> buffer.get() & 0xFF;
            case INT16 -> buffer.getShort();
            case UINT16 -> buffer.getShort() & 0xFFFF;
            case INT32 -> buffer.getInt();
            case UINT32 -> buffer.getInt() & 0xFFFF_FFFFL;
            default -> buffer.getLong();
        };
    }

    /** The number that a person would write for it: 0.1 and not 0.10000000149011612. */
    private static double shortest(float value) {
        return Float.isFinite(value) ? Double.parseDouble(Float.toString(value)) : value;
    }

    /**
     * A payload of this value, zeros before it.
     *
     * @throws IllegalArgumentException when the value does not fit the type
     */
    public byte[] write(PropertyValue value) {
        if (type == Type.BYTES || type == Type.TEXT) {
            byte[] content = type == Type.BYTES ? value.asBytes() : value.asText().getBytes(StandardCharsets.UTF_8);
            if (length > 0 && content.length > length) {
                throw new IllegalArgumentException(content.length + " bytes do not fit into " + length);
            }
            byte[] payload = new byte[offset + (length > 0 ? length : content.length)];
            System.arraycopy(content, 0, payload, offset, content.length);
            return payload;
        }
        byte[] payload = new byte[offset + type.size()];
        ByteBuffer buffer = ByteBuffer.wrap(payload, offset, type.size()).order(order);
        if (type == Type.FLOAT32) {
            buffer.putFloat((float) value.asReal());
        } else if (type == Type.FLOAT64) {
            buffer.putDouble(value.asReal());
        } else {
            long number = bit >= 0 ? (value.asFlag() ? 1L << bit : 0) : within(value.asWhole());
            switch (type.size()) {
                case 1 -> buffer.put((byte) number);
                case 2 -> buffer.putShort((short) number);
                case 4 -> buffer.putInt((int) number);
                default -> buffer.putLong(number);
            }
        }
        return payload;
    }

    private long within(long number) {
        int bits = type.size() * 8;
        boolean signed = type.name().startsWith("I");
        long least = signed ? -1L << bits - 1 : 0;
        long most = bits == 64 ? Long.MAX_VALUE : signed ? (1L << bits - 1) - 1 : (1L << bits) - 1;
        if (number < least || number > most) {
            throw new IllegalArgumentException(number + " does not fit " + type.name().toLowerCase(java.util.Locale.ROOT)
                    + ", which holds " + least + " to " + most);
        }
        return number;
    }
}
