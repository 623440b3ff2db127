package io.kelp.mapper.mqtt.internal.sparkplug;

import io.kelp.mapper.PropertyType;
import io.kelp.mapper.PropertyValue;
import java.util.Locale;

/** Types of metrics (Sparkplug 3.0, section 6.4.16, enumeration DataType); the ordinal is the number on the wire. */
public enum DataType {
    UNKNOWN, INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, FLOAT, DOUBLE, BOOLEAN, STRING, DATETIME, TEXT, UUID, DATASET, BYTES, FILE,
    TEMPLATE, PROPERTYSET, PROPERTYSETLIST, INT8ARRAY, INT16ARRAY, INT32ARRAY, INT64ARRAY, UINT8ARRAY, UINT16ARRAY, UINT32ARRAY, UINT64ARRAY,
    FLOATARRAY, DOUBLEARRAY, BOOLEANARRAY, STRINGARRAY, DATETIMEARRAY;

    private static final DataType[] ALL = values();

    static DataType of(long number) {
        return number >= 0 && number < ALL.length ? ALL[(int) number] : UNKNOWN;
    }

    /** The type in which a property of a model is published. */
    static DataType of(PropertyType type) {
        return switch (type) {
            case INT -> INT64;
            case FLOAT -> FLOAT;
            case DOUBLE -> DOUBLE;
            case BOOLEAN -> BOOLEAN;
            case BYTES -> BYTES;
            case STRING, STREAM -> STRING;
        };
    }

    PropertyType propertyType() {
        return switch (this) {
            case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64, DATETIME -> PropertyType.INT;
            case FLOAT -> PropertyType.FLOAT;
            case DOUBLE -> PropertyType.DOUBLE;
            case BOOLEAN -> PropertyType.BOOLEAN;
            case UNKNOWN, STRING, TEXT, UUID, DATASET, TEMPLATE, PROPERTYSET, PROPERTYSETLIST -> PropertyType.STRING;
            default -> PropertyType.BYTES;
        };
    }

    /**
     * The value of a metric.
     *
     * @param raw as it stood in the field: Long, Float, Double, Boolean, String or byte[]
     * @throws IllegalArgumentException when it does not fit this type, is no finite number, or nothing is made of this type
     */
    PropertyValue value(Object raw) {
        if (raw instanceof Long bits) {
            return whole(bits);
        }
        if (raw instanceof Float number) {
            return real(Float.isFinite(number) ? Double.parseDouble(Float.toString(number)) : number);
        }
        if (raw instanceof Double number) {
            return real(number);
        }
        if (raw instanceof Boolean flag) {
            return PropertyValue.of(flag);
        }
        if (raw instanceof String text) {
            return PropertyValue.of(text);
        }
        if (raw instanceof byte[] bytes) {
            return PropertyValue.of(bytes);
        }
        throw new IllegalArgumentException("metrics of type " + name().toLowerCase(Locale.ROOT) + " are not understood");
    }

    /** Small types come as two's complement of 32 bits, some senders cut it to their width, and some use the field of 64 bits. */
    private PropertyValue whole(long bits) {
        return switch (this) {
            case INT8 -> PropertyValue.of((byte) bits);
            case INT16 -> PropertyValue.of((short) bits);
            case INT32 -> PropertyValue.of((int) bits);
            case UINT8 -> PropertyValue.of(bits & 0xFF);
            case UINT16 -> PropertyValue.of(bits & 0xFFFF);
            case UINT32 -> PropertyValue.of(bits & 0xFFFF_FFFFL);
            case UINT64 -> bits < 0 ? PropertyValue.of(Long.toUnsignedString(bits)) : PropertyValue.of(bits);
            case BOOLEAN -> PropertyValue.of(bits != 0);
            default -> PropertyValue.of(bits);
        };
    }

    private static PropertyValue real(double number) {
        if (!Double.isFinite(number)) {
            throw new IllegalArgumentException(number + " is no number");
        }
        return PropertyValue.of(number);
    }

    /**
     * What stands in the field for a value.
     *
     * @throws IllegalArgumentException when the value does not fit this type
     */
    Object raw(PropertyValue value) {
        return switch (this) {
            case INT8 -> within(value, Byte.MIN_VALUE, Byte.MAX_VALUE) & 0xFFFF_FFFFL;
            case INT16 -> within(value, Short.MIN_VALUE, Short.MAX_VALUE) & 0xFFFF_FFFFL;
            case INT32 -> within(value, Integer.MIN_VALUE, Integer.MAX_VALUE) & 0xFFFF_FFFFL;
            case UINT8 -> within(value, 0, 0xFF);
            case UINT16 -> within(value, 0, 0xFFFF);
            case UINT32 -> within(value, 0, 0xFFFF_FFFFL);
            case INT64 -> value.asWhole();
            case UINT64, DATETIME -> within(value, 0, Long.MAX_VALUE);
            case FLOAT -> (float) value.asReal();
            case DOUBLE -> value.asReal();
            case BOOLEAN -> value.asFlag();
            case STRING, TEXT, UUID, UNKNOWN -> value.asText();
            case BYTES, FILE -> value.asBytes();
            default -> throw new IllegalArgumentException("metrics of type " + name().toLowerCase(Locale.ROOT) + " cannot be set");
        };
    }

    private long within(PropertyValue value, long least, long most) {
        long number = value.asWhole();
        if (number < least || number > most) {
            throw new IllegalArgumentException(number + " does not fit " + name().toLowerCase(Locale.ROOT) + ", which holds " + least + " to " + most);
        }
        return number;
    }

    /** Whether whole numbers of this type stand in the field of 64 bits. */
    boolean wide() {
        return this == INT64 || this == UINT64 || this == DATETIME || this == UINT32;
    }
}
