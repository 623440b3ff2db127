package io.kelp.mapper.mqtt.internal.sparkplug;

import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Quality;
import io.kelp.devicetwin.DeviceTwins.Reading;
import io.kelp.devicetwin.DeviceTwins.Twin;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.mqtt.internal.sparkplug.SparkplugTopic.Type;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the gateway says as a Sparkplug B edge node, by the rules for edge nodes (Sparkplug 3.0, sections 5 and 6): a birth for
 * the node and one for each device that is there, then what changes, numbered 0 to 255; a death for each that goes. Memory is
 * bounded by devices and properties: of several values that wait the newest goes. Not safe for use by several threads.
 */
final class EdgeNode {

    /** A message to send, in this order. */
    record Outgoing(SparkplugTopic topic, Payload payload) {}

    /** What a host wants set. */
    record Command(DeviceId device, String property, String value) {}

    private final String group;
    private final String node;
    private final InstantSource clock;
    private final Map<String, Device> devices = new LinkedHashMap<>();
    private final Map<String, Map<String, Reading>> waiting = new LinkedHashMap<>();
    private final Map<String, Boolean> born = new LinkedHashMap<>();
    private int seq;
    private int bdSeq;
    private boolean alive;

    /** @param bdSeq number of the last connection before this one, any number */
    EdgeNode(String group, String node, int bdSeq, InstantSource clock) {
        this.group = group;
        this.node = node;
        this.bdSeq = bdSeq & 0xFF;
        this.clock = clock;
    }

    /** Name of a device on the wire. */
    static String name(DeviceId id) {
        return id.namespace().equals("default") ? id.name() : id.namespace() + "." + id.name();
    }

    /** The last will of the next connection; begins it. */
    Outgoing nextDeath() {
        bdSeq = bdSeq + 1 & 0xFF;
        alive = false;
        return death();
    }

    /** What ends this connection in good order. */
    Outgoing death() {
        return new Outgoing(new SparkplugTopic(group, Type.NDEATH, node, ""),
                new Payload(clock.millis(), -1, List.of(Metric.of(Payload.BDSEQ, clock.millis(), DataType.INT64, (long) bdSeq))));
    }

    /** Everything from the beginning: after connecting, when asked for a rebirth, when the primary host is there again. */
    List<Outgoing> birth() {
        alive = true;
        seq = 0;
        born.clear();
        waiting.clear();
        List<Outgoing> out = new ArrayList<>();
        long now = clock.millis();
        out.add(numbered(Type.NBIRTH, "", List.of(Metric.of(Payload.BDSEQ, now, DataType.INT64, (long) bdSeq),
                Metric.of(Payload.REBIRTH, now, DataType.BOOLEAN, false))));
        devices.keySet().forEach(name -> bear(name, out));
        return out;
    }

    /** Nothing is told any more until the next {@link #birth}. */
    void silence() {
        alive = false;
        waiting.clear();
    }

    List<Outgoing> changed(Device device) {
        String name = name(device.id());
        Device before = devices.put(name, device);
        List<Outgoing> out = new ArrayList<>();
        boolean same = before != null && types(before).equals(types(device)) && away(before) == away(device);
        if (alive && !same) {
            bear(name, out);
        }
        return out;
    }

    List<Outgoing> removed(DeviceId id) {
        String name = name(id);
        devices.remove(name);
        waiting.remove(name);
        List<Outgoing> out = new ArrayList<>();
        if (alive && Boolean.TRUE.equals(born.remove(name))) {
            out.add(numbered(Type.DDEATH, name, List.of()));
        }
        return out;
    }

    /** Brings a device into the state that it is in: born when it is there, dead when it is away. */
    private void bear(String name, List<Outgoing> out) {
        Device device = devices.get(name);
        waiting.remove(name);
        if (away(device)) {
            if (Boolean.TRUE.equals(born.put(name, false))) {
                out.add(numbered(Type.DDEATH, name, List.of()));
            }
            return;
        }
        List<Metric> metrics = new ArrayList<>();
        device.twins().forEach((property, twin) -> metrics.add(metric(property, type(twin), twin.reported() == null ? null : twin.reported().text(),
                twin.reported() == null ? 0 : twin.reported().timestampMillis(), Metric.GOOD)));
        born.put(name, true);
        out.add(numbered(Type.DBIRTH, name, metrics));
    }

    private static boolean away(Device device) {
        return device.state().equalsIgnoreCase("offline");
    }

    private static Map<String, String> types(Device device) {
        Map<String, String> types = new LinkedHashMap<>();
        device.twins().forEach((name, twin) -> types.put(name, type(twin).name()));
        return types;
    }

    private static DataType type(Twin twin) {
        try {
            return DataType.of(PropertyType.named(twin.type()));
        } catch (IllegalArgumentException e) {
            return DataType.STRING; // a twin's type may be anything
        }
    }

    /** Takes a value; {@link #changes} tells it. */
    void reported(DeviceId id, String property, Reading reading) {
        String name = name(id);
        if (alive && Boolean.TRUE.equals(born.get(name)) && devices.get(name).twins().containsKey(property)) {
            waiting.computeIfAbsent(name, n -> new LinkedHashMap<>()).put(property, reading);
        }
    }

    boolean anyChange() {
        return !waiting.isEmpty();
    }

    List<Outgoing> changes() {
        List<Outgoing> out = new ArrayList<>();
        waiting.forEach((name, readings) -> {
            List<Metric> metrics = new ArrayList<>();
            readings.forEach((property, reading) -> metrics.add(metric(property, type(devices.get(name).twins().get(property)), reading.text(),
                    reading.timestampMillis(), reading.quality() == Quality.GOOD ? Metric.GOOD : reading.quality() == Quality.UNCERTAIN ? Metric.STALE : Metric.BAD)));
            out.add(numbered(Type.DDATA, name, metrics));
        });
        waiting.clear();
        return out;
    }

    private Metric metric(String name, DataType type, String text, long timestampMillis, int quality) {
        Object raw = null;
        if (text != null) {
            try {
                raw = type.raw(PropertyValue.of(text));
            } catch (IllegalArgumentException e) {
                raw = null; // a twin may hold a text that its type does not; null says that there is no such value
            }
        }
        return new Metric(name, -1, timestampMillis > 0 ? timestampMillis : clock.millis(), type, raw == null && text != null ? Metric.BAD : quality, false, raw);
    }

    private Outgoing numbered(Type type, String device, List<Metric> metrics) {
        Outgoing out = new Outgoing(new SparkplugTopic(group, type, node, device), new Payload(clock.millis(), seq, metrics));
        seq = seq + 1 & 0xFF;
        return out;
    }

    /** Whether a host asks to be told everything again. */
    static boolean asksRebirth(SparkplugTopic topic, Payload payload) {
        return topic.type() == Type.NCMD && payload.metric(Payload.REBIRTH).filter(m -> Boolean.TRUE.equals(m.raw())).isPresent();
    }

    /** What a host wants set; properties that the device has not are left out. */
    List<Command> commands(SparkplugTopic topic, Payload payload) {
        Device device = topic.type() == Type.DCMD ? devices.get(topic.device()) : null;
        List<Command> commands = new ArrayList<>();
        for (Metric metric : device == null ? List.<Metric>of() : payload.metrics()) {
            Optional.ofNullable(device.twins().get(metric.name())).filter(twin -> metric.raw() != null).ifPresent(twin -> {
                DataType type = metric.type() == DataType.UNKNOWN ? type(twin) : metric.type();
                try {
                    commands.add(new Command(device.id(), metric.name(), type(twin).propertyType().format(type.value(metric.raw()))));
                } catch (IllegalArgumentException e) {
                    commands.add(new Command(device.id(), metric.name(), String.valueOf(metric.raw()))); // the twin refuses it with its own sentence
                }
            });
        }
        return commands;
    }
}
