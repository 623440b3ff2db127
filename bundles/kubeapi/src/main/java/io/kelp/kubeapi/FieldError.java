package io.kelp.kubeapi;

import com.google.gson.JsonObject;

/**
 * One thing wrong with an object, as Kubernetes puts it.
 *
 * @param field path, for example {@code spec.containers[0].name}
 * @param message without the path, for example {@code Required value: must be a name}
 */
public record FieldError(Type type, String field, String message) {

    /** Reasons of {@code metav1.StatusCause} and the words that begin the message. */
    public enum Type {
        REQUIRED("FieldValueRequired", "Required value"),
        INVALID("FieldValueInvalid", "Invalid value"),
        NOT_SUPPORTED("FieldValueNotSupported", "Unsupported value"),
        DUPLICATE("FieldValueDuplicate", "Duplicate value"),
        FORBIDDEN("FieldValueForbidden", "Forbidden"),
        TOO_LONG("FieldValueTooLong", "Too long"),
        TOO_MANY("FieldValueTooMany", "Too many"),
        NOT_FOUND("FieldValueNotFound", "Not found"),
        TYPE_INVALID("FieldValueTypeInvalid", "Invalid value"),
        INTERNAL("InternalError", "Internal error");

        private final String reason;
        private final String words;

        Type(String reason, String words) {
            this.reason = reason;
            this.words = words;
        }

        public String reason() {
            return reason;
        }

        public String words() {
            return words;
        }
    }

    public static FieldError required(String field, String detail) {
        return of(Type.REQUIRED, field, "", detail);
    }

    /** @param value as it is shown: strings in quotes, numbers and objects as JSON */
    public static FieldError invalid(String field, String value, String detail) {
        return of(Type.INVALID, field, value, detail);
    }

    public static FieldError forbidden(String field, String detail) {
        return of(Type.FORBIDDEN, field, "", detail);
    }

    /** @param value as it is shown, empty for none */
    public static FieldError of(Type type, String field, String value, String detail) {
        StringBuilder message = new StringBuilder(type.words());
        if (!value.isEmpty()) {
            message.append(": ").append(value);
        }
        if (!detail.isEmpty()) {
            message.append(": ").append(detail);
        }
        return new FieldError(type, field, message.toString());
    }

    /** As a member of {@code status.details.causes}. */
    public JsonObject toCause() {
        JsonObject cause = new JsonObject();
        cause.addProperty("reason", type.reason());
        cause.addProperty("message", message);
        cause.addProperty("field", field);
        return cause;
    }

    @Override
    public String toString() {
        return field + ": " + message;
    }
}
