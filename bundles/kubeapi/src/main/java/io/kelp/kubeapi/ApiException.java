package io.kelp.kubeapi;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;

/** A request is refused; carries what a client gets as {@code metav1.Status}. */
public final class ApiException extends Exception {

    private static final long serialVersionUID = 1L;

    private final int code;
    private final String reason;
    private final transient JsonObject details;

    /**
     * @param reason for example {@code NotFound}; empty for none
     * @param details {@code status.details}, {@code null} for none
     */
    public ApiException(int code, String reason, String message, JsonObject details) {
        super(message);
        this.code = code;
        this.reason = reason;
        this.details = details;
    }

    public static ApiException badRequest(String message) {
        return new ApiException(400, "BadRequest", message, null);
    }

    public static ApiException unauthorized() {
        return new ApiException(401, "Unauthorized", "Unauthorized", null);
    }

    /** @param resource qualified, {@code pods} or {@code deployments.apps} */
    public static ApiException notFound(String resource, String name) {
        return new ApiException(404, "NotFound", resource + " \"" + name + "\" not found", details(resource, name));
    }

    /** The path names nothing that is served. */
    public static ApiException noSuchPath() {
        return new ApiException(404, "NotFound", "the server could not find the requested resource", new JsonObject());
    }

    public static ApiException alreadyExists(String resource, String name) {
        return new ApiException(409, "AlreadyExists", resource + " \"" + name + "\" already exists", details(resource, name));
    }

    public static ApiException conflict(String resource, String name, String detail) {
        return new ApiException(409, "Conflict", "Operation cannot be fulfilled on " + resource + " \"" + name + "\": " + detail,
                details(resource, name));
    }

    /** A write was based on an older version. */
    public static ApiException modified(String resource, String name) {
        return conflict(resource, name,
                "the object has been modified; please apply your changes to the latest version and try again");
    }

    /** @param kind empty where Kubernetes forgets it, as in access reviews */
    public static ApiException invalid(String group, String kind, String name, List<FieldError> errors) {
        JsonObject details = new JsonObject();
        if (!name.isEmpty()) {
            details.addProperty("name", name);
        }
        if (!group.isEmpty()) {
            details.addProperty("group", group);
        }
        if (!kind.isEmpty()) {
            details.addProperty("kind", kind);
        }
        JsonArray causes = new JsonArray();
        errors.forEach(error -> causes.add(error.toCause()));
        details.add("causes", causes);
        List<String> different = errors.stream().map(FieldError::toString).distinct().toList();
        String list = different.size() == 1 ? different.get(0) : "[" + String.join(", ", different) + "]";
        String qualified = group.isEmpty() ? kind : kind + "." + group;
        return new ApiException(422, "Invalid", qualified + " \"" + name + "\" is invalid: " + list, details);
    }

    /** @param detail why */
    public static ApiException forbidden(String resource, String name, String detail) {
        return new ApiException(403, "Forbidden", resource + (name.isEmpty() ? "" : " \"" + name + "\"") + " is forbidden: " + detail,
                details(resource, name));
    }

    /** A version that is no longer kept: the client has to list again. */
    public static ApiException expired(String message) {
        return new ApiException(410, "Expired", message, null);
    }

    public static ApiException methodNotAllowed() {
        return new ApiException(405, "MethodNotAllowed", "the server does not allow this method on the requested resource",
                new JsonObject());
    }

    private static JsonObject details(String resource, String name) {
        JsonObject details = new JsonObject();
        if (!name.isEmpty()) {
            details.addProperty("name", name);
        }
        int dot = resource.indexOf('.');
        if (dot >= 0) {
            details.addProperty("group", resource.substring(dot + 1));
        }
        details.addProperty("kind", dot < 0 ? resource : resource.substring(0, dot));
        return details;
    }

    /** HTTP status code. */
    public int code() {
        return code;
    }

    public String reason() {
        return reason;
    }

    /** The body of the answer. */
    public JsonObject toStatus() {
        JsonObject status = new JsonObject();
        status.addProperty("kind", "Status");
        status.addProperty("apiVersion", "v1");
        status.add("metadata", new JsonObject());
        status.addProperty("status", "Failure");
        status.addProperty("message", getMessage());
        if (!reason.isEmpty()) {
            status.addProperty("reason", reason);
        }
        if (details != null) {
            status.add("details", details);
        }
        status.addProperty("code", code);
        return status;
    }
}
