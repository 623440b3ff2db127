package io.kelp.cloud.edge;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.kelp.cloud.kube.KubeException;

/** The forms of an answer that a stock edge understands (channel specification, section 6.4). */
final class Answers {

    private Answers() {}

    /** A typed result without error: {@code {"Object":…,"Err":null}}; both members must be there. */
    static JsonObject result(JsonElement object) {
        return wrapper(object, JsonNull.INSTANCE);
    }

    /** A typed result of an object as the stock cloud's typed client gives it: without kind and apiVersion. */
    static JsonObject typedResult(JsonObject object) {
        return result(withoutType(object));
    }

    /** A refusal in the typed form; {@code object} is what stands beside the error, often {@code null}. */
    static JsonObject refusal(JsonElement object, Throwable cause) {
        return wrapper(object, error(cause));
    }

    /** A refusal of a plain query: {@code {"ErrStatus":…}}. */
    static JsonObject error(Throwable cause) {
        return error(status(cause));
    }

    static JsonObject error(JsonObject status) {
        JsonObject err = new JsonObject();
        err.add("ErrStatus", status);
        return err;
    }

    /** What a refusal of the API server, or its absence, looks like as {@code metav1.Status} without type. */
    static JsonObject status(Throwable cause) {
        if (cause instanceof KubeException refused) {
            JsonObject status = refused.status().deepCopy();
            status.remove("kind");
            status.remove("apiVersion");
            return status;
        }
        return status(503, "ServiceUnavailable", "the API server cannot be reached: " + cause.getMessage(), null);
    }

    /**
     * A Status as the stock cloud makes it from its caches.
     *
     * @param details may be {@code null}
     */
    static JsonObject status(int code, String reason, String message, JsonObject details) {
        JsonObject status = new JsonObject();
        status.add("metadata", new JsonObject());
        status.addProperty("status", "Failure");
        status.addProperty("message", message);
        status.addProperty("reason", reason);
        if (details != null) {
            status.add("details", details);
        }
        status.addProperty("code", code);
        return status;
    }

    /** "Not found" in the words of the stock cloud's caches: singular kind, group behind it. */
    static JsonObject notFound(String kind, String group, String name) {
        JsonObject details = new JsonObject();
        details.addProperty("name", name);
        if (!group.isEmpty()) {
            details.addProperty("group", group);
        }
        details.addProperty("kind", kind);
        String qualified = group.isEmpty() ? kind : kind + "." + group;
        return status(404, "NotFound", qualified + " \"" + name + "\" not found", details);
    }

    static boolean isNotFound(Throwable cause) {
        return cause instanceof KubeException refused && refused.code() == 404;
    }

    static JsonObject withoutType(JsonObject object) {
        JsonObject copy = object.deepCopy();
        copy.remove("kind");
        copy.remove("apiVersion");
        return copy;
    }

    private static JsonObject wrapper(JsonElement object, JsonElement err) {
        JsonObject response = new JsonObject();
        response.add("Object", object);
        response.add("Err", err);
        return response;
    }
}
