package io.kelp.cloud.device;

import io.kelp.cloud.hub.GatewayObject;
import io.kelp.cloud.hub.ObjectSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Which devices and models there are and which gateway they belong on. Written by one thread at a time, read by any. */
final class DeviceDirectory implements ObjectSource {

    /** As the names of the original, so that edges know who sent it. */
    static final String CONTROLLER = "devicecontroller";
    static final String SYNC = "edgecontroller";

    static final Comparator<Device> BY_AGE = Comparator.comparing(Device::created).thenComparing(Device::key);

    private final Map<String, Map<String, Device>> byNode = new ConcurrentHashMap<>();
    private final Map<String, Device> byKey = new ConcurrentHashMap<>();
    private final Map<String, DeviceModel> models = new ConcurrentHashMap<>();
    /** Devices of which only reported values have changed since gateways were told: as they were told. */
    private final Map<String, Device> told = new ConcurrentHashMap<>();
    private final Predicate<String> isKelp;
    private volatile boolean devicesComplete;
    private volatile boolean modelsComplete;

    /** @param isKelp whether a node is connected and speaks Kelp's additions */
    DeviceDirectory(Predicate<String> isKelp) {
        this.isKelp = isKelp;
    }

    /** Only what its gateway reported and what lists show is new: the gateway has no use for that. */
    void putReported(Device before, Device now) {
        told.putIfAbsent(now.key(), before);
        store(now);
    }

    void put(Device device) {
        told.remove(device.key());
        store(device);
    }

    private void store(Device device) {
        Device before = byKey.put(device.key(), device);
        if (before != null && !before.node().equals(device.node())) {
            unbind(before);
        }
        if (!device.node().isEmpty()) {
            byNode.computeIfAbsent(device.node(), node -> new ConcurrentHashMap<>()).put(device.key(), device);
        }
    }

    void remove(Device device) {
        told.remove(device.key());
        byKey.remove(device.key());
        unbind(device);
    }

    private void unbind(Device device) {
        byNode.computeIfPresent(device.node(), (node, devices) -> {
            devices.remove(device.key());
            return devices.isEmpty() ? null : devices;
        });
    }

    void put(DeviceModel model) {
        models.put(model.namespace() + "/" + model.name(), model);
    }

    void remove(DeviceModel model) {
        models.remove(model.namespace() + "/" + model.name());
    }

    void devicesComplete() {
        devicesComplete = true;
    }

    void modelsComplete() {
        modelsComplete = true;
    }

    Collection<Device> all() {
        return byKey.values();
    }

    Optional<Device> device(String namespace, String name) {
        return Optional.ofNullable(byKey.get(namespace + "/" + name));
    }

    /**
     * The device that classic topics call by its bare name: of those on the node the classic one,
     * else the one in namespace {@code default}.
     */
    Optional<Device> deviceByName(String node, String name) {
        return devicesOn(node).filter(device -> device.name().equals(name))
                .min(Comparator.comparing((Device device) -> device.generation() != Generation.CLASSIC)
                        .thenComparing(device -> !device.namespace().equals("default"))
                        .thenComparing(Device::key));
    }

    boolean existsElsewhere(String name) {
        return byKey.values().stream().anyMatch(device -> device.name().equals(name));
    }

    Stream<Device> devicesOn(String node) {
        return byNode.getOrDefault(node, Map.of()).values().stream();
    }

    Optional<DeviceModel> model(String namespace, String name) {
        return Optional.ofNullable(models.get(namespace + "/" + name));
    }

    /** Nodes with a device of this model. */
    List<String> nodesUsing(String namespace, String model) {
        return byKey.values().stream()
                .filter(device -> device.namespace().equals(namespace) && device.model().equals(model) && !device.node().isEmpty())
                .map(Device::node).distinct().toList();
    }

    /** Whether a device other than this one makes the gateway need its model. */
    boolean isModelNeeded(String node, Device besides) {
        return devicesOn(node).anyMatch(device -> !device.key().equals(besides.key())
                && device.namespace().equals(besides.namespace()) && device.model().equals(besides.model()));
    }

    @Override
    public Collection<String> types() {
        return List.of(Device.TYPE, DeviceModel.TYPE);
    }

    /**
     * Models first: a device should not arrive before its model. A stock edge is to have the newest version of a v1alpha2
     * device, reported values included, as it would from the original; a Kelp gateway is spared them. Nobody needs another version of a
     * v1beta1 device because of its state: mappers of stock edges begin anew with each.
     */
    @Override
    public Collection<GatewayObject> objectsFor(String node) {
        List<Device> devices = devicesOn(node).sorted(BY_AGE).toList();
        Map<String, GatewayObject> needed = new LinkedHashMap<>();
        for (Device device : devices) {
            model(device.namespace(), device.model())
                    .ifPresent(model -> needed.putIfAbsent(model.uid(), model.forDelivery(CONTROLLER)));
        }
        boolean spare = isKelp.test(node);
        return Stream.concat(needed.values().stream(), devices.stream()
                .map(device -> (spare || device.generation() == Generation.MODERN ? told.getOrDefault(device.key(), device) : device).forDelivery(CONTROLLER))).toList();
    }

    @Override
    public boolean isComplete() {
        return devicesComplete && modelsComplete;
    }
}
