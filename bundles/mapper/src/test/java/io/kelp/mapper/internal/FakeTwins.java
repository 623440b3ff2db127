package io.kelp.mapper.internal;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.devicetwin.DeviceTwins;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Twins in memory; tells its listeners on the caller's thread. */
public final class FakeTwins implements DeviceTwins {

    public record Report(DeviceId device, Map<String, Reading> values) {}

    private final Map<String, Device> devices = new ConcurrentSkipListMap<>();
    private final List<DeviceListener> listeners = new CopyOnWriteArrayList<>();
    public final List<Report> reports = new CopyOnWriteArrayList<>();
    public final List<String> errors = new CopyOnWriteArrayList<>();
    public final List<String> states = new CopyOnWriteArrayList<>();
    public volatile RuntimeException refusal;
    /** Properties of each report that had a value that is not allowed. */
    public final List<Set<String>> refused = new CopyOnWriteArrayList<>();

    public static DeviceId id(String name) {
        return new DeviceId("default", name);
    }

    /** A modern device with the properties {@code name: type[: desired]}. */
    public static Device modern(String name, String protocol, String configData, String... properties) {
        StringBuilder ofDevice = new StringBuilder();
        StringBuilder ofModel = new StringBuilder();
        Map<String, Twin> twins = new LinkedHashMap<>();
        for (String property : properties) {
            String[] part = property.split(":");
            ofDevice.append(ofDevice.isEmpty() ? "" : ",").append("{'name':'").append(part[0]).append("','collectCycle':1000}");
            ofModel.append(ofModel.isEmpty() ? "" : ",").append("{'name':'").append(part[0]).append("','type':'").append(part[1])
                    .append("','accessMode':'ReadWrite'}");
            twins.put(part[0], new Twin(part[1].toLowerCase(java.util.Locale.ROOT), part.length > 2 ? new Value(part[2], 1) : null, null));
        }
        return new Device(id(name), Generation.MODERN,
                json("{'metadata':{'name':'" + name + "','namespace':'default'},'spec':{'deviceModelRef':{'name':'m'},'protocol':{'protocolName':'"
                        + protocol + "','configData':" + configData + "},'properties':[" + ofDevice + "]}}"),
                json("{'metadata':{'name':'m'},'spec':{'properties':[" + ofModel + "]}}"), "", twins);
    }

    public static JsonObject json(String text) {
        return JsonParser.parseString(text.replace('\'', '"')).getAsJsonObject();
    }

    public void put(Device device) {
        devices.put(device.id().toString(), device);
        listeners.forEach(l -> l.changed(device));
    }

    public void remove(DeviceId id) {
        devices.remove(id.toString());
        listeners.forEach(l -> l.removed(id));
    }

    public void desire(String name, String property, String value) {
        setDesired(id(name), property, value);
    }

    @Override
    public List<Device> devices() {
        return new ArrayList<>(devices.values());
    }

    @Override
    public Optional<Device> device(DeviceId id) {
        return Optional.ofNullable(devices.get(id.toString()));
    }

    @Override
    public AutoCloseable watch(DeviceListener listener) {
        listeners.add(listener);
        devices.values().forEach(listener::changed);
        return () -> listeners.remove(listener);
    }

    @Override
    public CompletionStage<Void> report(DeviceId id, Map<String, String> values) {
        throw new UnsupportedOperationException("the runtime reports readings");
    }

    @Override
    public CompletionStage<Void> reportState(DeviceId id, String state) {
        states.add(id.name() + " " + state);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> reportReadings(DeviceId id, Map<String, Reading> readings) {
        if (refusal != null) {
            return CompletableFuture.failedFuture(refusal);
        }
        if (readings.values().stream().anyMatch(r -> r.text() != null && r.text().contains("\n"))) {
            refused.add(Set.copyOf(readings.keySet()));
            return CompletableFuture.failedFuture(new IllegalArgumentException("a value with a control character"));
        }
        reports.add(new Report(id, Map.copyOf(readings)));
        devices.computeIfPresent(id.toString(), (k, d) -> {
            Map<String, Twin> twins = new LinkedHashMap<>(d.twins());
            readings.forEach((p, r) -> twins.computeIfPresent(p, (n, t) -> new Twin(t.type(), t.desired(),
                    r.text() == null ? t.reported() : new Value(r.text(), r.timestampMillis(), r.quality()), t.error())));
            return new Device(d.id(), d.generation(), d.object(), d.model(), d.state(), twins);
        });
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> reportError(DeviceId id, String property, String sentence) {
        errors.add(id.name() + " " + property + ": " + sentence);
        devices.computeIfPresent(id.toString(), (k, d) -> {
            Map<String, Twin> twins = new LinkedHashMap<>(d.twins());
            twins.computeIfPresent(property, (n, t) -> new Twin(t.type(), t.desired(), t.reported(), sentence));
            return new Device(d.id(), d.generation(), d.object(), d.model(), d.state(), twins);
        });
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public AutoCloseable watchReports(ReportListener listener) {
        throw new UnsupportedOperationException("not needed here");
    }

    @Override
    public CompletionStage<Void> setDesired(DeviceId id, String property, String value) {
        Device now = devices.get(id.toString());
        Map<String, Twin> twins = new LinkedHashMap<>(now.twins());
        twins.computeIfPresent(property, (n, t) -> new Twin(t.type(), new Value(value, 1), t.reported(), t.error()));
        put(new Device(now.id(), now.generation(), now.object(), now.model(), now.state(), twins));
        return CompletableFuture.completedFuture(null);
    }

    public List<Reading> readings(String name, String property) {
        return reports.stream().filter(r -> r.device().name().equals(name) && r.values().containsKey(property))
                .map(r -> r.values().get(property)).toList();
    }

    /** Reported values; {@code null} where there was none. */
    public List<String> values(String name, String property) {
        return readings(name, property).stream().map(Reading::text).toList();
    }
}
