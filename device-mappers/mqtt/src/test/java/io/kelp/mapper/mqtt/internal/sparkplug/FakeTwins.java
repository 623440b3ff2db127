package io.kelp.mapper.mqtt.internal.sparkplug;

import io.kelp.devicetwin.DeviceTwins;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** Twins without a gateway. */
final class FakeTwins implements DeviceTwins {

    final List<String> desired = new CopyOnWriteArrayList<>();
    private final Map<DeviceId, Device> devices = new LinkedHashMap<>();
    private DeviceListener devicesTo;
    private ReportListener reportsTo;

    static Device device(String namespace, String name, String state, Map<String, Twin> twins) {
        return new Device(new DeviceId(namespace, name), Generation.MODERN, null, null, state, twins);
    }

    static Twin twin(String type, String reported) {
        return new Twin(type, null, reported == null ? null : new Value(reported, 1_700_000_000_000L));
    }

    synchronized void put(Device device, boolean tell) {
        devices.put(device.id(), device);
        if (tell && devicesTo != null) {
            devicesTo.changed(device);
        }
    }

    synchronized void remove(DeviceId id) {
        devices.remove(id);
        devicesTo.removed(id);
    }

    void say(String device, String property, String text, Quality quality) {
        reportsTo.reported(new DeviceId("default", device), property, new Reading(text, System.currentTimeMillis(), quality, true));
    }

    @Override
    public synchronized List<Device> devices() {
        return new ArrayList<>(devices.values());
    }

    @Override
    public synchronized Optional<Device> device(DeviceId id) {
        return Optional.ofNullable(devices.get(id));
    }

    @Override
    public synchronized AutoCloseable watch(DeviceListener listener) {
        devicesTo = listener;
        devices.values().forEach(listener::changed);
        return () -> devicesTo = null;
    }

    @Override
    public AutoCloseable watchReports(ReportListener listener) {
        reportsTo = listener;
        return () -> reportsTo = null;
    }

    @Override
    public CompletionStage<Void> setDesired(DeviceId id, String property, String value) {
        desired.add(id + " " + property + "=" + value);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> report(DeviceId id, Map<String, String> values) {
        throw new AssertionError("nothing is reported here");
    }

    @Override
    public CompletionStage<Void> reportReadings(DeviceId id, Map<String, Reading> readings) {
        throw new AssertionError("nothing is reported here");
    }

    @Override
    public CompletionStage<Void> reportError(DeviceId id, String property, String sentence) {
        throw new AssertionError("nothing is reported here");
    }

    @Override
    public CompletionStage<Void> reportState(DeviceId id, String state) {
        throw new AssertionError("nothing is reported here");
    }
}
