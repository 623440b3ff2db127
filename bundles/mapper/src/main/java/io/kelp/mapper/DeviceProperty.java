package io.kelp.mapper;

import java.time.Duration;
import java.util.Objects;

/**
 * A property of a device.
 *
 * @param name of the property
 * @param type of its values
 * @param access whether desired values may be written to it
 * @param minimum lower bound of written numbers, included; {@code null} for none
 * @param maximum upper bound of written numbers, included; {@code null} for none
 * @param unit as in the model, empty for none
 * @param collectCycle how often it is read; {@link Duration#ZERO} for never
 * @param reportCycle at most once in this time it is reported; {@link Duration#ZERO} for at each change
 * @param visitor how the property is found in the device ({@code visitors.configData} of the
 *     device over that of the model; of {@code v1alpha2}: the visitor's section as a flat map)
 */
public record DeviceProperty(
        String name,
        PropertyType type,
        AccessMode access,
        Double minimum,
        Double maximum,
        String unit,
        Duration collectCycle,
        Duration reportCycle,
        Settings visitor) {

    /** Whether a property may be written, by the model's {@code accessMode}. */
    public enum AccessMode { READ_WRITE, READ_ONLY }

    public DeviceProperty {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(access, "access");
        Objects.requireNonNull(unit, "unit");
        Objects.requireNonNull(collectCycle, "collectCycle");
        Objects.requireNonNull(reportCycle, "reportCycle");
        Objects.requireNonNull(visitor, "visitor");
    }

    public boolean writable() {
        return access == AccessMode.READ_WRITE;
    }

    /**
     * A desired value, checked as the model demands.
     *
     * @throws IllegalArgumentException with a sentence that names value and what is allowed: access, type or bounds
     */
    public PropertyValue checked(String text) {
        if (!writable()) {
            throw new IllegalArgumentException("property " + name + " is read-only, so it cannot be set to " + quoted(text));
        }
        PropertyValue value;
        try {
            value = type.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("property " + name + " cannot be set: " + e.getMessage(), e);
        }
        if (type.numeric()) {
            requireWithinBounds(value.asReal(), text);
        }
        return value;
    }

    private void requireWithinBounds(double number, String text) {
        boolean low = minimum != null && number < minimum;
        boolean high = maximum != null && number > maximum;
        if (low || high) {
            throw new IllegalArgumentException("property " + name + " cannot be set to " + text + ": allowed is "
                    + (minimum == null ? "at most " + plain(maximum)
                            : maximum == null ? "at least " + plain(minimum) : plain(minimum) + " to " + plain(maximum))
                    + (unit.isEmpty() ? "" : " " + unit));
        }
    }

    private static String plain(double number) {
        return PropertyType.DOUBLE.format(PropertyValue.of(number)).replaceFirst("\\.0$", "");
    }

    private static String quoted(String text) {
        return '"' + text + '"';
    }
}
