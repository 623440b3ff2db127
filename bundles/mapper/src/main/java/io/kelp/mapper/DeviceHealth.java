package io.kelp.mapper;

import java.time.Instant;

/**
 * How a device that a mapper drives is doing, at one moment. Counters count from the moment at
 * which the device got its driver.
 *
 * @param device {@code namespace/name}
 * @param protocol of the driver; empty while there is none
 * @param state where the device is in its life
 * @param since when that state began
 * @param lastError last failure as one sentence, also after it is over; empty if there was none
 * @param reads requests to read that were answered
 * @param readErrors requests to read that failed
 * @param writes writes that the device took
 * @param writeErrors writes that failed, were refused or not taken
 * @param reports values handed on
 * @param missedPolls cycles that passed without a request because the device or its bus was busy;
 *     cycles during which the device was unreachable do not count
 * @param outdated values dropped because the device says that they are older than one before
 */
public record DeviceHealth(
        String device,
        String protocol,
        State state,
        Instant since,
        String lastError,
        long reads,
        long readErrors,
        long writes,
        long writeErrors,
        long reports,
        long missedPolls,
        long outdated) {

    /** Where a driven device is in its life. */
    public enum State {
        /** No mapper for it here; something else may drive it over MQTT. */
        UNDRIVEN,
        /** Its model has not arrived yet. */
        NO_MODEL,
        /** Cannot be driven as it is configured; {@code lastError} says why. */
        MISCONFIGURED,
        OPENING,
        ONLINE,
        /** Unreachable; tried again after a pause. */
        OFFLINE,
        /** A call to its driver does not end. */
        HUNG
    }
}
