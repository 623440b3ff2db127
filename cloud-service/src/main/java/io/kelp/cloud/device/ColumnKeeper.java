package io.kelp.cloud.device;

import com.google.gson.JsonObject;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Keeps {@link StatusColumns} of Devices as they should be. Only differences are written, by merge patches that name these fields and
 * nothing else, so that no twin can be lost. Until {@link #judgeBy} only what the original has is written, the state of v1alpha2 devices.
 *
 * <p>While a gateway is away the state of its devices is {@code unknown}: what it said last is kept beside it and comes back with the gateway.
 * Such a judgement is written only over the version that was judged. The replica that has the gateway writes at once, others when it has
 * not after a while.
 */
final class ColumnKeeper {

    private static final long OTHERS_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final KubeApi api;
    private final DeviceDirectory directory;
    private final Predicate<String> isHere;
    private volatile Predicate<String> isAway; // null until columns are kept at all
    private final Map<String, Long> seen = new HashMap<>(); // of the thread that looks

    /** @param isHere whether a gateway is connected to this replica */
    ColumnKeeper(KubeApi api, DeviceDirectory directory, Predicate<String> isHere) {
        this.api = api;
        this.directory = directory;
        this.isHere = isHere;
    }

    /** @param away whether a gateway is known to be connected to no replica */
    void judgeBy(Predicate<String> away) {
        isAway = away;
    }

    /** Tells which devices need a write. Called by one thread, again and again. */
    void look(long nowNanos, Consumer<Device> needed) {
        Set<String> differing = new HashSet<>();
        for (Device device : directory.all()) {
            if (device.node().isEmpty() || judged(device, facts(device)).equals(device.columns())) {
                continue;
            }
            differing.add(device.uid());
            if (isHere.test(device.node()) || nowNanos - seen.computeIfAbsent(device.uid(), uid -> nowNanos) >= OTHERS_NANOS) {
                needed.accept(device);
            }
        }
        seen.keySet().retainAll(differing);
    }

    private StatusColumns facts(Device device) {
        return device.columns().withFacts(device, directory.model(device.namespace(), device.model()).orElse(null));
    }

    private StatusColumns judged(Device device, StatusColumns facts) {
        if (isHere.test(device.node())) {
            return facts.state().equals(StatusColumns.UNKNOWN) ? facts.back() : facts;
        }
        return isAway.test(device.node()) ? facts.away() : facts;
    }

    /** Writes what differs. @param batch what the gateway said just now, if it did */
    CompletionStage<?> write(Device device, DeviceReports.Batch batch) {
        if (isAway == null && device.generation() == Generation.MODERN) {
            return CompletableFuture.completedFuture(null);
        }
        StatusColumns facts = isAway == null ? device.columns() : facts(device);
        StatusColumns wanted = isAway == null || !batch.state().isEmpty() ? facts.said(batch.state()) : judged(device, facts);
        JsonObject status = wanted.over(device.columns()).orElseGet(JsonObject::new);
        // Modern devices have a DeviceStatus for this.
        if (device.generation() == Generation.CLASSIC && !batch.lastOnline().isEmpty()
                && !batch.lastOnline().equals(Json.text(Json.object(device.tree(), "status"), "lastOnlineTime"))) {
            status.addProperty("lastOnlineTime", batch.lastOnline());
        }
        if (status.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        boolean judged = batch.state().isEmpty() && !wanted.state().equals(device.columns().state());
        JsonObject metadata = new JsonObject();
        metadata.addProperty("uid", device.uid());
        if (judged) {
            metadata.addProperty("resourceVersion", device.resourceVersion());
        }
        JsonObject patch = new JsonObject();
        patch.add("metadata", metadata);
        patch.add("status", status);
        return api.patch("/apis/devices.kubeedge.io/v1beta1/namespaces/" + device.namespace() + "/devices/" + device.name(),
                KubeApi.PatchType.MERGE, patch.toString()).handle((written, problem) -> {
                    // What has changed meanwhile is looked at again; what is gone needs nothing.
                    return problem == null || judged && refusedWith(problem, 409) || refusedWith(problem, 404)
                            ? CompletableFuture.<JsonObject>completedFuture(null) : CompletableFuture.<JsonObject>failedFuture(problem);
                }).thenCompose(stage -> stage);
    }

    private static boolean refusedWith(Throwable problem, int code) {
        Throwable cause = problem instanceof CompletionException && problem.getCause() != null ? problem.getCause() : problem;
        return cause instanceof KubeException refused && refused.code() == code;
    }
}
