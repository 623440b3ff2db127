package io.kelp.mapper.internal;

import io.kelp.devicetwin.DeviceTwins.Twin;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.PropertyValue;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The desired values of one device: which are to be written, which were taken, which not and why.
 * Level-triggered: a value that changes ten times while the device is busy is written once.
 * Confined to the timeline, but for {@link #complaints}.
 */
final class DesiredValues {

    /** Times a value is written before it counts as not taken. */
    static final int MOST_WRITES = 3;

    private static final long REWRITE_NANOS = 1_000_000_000;

    /** A desired value that the device does not have, in one sentence. */
    record Complaint(String property, String sentence, Instant since) {}

    /** Told what becomes of a desired value, each time it changes. */
    interface Outcome {

        /** The device does not have it, and why. */
        void refused(String property, String sentence);

        /** The device has it, or it is desired no more. May be told again. */
        void taken(String property);
    }

    private final DeviceConfig config;
    private final Outcome outcome;
    private final Map<String, String> wanted = new HashMap<>();
    private final Set<String> toWrite = new LinkedHashSet<>();
    private final Map<String, Written> unverified = new HashMap<>();
    private volatile Map<String, Complaint> complaints = Map.of();

    private record Written(String text, int times, long atNanos) {}

    DesiredValues(DeviceConfig config, Outcome outcome) {
        this.config = config;
        this.outcome = outcome;
    }

    /** Takes what the twins want now; what has changed is to be written. */
    void update(Map<String, Twin> twins) {
        for (DeviceProperty property : config.properties()) {
            Twin twin = twins.get(property.name());
            String text = twin == null || twin.desired() == null ? "" : twin.desired().text();
            // An empty text is what the wire has where nobody has said anything.
            if (text == null || text.isEmpty()) {
                toWrite.remove(property.name());
                if (wanted.remove(property.name()) != null) {
                    taken(property.name());
                }
            } else if (!text.equals(wanted.put(property.name(), text))) {
                settle(property.name());
                toWrite.add(property.name());
            }
        }
    }

    /** The device has come back and may have forgotten: everything is to be written again. */
    void writeAll() {
        unverified.clear();
        for (DeviceProperty property : config.properties()) {
            if (wanted.containsKey(property.name())) {
                toWrite.add(property.name());
            }
        }
    }

    boolean anyToWrite() {
        return !toWrite.isEmpty();
    }

    /** The properties that are to be written. */
    List<DeviceProperty> pending() {
        return toWrite.stream().flatMap(name -> config.property(name).stream()).toList();
    }

    /** The next property to write, if any; it then counts as being written. */
    Optional<DeviceProperty> next() {
        if (toWrite.isEmpty()) {
            return Optional.empty();
        }
        String name = toWrite.iterator().next();
        toWrite.remove(name);
        return config.property(name);
    }

    String wanted(DeviceProperty property) {
        return wanted.getOrDefault(property.name(), "");
    }

    /** The write of a value did not get through, because the device is lost. It is to be written when the device is back. */
    void lost(DeviceProperty property) {
        if (wanted.containsKey(property.name())) {
            toWrite.add(property.name());
        }
    }

    /** The value cannot be written, or the device will not take it. Not tried again before it changes or the device comes back. */
    void refused(DeviceProperty property, String sentence, Instant now) {
        unverified.remove(property.name());
        complain(property.name(), sentence, now);
    }

    /** The device has taken the write. @param verify whether readings will tell if it took effect */
    void written(DeviceProperty property, String text, boolean verify, long nanos) {
        if (!text.equals(wanted.get(property.name()))) {
            settle(property.name()); // something else is wanted by now
        } else if (verify) {
            Written before = unverified.get(property.name());
            int times = before != null && before.text().equals(text) ? before.times() + 1 : 1;
            unverified.put(property.name(), new Written(text, times, nanos));
        } else {
            taken(property.name());
        }
    }

    /** A value was read: compares it with what was written. A value not taken is written again, a few times. */
    void read(DeviceProperty property, String text, long nanos, Instant now) {
        Written written = unverified.get(property.name());
        if (written == null || toWrite.contains(property.name())) {
            return;
        }
        if (same(property.type(), written.text(), text)) {
            taken(property.name());
        } else if (written.times() >= MOST_WRITES) {
            complain(property.name(), "property " + property.name() + " was set to \"" + written.text() + "\" "
                    + MOST_WRITES + " times, but the device still says \"" + text + "\"", now);
        } else if (nanos - written.atNanos() >= REWRITE_NANOS) {
            toWrite.add(property.name());
        }
    }

    /** Numbers are the same when they differ by no more than rounding to 32 bits. */
    private static boolean same(PropertyType type, String wanted, String read) {
        if (wanted.equals(read)) {
            return true;
        }
        try {
            PropertyValue a = type.parse(wanted);
            PropertyValue b = type.parse(read);
            return a.equals(b) || (type.numeric()
                    && Math.abs(a.asReal() - b.asReal()) <= 1e-6 * Math.max(Math.abs(a.asReal()), Math.abs(b.asReal())));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private void complain(String property, String sentence, Instant now) {
        Complaint before = complaints.get(property);
        if (before == null || !before.sentence().equals(sentence)) {
            Map<String, Complaint> changed = new LinkedHashMap<>(complaints);
            changed.put(property, new Complaint(property, sentence, now));
            complaints = Map.copyOf(changed);
            outcome.refused(property, sentence);
        }
    }

    private void taken(String property) {
        settle(property);
        outcome.taken(property);
    }

    private void settle(String property) {
        unverified.remove(property);
        if (complaints.containsKey(property)) {
            Map<String, Complaint> changed = new LinkedHashMap<>(complaints);
            changed.remove(property);
            complaints = Map.copyOf(changed);
        }
    }

    /** What was not taken, by property. For any thread. */
    Map<String, Complaint> complaints() {
        return complaints;
    }
}
