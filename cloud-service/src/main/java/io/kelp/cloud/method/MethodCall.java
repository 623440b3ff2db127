package io.kelp.cloud.method;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A DeviceMethodCall as the API server has it.
 *
 * @param createdMillis Unix time, by the clock of the API server
 * @param arguments value by property
 * @param ttlSeconds how long a finished call is kept
 */
public record MethodCall(String namespace, String name, String uid, String resourceVersion, long createdMillis, String device, String method,
        Map<String, String> arguments, long deadlineSeconds, long ttlSeconds, Status status) {

    static final String API_VERSION = "devices.kelp.io/v1alpha1";
    static final String KIND = "DeviceMethodCall";

    private static final long DEADLINE_SECONDS = 60;
    private static final long TTL_SECONDS = 3600;

    /** How far a call is. */
    public enum Phase { PENDING, RUNNING, SUCCEEDED, FAILED }

    /**
     * What has come of it.
     *
     * @param reason of a failure, one word; else empty
     * @param values what the device answered, by property
     * @param nodeName the gateway that it was sent to; empty before
     * @param completedMillis Unix time; 0 while it is not finished
     */
    public record Status(Phase phase, String reason, String message, Map<String, String> values, String nodeName, long completedMillis) {

        public boolean isFinished() {
            return phase == Phase.SUCCEEDED || phase == Phase.FAILED;
        }
    }

    /** Reads an object; defaults stand for what an API server without schemas has not put in. */
    static MethodCall of(JsonObject object) {
        JsonObject metadata = object(object, "metadata");
        JsonObject spec = object(object, "spec");
        JsonObject status = object(object, "status");
        return new MethodCall(text(metadata, "namespace"), text(metadata, "name"), text(metadata, "uid"), text(metadata, "resourceVersion"),
                millis(text(metadata, "creationTimestamp")), text(spec, "deviceName"), text(spec, "method"), texts(object(spec, "arguments")),
                number(spec, "deadlineSeconds", DEADLINE_SECONDS), number(spec, "ttlSecondsAfterFinished", TTL_SECONDS),
                new Status(phase(text(status, "phase")), text(status, "reason"), text(status, "message"), texts(object(status, "values")),
                        text(status, "nodeName"), millis(text(status, "completedAt"))));
    }

    /** Unix time in milliseconds after which it must not begin any more. */
    long deadlineMillis() {
        return createdMillis + 1000 * deadlineSeconds;
    }

    /** Unix time in milliseconds after which the object is removed; only of a finished call. */
    long endMillis() {
        return status.completedMillis() + 1000 * ttlSeconds;
    }

    /** On the wire. */
    String resource() {
        return namespace + "/device/" + device + "/method/" + method;
    }

    static String path(String namespace) {
        return "/apis/" + API_VERSION + "/namespaces/" + namespace + "/devicemethodcalls";
    }

    String path() {
        return path(namespace) + "/" + name;
    }

    private static Phase phase(String text) {
        return switch (text) {
            case "Running" -> Phase.RUNNING;
            case "Succeeded" -> Phase.SUCCEEDED;
            case "Failed" -> Phase.FAILED;
            default -> Phase.PENDING;
        };
    }

    static JsonObject object(JsonObject parent, String name) {
        return parent.get(name) instanceof JsonObject object ? object : new JsonObject();
    }

    static String text(JsonObject parent, String name) {
        return parent.get(name) instanceof JsonPrimitive primitive ? primitive.getAsString() : "";
    }

    static Map<String, String> texts(JsonObject object) {
        Map<String, String> texts = new LinkedHashMap<>();
        for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
            if (entry.getValue() instanceof JsonPrimitive primitive) {
                texts.put(entry.getKey(), primitive.getAsString());
            }
        }
        return texts;
    }

    private static long number(JsonObject parent, String name, long otherwise) {
        String text = text(parent, name);
        return text.matches("[0-9]{1,10}") ? Long.parseLong(text) : otherwise;
    }

    private static long millis(String time) {
        try {
            return Instant.parse(time).toEpochMilli();
        } catch (DateTimeParseException e) {
            return 0; // there is none
        }
    }
}
