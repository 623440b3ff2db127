package io.kelp.devicetwin;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The twins of the devices at this gateway: desired and reported value of each property, whichever
 * generation of the device API they come from.
 *
 * <p>Safe for use by several threads. No method blocks; devices are immutable snapshots.
 */
@ProviderType
public interface DeviceTwins {

    /** All devices, in the order of namespace and name. */
    List<Device> devices();

    Optional<Device> device(DeviceId id);

    /**
     * Calls the listener for each device that is there now and for each change after it, serially.
     * Close to end it.
     */
    AutoCloseable watch(DeviceListener listener);

    /**
     * Takes what a driver has read or the device has sent. Goes to MQTT and to the cloud as far as
     * it changed something; the newest value per property wins.
     *
     * @param values property name → value as text
     * @return completes when the values survive the end of the process; fails with
     *     {@link IllegalArgumentException} when the device is unknown or a name, value or type cannot be, and
     *     with {@link java.util.concurrent.RejectedExecutionException} when more is waiting than fits
     */
    CompletionStage<Void> report(DeviceId id, Map<String, String> values);

    /**
     * Takes what a driver has read, with what it knows about it. As {@link #report} otherwise, but that an unchanged
     * value measured anew counts as a change: how often to report is for the caller to decide.
     *
     * @param readings property name → reading
     */
    CompletionStage<Void> reportReadings(DeviceId id, Map<String, Reading> readings);

    /**
     * Notes that a desired value was not taken, so that it shows in the cloud's twin; the next
     * report of a driver about the property's desired value replaces it.
     *
     * @param property name
     * @param sentence why not, cut after 512 characters; empty when all is well again
     * @return as {@link #report}
     */
    CompletionStage<Void> reportError(DeviceId id, String property, String sentence);

    /**
     * Calls the listener for each reported value, whoever reported it (drivers, MQTT clients), serially; begins with what comes
     * next. Close to end it.
     */
    AutoCloseable watchReports(ReportListener listener);

    /** Takes the state of a device, for example {@code online} or {@code offline}; completes like {@link #report}. */
    CompletionStage<Void> reportState(DeviceId id, String state);

    /**
     * Sets a desired value from this side ({@code kelp device set}, an application on MQTT). The
     * next change by the cloud overrides it.
     *
     * @return completes when the value survives a power cut; fails with {@link IllegalArgumentException}
     *     that says what is wrong with device, property or value
     */
    CompletionStage<Void> setDesired(DeviceId id, String property, String value);

    /** Name of a device; the namespace is never empty. */
    record DeviceId(String namespace, String name) {
        // Written out: what a record makes by itself goes through method handles, which without an optimising compiler are slow.
        @Override
        public boolean equals(Object other) {
            return this == other || other instanceof DeviceId id && name.equals(id.name) && namespace.equals(id.namespace);
        }

        @Override
        public int hashCode() {
            return 31 * namespace.hashCode() + name.hashCode();
        }

        @Override
        public String toString() {
            return namespace + "/" + name;
        }
    }

    /** Generation of the device API that an object was written in (device specification, section 0). */
    enum Generation { CLASSIC, MODERN }

    /**
     * A device at one moment.
     *
     * @param generation classic ({@code v1alpha2} content) or modern ({@code v1beta1} content)
     * @param object the Device object of the cloud; {@code null} for a device that only a membership message made known
     * @param model its DeviceModel object; {@code null} while it is not here
     * @param state as reported last, empty if never
     * @param twins property name → twin, in the order of the object
     */
    record Device(DeviceId id, Generation generation, JsonObject object, JsonObject model, String state, Map<String, Twin> twins) {}

    /**
     * The twin of one property.
     *
     * @param type type of the value as MQTT clients see it, for example {@code string}
     * @param desired what it should be; {@code null} when nobody has said
     * @param reported what it is; {@code null} when nobody has said
     * @param error why the desired value was not taken, one sentence; empty when there is nothing to say
     */
    record Twin(String type, Value desired, Value reported, String error) {

        /** A twin without error. */
        public Twin(String type, Value desired, Value reported) {
            this(type, desired, reported, "");
        }
    }

    /**
     * A value and when it was set or measured, in milliseconds of Unix time.
     *
     * @param quality of a reported value; with {@link Quality#BAD} it is the last one before, and the time that of the failure
     */
    record Value(String text, long timestampMillis, Quality quality) {

        /** A good value. */
        public Value(String text, long timestampMillis) {
            this(text, timestampMillis, Quality.GOOD);
        }
    }

    /**
     * A value that was read.
     *
     * @param text the value; {@code null} when there is none, with quality {@link Quality#BAD}
     * @param timestampMillis when it was measured, in milliseconds of Unix time; 0 for now
     * @param quality how far it can be believed
     * @param toCloud whether the cloud is told ({@code reportToCloud} of the property)
     */
    record Reading(String text, long timestampMillis, Quality quality, boolean toCloud) {}

    /** How far a value can be believed (the three levels of OPC UA part 4, 7.39). */
    enum Quality { GOOD, UNCERTAIN, BAD }

    /** Told of devices; must return soon. */
    @ConsumerType
    interface DeviceListener {

        /** A device is there, or its object, model or a desired value changed. Not called for reports. */
        void changed(Device device);

        void removed(DeviceId id);
    }

    /** Told of each reported value; must return soon. */
    @ConsumerType
    interface ReportListener {

        /**
         * Also called for a value that is the same as before.
         *
         * @param reading never without time
         */
        void reported(DeviceId id, String property, Reading reading);
    }
}
