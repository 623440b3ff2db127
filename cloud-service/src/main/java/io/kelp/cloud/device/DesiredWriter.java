package io.kelp.cloud.device;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiFunction;

/**
 * Writes a desired value as people do with {@code kubectl patch --type=json}: into
 * {@code spec.properties[]} of a v1beta1 Device, into {@code status.twins[]} of a v1alpha2 one. The patch tests the
 * device's uid and the property's name at its place, and touches nothing but the value; when the list has
 * changed meanwhile it is made anew from the newest object. Safe for use by several threads; nothing blocks.
 */
public final class DesiredWriter {

    private static final int TRIES = 6;

    private final KubeApi api;
    private final BiFunction<String, String, Optional<Device>> devices;
    private final String fieldManager;

    DesiredWriter(KubeApi api, BiFunction<String, String, Optional<Device>> devices, String fieldManager) {
        this.api = api;
        this.devices = devices;
        this.fieldManager = fieldManager;
    }

    /**
     * Sets one desired value.
     *
     * @param value not checked here
     * @return the Device as the API server has it then; fails with {@link KubeException} when the server
     *     refuses, or with code 404 when there is no such device or property, and with {@link java.io.IOException} when
     *     the server cannot be reached
     */
    public CompletableFuture<JsonObject> write(String namespace, String name, String property, String value) {
        Optional<Device> device = devices.apply(namespace, name);
        if (device.isEmpty()) {
            return CompletableFuture.failedFuture(notThere("There is no device " + namespace + "/" + name + "."));
        }
        return write(device.get(), property, value, "", TRIES);
    }

    private CompletableFuture<JsonObject> write(Device device, String property, String value, String refused, int tries) {
        Optional<String> patch = patch(device, property, value);
        if (patch.isEmpty()) {
            return CompletableFuture.failedFuture(notThere("Device " + device.key() + " has no property " + property + "."));
        }
        String path = path(device) + "?fieldManager=" + URLEncoder.encode(fieldManager, StandardCharsets.UTF_8);
        return api.patch(path, KubeApi.PatchType.JSON, patch.get()).handle((written, problem) -> {
            if (problem == null) {
                return CompletableFuture.completedFuture(written);
            }
            KubeException refusal = refusal(problem);
            boolean again = tries > 1 && refusal != null
                    && (refusal.code() == 409 || refusal.code() == 422 && !patch.get().equals(refused));
            return again ? again(device, property, value, patch.get(), tries - 1)
                    : CompletableFuture.<JsonObject>failedFuture(problem);
        }).thenCompose(stage -> stage);
    }

    /** A refusal that stays the same for the newest object is not about what we tested. */
    private CompletableFuture<JsonObject> again(Device device, String property, String value, String refused, int tries) {
        return api.get(path(device)).thenCompose(object -> {
            Device now = Device.of(object);
            return now.uid().equals(device.uid()) ? write(now, property, value, refused, tries)
                    : CompletableFuture.failedFuture(notThere("Device " + device.key() + " was deleted and made anew; look again."));
        });
    }

    private static Optional<String> patch(Device device, String property, String value) {
        boolean classic = device.generation() == Generation.CLASSIC;
        JsonObject tree = device.tree();
        JsonArray list = classic ? Json.array(Json.object(tree, "status"), "twins") : Json.array(Json.object(tree, "spec"), "properties");
        String key = classic ? "propertyName" : "name";
        for (int i = 0; i < list.size(); i++) {
            if (list.get(i) instanceof JsonObject entry && Json.text(entry, key).equals(property)) {
                String place = (classic ? "/status/twins/" : "/spec/properties/") + i;
                JsonArray patch = new JsonArray();
                patch.add(operation("test", "/metadata/uid", new JsonPrimitive(device.uid())));
                patch.add(operation("test", place + "/" + key, new JsonPrimitive(property)));
                if (entry.get("desired") instanceof JsonObject) {
                    patch.add(operation("add", place + "/desired/value", new JsonPrimitive(value)));
                } else {
                    JsonObject desired = new JsonObject();
                    desired.addProperty("value", value);
                    patch.add(operation("add", place + "/desired", desired));
                }
                return Optional.of(patch.toString());
            }
        }
        return Optional.empty();
    }

    private static JsonObject operation(String op, String path, JsonElement value) {
        JsonObject operation = new JsonObject();
        operation.addProperty("op", op);
        operation.addProperty("path", path);
        operation.add("value", value);
        return operation;
    }

    private static KubeException refusal(Throwable problem) {
        Throwable cause = problem instanceof CompletionException && problem.getCause() != null ? problem.getCause() : problem;
        return cause instanceof KubeException refused ? refused : null;
    }

    private static KubeException notThere(String message) {
        JsonObject status = new JsonObject();
        status.addProperty("kind", "Status");
        status.addProperty("message", message);
        status.addProperty("reason", "NotFound");
        return new KubeException(404, status);
    }

    private static String path(Device device) {
        return "/apis/devices.kubeedge.io/v1beta1/namespaces/" + device.namespace() + "/devices/" + device.name();
    }
}
