package io.kelp.cloud.device;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Predicate;

/** What the API server had, and over it what came since. */
final class CurrentValues implements DeviceValues {

    private final DeviceDirectory directory;
    private final Function<Device, Optional<DeviceReports>> reports;
    private final Function<Device, JsonObject> status;
    private final Predicate<String> isHere;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();

    /**
     * @param status the stored status of a device: its own, or of its DeviceStatus
     * @param isHere whether a gateway is connected to this replica; of others the API server may know more than what they once said here
     */
    CurrentValues(DeviceDirectory directory, Function<Device, Optional<DeviceReports>> reports,
            Function<Device, JsonObject> status, Predicate<String> isHere) {
        this.isHere = isHere;
        this.directory = directory;
        this.reports = reports;
        this.status = status;
    }

    @Override
    public Optional<Snapshot> device(String namespace, String name) {
        return directory.device(namespace, name).map(this::snapshot);
    }

    @Override
    public Collection<Snapshot> devices() {
        return directory.all().stream().map(this::snapshot).toList();
    }

    @Override
    public Collection<Summary> summaries() {
        return directory.all().stream()
                .map(device -> new Summary(device.namespace(), device.name(), device.node(), device.model())).toList();
    }

    @Override
    public Optional<DeviceDescription> describe(String namespace, String name) {
        return directory.device(namespace, name).map(device ->
                DeviceDescription.of(device, directory.model(namespace, device.model()).orElse(null)));
    }

    @Override
    public Runnable listen(Listener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Tells the listeners. */
    void changed(String namespace, String name) {
        listeners.forEach(listener -> listener.changed(namespace, name));
    }

    /** All devices of a model may look different now. */
    void changed(DeviceModel model) {
        if (!listeners.isEmpty()) {
            directory.all().stream()
                    .filter(device -> device.namespace().equals(model.namespace()) && device.model().equals(model.name()))
                    .forEach(device -> changed(device.namespace(), device.name()));
        }
    }

    private Snapshot snapshot(Device device) {
        JsonObject stored = status.apply(device);
        Map<String, Value> desired = new HashMap<>();
        Map<String, Value> reported = new HashMap<>();
        for (JsonElement element : Json.array(stored, "twins")) {
            if (element instanceof JsonObject twin) {
                take(desired, Json.text(twin, "propertyName"), twin.get("desired"));
                take(reported, Json.text(twin, "propertyName"), twin.get("reported"));
            }
        }
        if (device.generation() == Generation.MODERN) {
            desired.clear();
            for (JsonElement element : Json.array(Json.object(device.tree(), "spec"), "properties")) {
                if (element instanceof JsonObject property) {
                    take(desired, Json.text(property, "name"), property.get("desired"));
                }
            }
        }
        Optional<DeviceReports> fresh = reports.apply(device);
        boolean here = isHere.test(device.node());
        fresh.ifPresent(said -> said.current().forEach((property, value) -> {
            Value stands = reported.get(property);
            if (!value.has("value") && stands != null) {
                reported.put(property, remarked(stands, Json.object(value, "metadata")));
                return;
            }
            take(reported, property, TwinReport.over(null, value));
            if (!here && stands != null && stands.timestampMillis() > reported.get(property).timestampMillis()) {
                reported.put(property, stands);
            }
        }));
        return new Snapshot(device.namespace(), device.name(), device.generation() == Generation.CLASSIC, device.node(),
                newest(here, fresh.map(DeviceReports::state), Json.text(stored, "state")),
                newest(here, fresh.map(DeviceReports::lastOnline), Json.text(stored, "lastOnlineTime")),
                Map.copyOf(desired), Map.copyOf(reported));
    }

    private static Value remarked(Value value, JsonObject remark) {
        return new Value(value.value(), value.type(), value.timestampMillis(), Json.text(remark, "quality"), Json.text(remark, "error"));
    }

    private static String newest(boolean here, Optional<String> fresh, String stored) {
        return here || stored.isEmpty() ? fresh.filter(text -> !text.isEmpty()).orElse(stored) : stored;
    }

    private static void take(Map<String, Value> values, String property, JsonElement value) {
        if (value instanceof JsonObject object && object.has("value")) {
            JsonObject metadata = Json.object(object, "metadata");
            String timestamp = Json.text(metadata, "timestamp");
            values.put(property, new Value(Json.text(object, "value"), Json.text(metadata, "type"),
                    timestamp.matches("[0-9]{1,18}") ? Long.parseLong(timestamp) : 0,
                    Json.text(metadata, "quality"), Json.text(metadata, "error")));
        }
    }
}
