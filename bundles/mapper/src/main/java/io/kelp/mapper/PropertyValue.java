package io.kelp.mapper;

import java.util.Arrays;
import java.util.Objects;

/** A value of a property, in the form in which a driver has it. */
public sealed interface PropertyValue {

    record Whole(long value) implements PropertyValue {}

    record Real(double value) implements PropertyValue {}

    record Flag(boolean value) implements PropertyValue {}

    record Text(String value) implements PropertyValue {
        public Text {
            Objects.requireNonNull(value, "value");
        }
    }

    /** Bytes; copied neither in nor out, so nobody changes them afterwards. */
    record Bytes(byte[] value) implements PropertyValue {
        public Bytes {
            Objects.requireNonNull(value, "value");
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Bytes b && Arrays.equals(value, b.value);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(value);
        }

        @Override
        public String toString() {
            return value.length + " bytes";
        }
    }

    static PropertyValue of(long value) {
        return new Whole(value);
    }

    static PropertyValue of(double value) {
        return new Real(value);
    }

    static PropertyValue of(boolean value) {
        return new Flag(value);
    }

    static PropertyValue of(String value) {
        return new Text(value);
    }

    static PropertyValue of(byte[] value) {
        return new Bytes(value);
    }

    /**
     * As a whole number; a fraction is rounded to the nearest, half up.
     *
     * @throws IllegalArgumentException when the value is no number, or none that fits 64 bits
     */
    default long asWhole() {
        return ((Whole) PropertyType.INT.convert(this)).value();
    }

    /** As a number. @throws IllegalArgumentException when it is none */
    default double asReal() {
        return ((Real) PropertyType.DOUBLE.convert(this)).value();
    }

    /** As yes or no. @throws IllegalArgumentException when it is neither */
    default boolean asFlag() {
        return ((Flag) PropertyType.BOOLEAN.convert(this)).value();
    }

    /** As text: numbers without exponent, {@code true} or {@code false}, bytes in Base64. */
    default String asText() {
        return ((Text) PropertyType.STRING.convert(this)).value();
    }

    /** As bytes; text is taken as Base64. @throws IllegalArgumentException when it is not */
    default byte[] asBytes() {
        return ((Bytes) PropertyType.BYTES.convert(this)).value();
    }
}
