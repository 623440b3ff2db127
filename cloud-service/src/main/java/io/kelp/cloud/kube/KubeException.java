package io.kelp.cloud.kube;

import com.google.gson.JsonObject;

/** The API server refused: carries its {@code metav1.Status}. */
public final class KubeException extends Exception {

    private static final long serialVersionUID = 1L;

    private final int code;
    private final transient JsonObject status;

    public KubeException(int code, JsonObject status) {
        super(status.has("message") ? status.get("message").getAsString() : "HTTP " + code);
        this.code = code;
        this.status = status;
    }

    /** HTTP status code, for example 404. */
    public int code() {
        return code;
    }

    /** The Status object; for an answer that was none, one made from the code. */
    public JsonObject status() {
        return status;
    }

    /** The reason in the Status, for example {@code AlreadyExists}; empty when there is none. */
    public String reason() {
        return status.has("reason") ? status.get("reason").getAsString() : "";
    }
}
