package io.kelp.cloud.device;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.cloud.hub.Delivery;
import io.kelp.cloud.hub.Delivery.Change;
import io.kelp.cloud.hub.GatewayObject;
import io.kelp.message.Message;
import io.kelp.message.Operation;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Turns changes of devices and models into messages (specification section 2.2). Where the original
 * leaves a change to its scan every five seconds, it goes out at once here, under the name of that
 * scan.
 */
final class Downstream {

    /** Answers whether the reported values of a classic device are those that this program wrote itself. */
    interface OwnReports {
        boolean isOwn(Device device, String property, JsonObject reported);
    }

    private static final String TWIN_GROUP = "twin";
    private static final String MEMBERSHIP = "membership";
    private static final List<String> PROFILE_PARTS = List.of("protocol", "propertyVisitors", "data");

    private final Delivery delivery;
    private final DeviceDirectory directory;
    private final OwnReports ownReports;
    private final Predicate<String> isKelp;
    private final BiConsumer<String, String> profileChanged;
    private final LongSupplier clock;
    private final Map<String, JsonObject> profileStatus = new ConcurrentHashMap<>();
    private final StockVersions stockVersions;

    /**
     * @param isKelp whether a node is connected and speaks Kelp's additions
     * @param profileChanged told node and namespace whose ConfigMap must be written
     * @param clock wall clock in milliseconds
     */
    Downstream(Delivery delivery, DeviceDirectory directory, OwnReports ownReports, StockVersions stockVersions,
            Predicate<String> isKelp, BiConsumer<String, String> profileChanged, LongSupplier clock) {
        this.delivery = delivery;
        this.directory = directory;
        this.ownReports = ownReports;
        this.stockVersions = stockVersions;
        this.isKelp = isKelp;
        this.profileChanged = profileChanged;
        this.clock = clock;
    }

    /** A device is there or has changed; {@code before} is {@code null} for a new one. */
    synchronized void changed(Device before, Device now) {
        boolean moved = before != null
                && (!before.node().equals(now.node()) || before.generation() != now.generation());
        if (moved) {
            removed(before);
        }
        if (before == null || moved) {
            directory.put(now);
            added(now);
        } else {
            updated(before, now);
        }
    }

    /** A device is gone; {@code last} is its last version. */
    synchronized void removed(Device last) {
        directory.remove(last);
        if (last.node().isEmpty()) {
            return;
        }
        String node = last.node();
        send(node, MEMBERSHIP, TwinContents.removed(last, clock.getAsLong()));
        if (!directory.isModelNeeded(node, last)) {
            directory.model(last.namespace(), last.model()).ifPresent(model ->
                    delivery.deliver(node, Change.DELETE, model.forDelivery(DeviceDirectory.CONTROLLER)));
        }
        delivery.deliver(node, Change.DELETE, last.forDelivery(DeviceDirectory.CONTROLLER));
        profileStatus.remove(last.key());
        profile(last);
    }

    private void added(Device device) {
        if (device.node().isEmpty()) {
            return;
        }
        String node = device.node();
        rememberProfile(device);
        send(node, MEMBERSHIP, TwinContents.added(device, clock.getAsLong()));
        if (!directory.isModelNeeded(node, device)) {
            directory.model(device.namespace(), device.model()).ifPresent(model ->
                    delivery.deliver(node, Change.INSERT, model.forDelivery(DeviceDirectory.CONTROLLER)));
        }
        delivery.deliver(node, Change.INSERT, device.forDelivery(DeviceDirectory.CONTROLLER));
        profile(device);
    }

    private void updated(Device before, Device now) {
        JsonObject old = before.tree();
        JsonObject current = now.tree();
        boolean classic = now.generation() == Generation.CLASSIC;
        JsonObject oldSpec = Json.object(old, "spec");
        JsonObject spec = Json.object(current, "spec");
        boolean status = classic && hasForeignStatus(now, Json.object(old, "status"), Json.object(current, "status"));
        boolean other = !oldSpec.equals(spec) || hasChangedBesides(old, current, classic);
        if (!status && !other) {
            directory.putReported(before, now);
            return;
        }
        directory.put(now);
        if (now.node().isEmpty()) {
            return;
        }
        if (!before.model().equals(now.model())) {
            modelExchanged(before, now);
        }
        if (status || classic && PROFILE_PARTS.stream().anyMatch(part -> !same(oldSpec.get(part), spec.get(part)))) {
            rememberProfile(now);
            profile(now);
        }
        if (status && !isKelp.test(now.node())) {
            twinsUpdated(before, now);
        }
        boolean atOnce = classic ? status || !same(oldSpec.get("data"), spec.get("data")) : !oldSpec.equals(spec);
        delivery.deliver(now.node(), Change.UPDATE, now.forDelivery(atOnce ? DeviceDirectory.CONTROLLER : DeviceDirectory.SYNC));
    }

    /**
     * Stock edges refuse new desired values of a twin that was written at the edge; for them the
     * device goes and comes.
     */
    private void twinsUpdated(Device before, Device now) {
        long millis = clock.getAsLong();
        if (stockVersions.mustReplace(now)) {
            replaceTwins(now);
        } else {
            send(now.node(), "device/" + now.name() + "/twin/cloud_updated", TwinContents.cloudUpdated(before, now, millis));
        }
        stockVersions.sent(now);
    }

    /** Makes a stock edge forget the versions of a device's twins. */
    void replaceTwins(Device device) {
        long millis = clock.getAsLong();
        send(device.node(), MEMBERSHIP, TwinContents.removed(device, millis));
        send(device.node(), MEMBERSHIP, TwinContents.added(device, millis));
    }

    private void modelExchanged(Device before, Device now) {
        String node = now.node();
        if (!directory.isModelNeeded(node, now)) {
            directory.model(now.namespace(), now.model()).ifPresent(model ->
                    delivery.deliver(node, Change.INSERT, model.forDelivery(DeviceDirectory.CONTROLLER)));
        }
        if (!directory.isModelNeeded(node, before)) {
            directory.model(before.namespace(), before.model()).ifPresent(model ->
                    delivery.deliver(node, Change.DELETE, model.forDelivery(DeviceDirectory.CONTROLLER)));
        }
    }

    /** A model is there or has changed. */
    synchronized void changed(DeviceModel before, DeviceModel now) {
        directory.put(now);
        GatewayObject object = now.forDelivery(before == null ? DeviceDirectory.CONTROLLER : DeviceDirectory.SYNC);
        for (String node : directory.nodesUsing(now.namespace(), now.name())) {
            delivery.deliver(node, before == null ? Change.INSERT : Change.UPDATE, object);
            if (before == null) {
                profileChanged.accept(node, now.namespace());
            }
        }
    }

    /** A model is gone. */
    synchronized void removed(DeviceModel last) {
        directory.remove(last);
        for (String node : directory.nodesUsing(last.namespace(), last.name())) {
            delivery.deliver(node, Change.DELETE, last.forDelivery(DeviceDirectory.SYNC));
        }
    }

    /** The text of the ConfigMap for classic mappers. */
    String profileText(String node, String namespace) {
        List<DeviceProfile.Instance> instances = directory.devicesOn(node)
                .filter(device -> device.generation() == Generation.CLASSIC && device.namespace().equals(namespace))
                .sorted(DeviceDirectory.BY_AGE)
                .map(device -> new DeviceProfile.Instance(device, Optional.ofNullable(profileStatus.get(device.key()))
                        .orElseGet(() -> Json.object(device.tree(), "status"))))
                .toList();
        return DeviceProfile.text(instances, name -> directory.model(namespace, name));
    }

    /** Whether anybody but this program has changed the status: twins other than values just reported. */
    private boolean hasForeignStatus(Device now, JsonObject old, JsonObject current) {
        JsonArray oldTwins = Json.array(old, "twins");
        JsonArray twins = Json.array(current, "twins");
        if (oldTwins.size() != twins.size()) {
            return true;
        }
        for (int i = 0; i < twins.size(); i++) {
            if (isForeign(now, oldTwins.get(i), twins.get(i))) {
                return true;
            }
        }
        return false;
    }

    private boolean isForeign(Device now, JsonElement old, JsonElement current) {
        if (current.equals(old) || !(old instanceof JsonObject oldTwin) || !(current instanceof JsonObject twin)) {
            return !current.equals(old);
        }
        if (!same(oldTwin.get("propertyName"), twin.get("propertyName")) || !same(oldTwin.get("desired"), twin.get("desired"))) {
            return true;
        }
        return !same(oldTwin.get("reported"), twin.get("reported"))
                && !ownReports.isOwn(now, Json.text(twin, "propertyName"), Json.object(twin, "reported"));
    }

    /** Whether anything but bookkeeping and what lists show has changed outside {@code spec} and, for classic devices, {@code status}. */
    private static boolean hasChangedBesides(JsonObject old, JsonObject current, boolean classic) {
        if (!classic && !StatusColumns.without(Json.object(old, "status")).equals(StatusColumns.without(Json.object(current, "status")))) {
            return true;
        }
        JsonObject oldMetadata = Json.object(old, "metadata");
        JsonObject metadata = Json.object(current, "metadata");
        return List.of("labels", "annotations", "ownerReferences", "finalizers", "deletionTimestamp").stream()
                .anyMatch(name -> !same(oldMetadata.get(name), metadata.get(name)));
    }

    private void rememberProfile(Device device) {
        if (device.generation() == Generation.CLASSIC) {
            profileStatus.put(device.key(), Json.object(device.tree(), "status"));
        }
    }

    private void profile(Device device) {
        if (device.generation() == Generation.CLASSIC) {
            profileChanged.accept(device.node(), device.namespace());
        }
    }

    private void send(String node, String resource, JsonObject content) {
        delivery.send(node, Message.create(DeviceDirectory.CONTROLLER, TWIN_GROUP, Operation.UPDATE, resource, content));
    }

    private static boolean same(JsonElement a, JsonElement b) {
        return a == null ? b == null : a.equals(b);
    }
}
