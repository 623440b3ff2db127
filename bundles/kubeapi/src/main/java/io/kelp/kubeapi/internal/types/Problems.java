package io.kelp.kubeapi.internal.types;

import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.FieldError;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What is wrong with an object, in the order in which it is found. */
final class Problems {

    static final String IMMUTABLE = "field is immutable";

    private final List<FieldError> found = new ArrayList<>();

    List<FieldError> list() {
        return List.copyOf(found);
    }

    boolean none() {
        return found.isEmpty();
    }

    int count() {
        return found.size();
    }

    void required(String field, String detail) {
        found.add(FieldError.required(field, detail));
    }

    /** Of a text. */
    void invalid(String field, String value, String detail) {
        found.add(FieldError.invalid(field, quoted(value), detail));
    }

    /** One for each sentence. */
    void invalid(String field, String value, List<String> details) {
        details.forEach(detail -> invalid(field, value, detail));
    }

    void invalid(String field, long value, String detail) {
        found.add(FieldError.invalid(field, Long.toString(value), detail));
    }

    /** Of anything that is shown as JSON. */
    void invalidJson(String field, String value, String detail) {
        found.add(FieldError.invalid(field, value, detail));
    }

    void forbidden(String field, String detail) {
        found.add(FieldError.forbidden(field, detail));
    }

    void notSupported(String field, String value, Collection<String> supported) {
        String detail = supported.isEmpty() ? "" : "supported values: " + String.join(", ", supported.stream().map(Problems::quoted).toList());
        found.add(FieldError.of(FieldError.Type.NOT_SUPPORTED, field, quoted(value), detail));
    }

    void duplicate(String field, String shown, String detail) {
        found.add(FieldError.of(FieldError.Type.DUPLICATE, field, shown, detail));
    }

    void notFound(String field, String value) {
        found.add(FieldError.of(FieldError.Type.NOT_FOUND, field, quoted(value), ""));
    }

    void internal(String field, String detail) {
        found.add(FieldError.of(FieldError.Type.INTERNAL, field, "", detail));
    }

    void tooLong(String field, int bytes) {
        found.add(FieldError.of(FieldError.Type.TOO_LONG, field, "", "may not be more than " + bytes + " bytes"));
    }

    static String quoted(String text) {
        return new JsonPrimitive(text).toString();
    }
}
