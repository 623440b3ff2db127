package io.kelp.devicetwin.internal;

import com.google.gson.JsonObject;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Reading;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What an input of the engine makes the outside do: write, publish, tell. Filled by the engine on its one thread,
 * carried out by the component after the call.
 */
final class Effects {

    /** An MQTT message. */
    record Publication(String topic, byte[] payload) {}

    /** Device key → new state to store, {@code null} to remove; must survive a power cut. */
    final Map<String, DeviceState> devices = new LinkedHashMap<>();
    /** Model key → object to store, {@code null} to remove; must survive a power cut. */
    final Map<String, JsonObject> models = new LinkedHashMap<>();
    /** Key of device and property → reported value, {@code null} to remove; must survive the end of the process. */
    final Map<String, Reported> reported = new LinkedHashMap<>();
    /** Device key → state of the device, {@code null} to remove; must survive the end of the process. */
    final Map<String, Condition> conditions = new LinkedHashMap<>();

    final List<Publication> publications = new ArrayList<>();
    /** Devices of which listeners are told: changed when still there, else removed. */
    final List<Notice> notices = new ArrayList<>();
    /** Values that were reported, for whoever listens to them. */
    final List<Report> reports = new ArrayList<>();
    /** Devices that have something to say to the cloud. */
    final Set<DeviceEntry> upward = new LinkedHashSet<>();
    /** Devices whose twins shall be compared with their object after a while. */
    final Set<DeviceEntry> compareLater = new LinkedHashSet<>();

    /** The publications answer a request: they wait until what the request changed is safe. */
    boolean answers;
    /** Of the request that is answered. */
    String eventId = "";
    /** Devices whose earlier writes must be safe, too, before the input counts as done. */
    final Set<DeviceEntry> touched = new LinkedHashSet<>();
    /** Publications of one device keep their order, also when an earlier one waits. */
    DeviceEntry ordered;

    /** What listeners are told. */
    record Notice(DeviceId id, boolean removed) {}

    /** A reported value. */
    record Report(DeviceId id, String property, Reading reading) {}

    void publish(String topic, byte[] payload) {
        publications.add(new Publication(topic, payload));
    }

    void changed(DeviceId id) {
        Notice notice = new Notice(id, false);
        if (!notices.contains(notice)) {
            notices.add(notice);
        }
    }

    void removed(DeviceId id) {
        notices.add(new Notice(id, true));
    }
}
