package io.kelp.devicetwin.internal;

import io.kelp.devicetwin.DeviceTwins.Quality;

/**
 * A twin as a message carries it (device specification, section 3.3, MsgTwin).
 *
 * @param expected expected value, {@code null} when the message leaves this side alone
 * @param actual actual value, {@code null} when the message leaves this side alone
 * @param optional {@code null} when not said
 * @param type {@code metadata.type}, {@code null} when not said
 * @param expectedVersion {@code null} when not said
 * @param actualVersion {@code null} when not said
 * @param measured what a driver knows of the actual value, {@code null} for other messages
 */
record MsgTwin(String expected, String actual, Boolean optional, String type, Version expectedVersion, Version actualVersion, Measured measured) {

    MsgTwin(String expected, String actual, Boolean optional, String type, Version expectedVersion, Version actualVersion) {
        this(expected, actual, optional, type, expectedVersion, actualVersion, null);
    }

    /** A report of one value, as an MQTT client or a driver makes it. */
    static MsgTwin reported(String value) {
        return new MsgTwin(null, value, null, null, null, null);
    }

    /** A reading of a driver; without a value the last one stays. */
    static MsgTwin read(String value, Measured measured) {
        return new MsgTwin(null, value, null, null, null, null, measured);
    }

    /** A wish, as an MQTT client makes it. */
    static MsgTwin wished(String value) {
        return new MsgTwin(value, null, null, null, null, null);
    }

    /**
     * What a driver knows of a value.
     *
     * @param timestampMillis when it was measured, Unix time
     * @param local whether the cloud is not told
     */
    record Measured(long timestampMillis, Quality quality, boolean local) {}

    /** Version of one side of a twin: resourceVersion of the Device object, and count of writes at the edge. */
    record Version(long cloud, long edge) {}
}
