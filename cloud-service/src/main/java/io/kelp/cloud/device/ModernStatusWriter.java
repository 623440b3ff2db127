package io.kelp.cloud.device;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/**
 * Writes what a modern device reports into its DeviceStatus, which is made when it is missing. The
 * list of twins is read, changed and written back with the version that was read.
 */
final class ModernStatusWriter {

    private static final int TRIES = 6;

    private final KubeApi api;
    private final BiFunction<String, String, Optional<DeviceStatus>> known;
    private final Predicate<String> isHere;
    private final Map<String, DeviceStatus> written = new ConcurrentHashMap<>();

    /**
     * @param known the status in the cache by namespace and name
     * @param isHere whether a gateway is connected to this replica; what another one wrote for it since is not overwritten by older values
     */
    ModernStatusWriter(KubeApi api, BiFunction<String, String, Optional<DeviceStatus>> known, Predicate<String> isHere) {
        this.api = api;
        this.known = known;
        this.isHere = isHere;
    }

    CompletionStage<?> write(Device device, DeviceReports.Batch batch) {
        return writeOn(device, newest(device).orElse(null), batch, TRIES);
    }

    /** The status as it was written last, here or by another replica. */
    Optional<DeviceStatus> newest(Device device) {
        DeviceStatus own = written.get(device.uid());
        Optional<DeviceStatus> cached = known.apply(device.namespace(), device.name());
        return own == null || cached.filter(other -> isNewer(other.resourceVersion(), own.resourceVersion())).isPresent()
                ? cached : Optional.of(own);
    }

    /** Versions are numbers in practice; of others nothing is known. */
    private static boolean isNewer(String version, String than) {
        return version.matches("\\d{1,18}") && than.matches("\\d{1,18}") && Long.parseLong(version) > Long.parseLong(than);
    }

    void forget(String deviceUid) {
        written.remove(deviceUid);
    }

    private CompletionStage<?> writeOn(Device device, DeviceStatus base, DeviceReports.Batch batch, int tries) {
        CompletionStage<JsonObject> write;
        if (base == null) {
            write = api.create(collection(device), fresh(device, batch));
        } else if (!base.ownerUid().isEmpty() && !base.ownerUid().equals(device.uid())) {
            return removeLeftover(device, base).thenCompose(gone -> writeOn(device, null, batch, tries - 1));
        } else {
            JsonObject status = status(device, base.status(), batch);
            if (status.equals(base.status())) {
                return CompletableFuture.completedFuture(null);
            }
            write = api.patch(path(device), KubeApi.PatchType.MERGE, patch(device, base, status).toString());
        }
        return write.<CompletionStage<?>>handle((object, problem) -> {
            if (problem == null) {
                written.put(device.uid(), DeviceStatus.of(object));
                return CompletableFuture.completedFuture(object);
            }
            if (tries > 1 && (refusedWith(problem, 409) || base != null && refusedWith(problem, 404))) {
                return again(device, batch, tries - 1);
            }
            return CompletableFuture.failedFuture(problem);
        }).thenCompose(stage -> stage);
    }

    private CompletionStage<?> again(Device device, DeviceReports.Batch batch, int tries) {
        return api.get(path(device)).<CompletionStage<?>>handle((object, problem) -> {
            if (problem != null && !refusedWith(problem, 404)) {
                return CompletableFuture.failedFuture(problem);
            }
            return writeOn(device, problem == null ? DeviceStatus.of(object) : null, batch, tries);
        }).thenCompose(stage -> stage);
    }

    /** The status of an earlier device of the same name that nobody has cleared away yet. */
    private CompletionStage<?> removeLeftover(Device device, DeviceStatus leftover) {
        JsonObject preconditions = new JsonObject();
        preconditions.addProperty("uid", leftover.uid());
        JsonObject options = new JsonObject();
        options.add("preconditions", preconditions);
        return api.delete(path(device), options).<CompletionStage<?>>handle((gone, problem) ->
                problem == null || refusedWith(problem, 404)
                        ? CompletableFuture.completedFuture(null) : CompletableFuture.failedFuture(problem))
                .thenCompose(stage -> stage);
    }

    private JsonObject fresh(Device device, DeviceReports.Batch batch) {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", device.name());
        metadata.add("ownerReferences", owners(device));
        JsonObject object = new JsonObject();
        object.addProperty("apiVersion", Generation.MODERN.apiVersion());
        object.addProperty("kind", "DeviceStatus");
        object.add("metadata", metadata);
        object.add("spec", new JsonObject());
        object.add("status", status(device, new JsonObject(), batch));
        return object;
    }

    private static JsonArray owners(Device device) {
        JsonObject owner = new JsonObject();
        owner.addProperty("apiVersion", Generation.MODERN.apiVersion());
        owner.addProperty("blockOwnerDeletion", true);
        owner.addProperty("controller", true);
        owner.addProperty("kind", "Device");
        owner.addProperty("name", device.name());
        owner.addProperty("uid", device.uid());
        JsonArray owners = new JsonArray();
        owners.add(owner);
        return owners;
    }

    /** One without an owner came from another cluster, where the Device had another uid. */
    private static JsonObject patch(Device device, DeviceStatus base, JsonObject status) {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("resourceVersion", base.resourceVersion());
        metadata.addProperty("uid", base.uid());
        if (base.ownerUid().isEmpty()) {
            metadata.add("ownerReferences", owners(device));
        }
        JsonObject patch = new JsonObject();
        patch.add("metadata", metadata);
        patch.add("status", status);
        return patch;
    }

    /** The old status with the batch in it; twins exist for properties of the spec only. */
    private JsonObject status(Device device, JsonObject old, DeviceReports.Batch batch) {
        Set<String> properties = properties(device);
        Map<String, JsonObject> twins = new LinkedHashMap<>();
        for (JsonElement element : Json.array(old, "twins")) {
            if (element instanceof JsonObject twin && properties.contains(Json.text(twin, "propertyName"))) {
                twins.put(Json.text(twin, "propertyName"), twin.deepCopy());
            }
        }
        batch.reportedOver(Json.array(old, "twins"), isHere.test(device.node())).forEach((property, value) -> put(twins, properties, property, "reported", value));
        batch.observed().forEach((property, value) -> put(twins, properties, property, "observedDesired", value));
        JsonObject status = old.deepCopy();
        if (!twins.isEmpty() || old.has("twins")) {
            JsonArray list = new JsonArray();
            twins.values().forEach(list::add);
            status.add("twins", list);
        }
        if (!batch.state().isEmpty()) {
            status.addProperty("state", batch.state());
        }
        if (!batch.lastOnline().isEmpty()) {
            status.addProperty("lastOnlineTime", batch.lastOnline());
        }
        return status;
    }

    private static void put(Map<String, JsonObject> twins, Set<String> properties, String property, String side, JsonObject value) {
        if (properties.contains(property)) {
            JsonObject twin = twins.computeIfAbsent(property, ModernStatusWriter::emptyTwin);
            twin.add(side, TwinReport.over(Json.object(twin, side), value));
        }
    }

    /** Both sides are written always, as typed clients expect. */
    private static JsonObject emptyTwin(String property) {
        JsonObject twin = new JsonObject();
        twin.addProperty("propertyName", property);
        for (String side : new String[] {"reported", "observedDesired"}) {
            JsonObject empty = new JsonObject();
            empty.addProperty("value", "");
            twin.add(side, empty);
        }
        return twin;
    }

    private static Set<String> properties(Device device) {
        Set<String> names = new HashSet<>();
        for (JsonElement element : Json.array(Json.object(device.tree(), "spec"), "properties")) {
            if (element instanceof JsonObject property) {
                names.add(Json.text(property, "name"));
            }
        }
        return names;
    }

    private static boolean refusedWith(Throwable problem, int code) {
        Throwable cause = problem instanceof CompletionException && problem.getCause() != null ? problem.getCause() : problem;
        return cause instanceof KubeException refused && refused.code() == code;
    }

    private static String collection(Device device) {
        return "/apis/devices.kubeedge.io/v1beta1/namespaces/" + device.namespace() + "/devicestatuses";
    }

    private static String path(Device device) {
        return collection(device) + "/" + device.name();
    }
}
