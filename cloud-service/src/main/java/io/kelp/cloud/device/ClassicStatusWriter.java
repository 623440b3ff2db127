package io.kelp.cloud.device;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;

/**
 * Writes reported values into {@code status.twins} of a classic Device. Each value goes to its place
 * in the list by a JSON patch that tests the property's name there and touches nothing but
 * {@code reported}: the API server applies it to the newest object, so a desired value that somebody writes at the
 * same time stays (trap 14).
 */
final class ClassicStatusWriter {

    private static final int TRIES = 6;

    private final KubeApi api;
    private final Predicate<String> isHere;

    /** @param isHere whether a gateway is connected to this replica; what another one wrote for it since is not overwritten by older values */
    ClassicStatusWriter(KubeApi api, Predicate<String> isHere) {
        this.api = api;
        this.isHere = isHere;
    }

    CompletionStage<?> write(Device device, DeviceReports.Batch batch) {
        return writeTwins(device, batch, TRIES);
    }

    private CompletionStage<?> writeTwins(Device device, DeviceReports.Batch batch, int tries) {
        JsonArray patch = patch(device, batch);
        if (patch.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        return api.patch(path(device), KubeApi.PatchType.JSON, patch.toString())
                .<CompletionStage<?>>handle((written, problem) -> {
                    if (problem == null) {
                        return CompletableFuture.completedFuture(written);
                    }
                    return tries > 1 && hasChangedMeanwhile(problem)
                            ? again(device, batch, tries - 1) : CompletableFuture.failedFuture(problem);
                }).thenCompose(stage -> stage);
    }

    private CompletionStage<?> again(Device device, DeviceReports.Batch batch, int tries) {
        return api.get(path(device)).thenCompose(object -> {
            Device now = Device.of(object);
            return now.uid().equals(device.uid()) ? writeTwins(now, batch, tries) : CompletableFuture.completedFuture(null);
        });
    }

    /** Only twins that the object lists get a value, as in the original. */
    private JsonArray patch(Device device, DeviceReports.Batch batch) {
        JsonArray patch = new JsonArray();
        JsonArray twins = Json.array(Json.object(device.tree(), "status"), "twins");
        Map<String, JsonObject> reported = batch.reportedOver(twins, isHere.test(device.node()));
        for (int i = 0; i < twins.size(); i++) {
            JsonElement twin = twins.get(i);
            String property = twin instanceof JsonObject object ? Json.text(object, "propertyName") : "";
            JsonObject value = reported.get(property);
            if (value != null) {
                patch.add(operation("test", "/status/twins/" + i + "/propertyName", new JsonPrimitive(property)));
                patch.add(operation("add", "/status/twins/" + i + "/reported", TwinReport.over(Json.object(twin.getAsJsonObject(), "reported"), value)));
            }
        }
        if (!patch.isEmpty()) {
            patch.add(operation("test", "/metadata/uid", new JsonPrimitive(device.uid())));
        }
        return patch;
    }

    private static JsonObject operation(String op, String path, JsonElement value) {
        JsonObject operation = new JsonObject();
        operation.addProperty("op", op);
        operation.addProperty("path", path);
        operation.add("value", value);
        return operation;
    }

    /** 409: too many writers at once; 422: a test in the patch failed. */
    private static boolean hasChangedMeanwhile(Throwable problem) {
        Throwable cause = problem instanceof CompletionException && problem.getCause() != null ? problem.getCause() : problem;
        return cause instanceof KubeException refused && (refused.code() == 409 || refused.code() == 422);
    }

    private static String path(Device device) {
        return "/apis/devices.kubeedge.io/v1beta1/namespaces/" + device.namespace() + "/devices/" + device.name();
    }
}
