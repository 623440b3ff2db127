package io.kelp.mapper;

import java.util.Objects;

/**
 * A value as read from a device.
 *
 * @param value the value; {@code null} exactly when the quality is {@link Quality#BAD}
 * @param quality how far it can be believed
 * @param timestampMillis when the device measured it, in milliseconds of Unix time; 0 when the device does not say
 * @param reason why the quality is not good, one sentence; otherwise empty
 */
public record Reading(PropertyValue value, Quality quality, long timestampMillis, String reason) {

    /** How far a reading can be believed (the three levels of OPC UA part 4, 7.39). */
    public enum Quality {
        GOOD,
        /** Usable with care: substituted, out of calibration, older than it should be. Reported. */
        UNCERTAIN,
        /** No value. Not reported; the value reported last stays. */
        BAD
    }

    public Reading {
        Objects.requireNonNull(quality, "quality");
        Objects.requireNonNull(reason, "reason");
        if ((value == null) != (quality == Quality.BAD)) {
            throw new IllegalArgumentException("a reading has a value if and only if it is not BAD");
        }
    }

    public static Reading of(PropertyValue value) {
        return new Reading(value, Quality.GOOD, 0, "");
    }

    public static Reading of(long value) {
        return of(PropertyValue.of(value));
    }

    public static Reading of(double value) {
        return of(PropertyValue.of(value));
    }

    public static Reading of(boolean value) {
        return of(PropertyValue.of(value));
    }

    public static Reading of(String value) {
        return of(PropertyValue.of(value));
    }

    public static Reading of(byte[] value) {
        return of(PropertyValue.of(value));
    }

    /** The device answers, but has no value for this property. */
    public static Reading bad(String reason) {
        return new Reading(null, Quality.BAD, 0, reason);
    }

    /** The same value, usable with care. */
    public Reading uncertain(String why) {
        return new Reading(value, Quality.UNCERTAIN, timestampMillis, why);
    }

    /** The same value with the time at which the device measured it. */
    public Reading at(long unixMillis) {
        return new Reading(value, quality, unixMillis, reason);
    }
}
