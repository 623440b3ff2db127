package io.kelp.devicetwin.internal;

/**
 * The twin of one property (device specification, sections 3.3 and 3.6).
 *
 * @param type type of the values; {@link #DELETED} marks a twin that is only kept for its versions
 * @param optional whether an MQTT client may delete it; false for what the cloud has made
 * @param expected what the property should be
 * @param actual what it is
 * @param cloudValue desired value that was last taken over from the cloud, {@code null} when none was.
 *     It differs from {@code expected} after a local override and tells a new wish of the cloud from a repeated one.
 */
record TwinState(String type, boolean optional, TwinSide expected, TwinSide actual, String cloudValue) {

    static final String DELETED = "deleted";
    static final String DEFAULT_TYPE = "string";

    boolean isDeleted() {
        return DELETED.equals(type);
    }

    TwinState withExpected(TwinSide side) {
        return new TwinState(type, optional, side, actual, cloudValue);
    }

    TwinState withActual(TwinSide side) {
        return new TwinState(type, optional, expected, side, cloudValue);
    }

    TwinState withCloudValue(String value) {
        return new TwinState(type, optional, expected, actual, value);
    }

    TwinState withType(String newType, boolean newOptional) {
        return new TwinState(newType, newOptional, expected, actual, cloudValue);
    }

    TwinState deleted() {
        return new TwinState(DELETED, optional, expected.deleted(), actual.deleted(), null);
    }

    /**
     * An empty value reads back as none after a start or a refused request (section 3.6, last line;
     * recorded with the stock edge).
     */
    TwinState withoutEmptyValues() {
        return new TwinState(type, optional, expected.withoutEmptyValue(), actual.withoutEmptyValue(), cloudValue);
    }

    /** Whether the part that must survive a power cut is the same: all but the reported value. */
    boolean sameDesired(TwinState other) {
        return other != null && type.equals(other.type) && optional == other.optional
                && expected.equals(other.expected) && java.util.Objects.equals(cloudValue, other.cloudValue);
    }
}
