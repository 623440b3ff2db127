package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.schema.SchemaRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Takes an object in that somebody sent: in the type's form, without what is unknown, with defaults. */
final class Intake {

    /** What {@code fieldValidation} asks for. */
    enum Validation { IGNORE, WARN, STRICT }

    /** Cannot be read as an object of the type; the message is that of the decoder. */
    static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnreadableException(String message) {
            super(message);
        }
    }

    private static final int MAX_UNKNOWN = 100;

    private final SchemaRules schemas;

    Intake(SchemaRules schemas) {
        this.schemas = schemas;
    }

    /**
     * Changes the tree in place.
     *
     * @param duplicates of the body
     * @param warnings gets what strict decoding would refuse
     */
    void accept(ResourceType type, JsonObject object, List<String> duplicates, Validation validation, List<String> warnings)
            throws UnreadableException {
        List<String> found = new ArrayList<>();
        duplicates.forEach(path -> found.add("duplicate field \"" + path + "\""));
        String problem = MetadataShape.normalize(object, found);
        if (problem != null) {
            throw new UnreadableException(problem);
        }
        if (!type.custom()) {
            checkTypes(type, object);
        }
        if (validation != Validation.IGNORE) {
            found.addAll(schemas.unknownFields(object, type.schema(), MAX_UNKNOWN));
        }
        if (validation == Validation.STRICT && !found.isEmpty()) {
            throw new UnreadableException("strict decoding error: " + String.join(", ", found));
        }
        if (validation == Validation.WARN) {
            warnings.addAll(found);
        }
        if (!type.custom()) {
            Json.dropNulls(object);
        }
        schemas.prune(object, type.schema());
        schemas.setDefaults(object, type.schema());
        type.rules().setDefaults(object);
    }

    private void checkTypes(ResourceType type, JsonObject object) throws UnreadableException {
        for (FieldError error : schemas.validate(object, type.schema())) {
            if (error.type() == FieldError.Type.TYPE_INVALID) {
                String field = error.field().replaceAll("\\[[^]]*]", "");
                JsonElement value = find(object, error.field());
                throw new UnreadableException("json: cannot unmarshal " + (value == null ? "value" : MetadataShape.word(value))
                        + " into Go struct field " + type.kind() + "." + field + " of type " + expected(error.message()));
            }
        }
    }

    /** The type that a schema error asks for, by the name that Go has for it. */
    private static String expected(String message) {
        int at = message.indexOf("must be of type ");
        String word = at < 0 ? "" : message.substring(at + "must be of type ".length()).split("[^a-z]", 2)[0];
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "integer" -> "int64";
            case "boolean" -> "bool";
            case "number" -> "float64";
            case "array" -> "[]interface {}";
            case "object" -> "map[string]interface {}";
            default -> "string";
        };
    }

    private static JsonElement find(JsonElement tree, String path) {
        JsonElement at = tree;
        for (String step : path.split("[.\\[]")) {
            String name = step.endsWith("]") ? step.substring(0, step.length() - 1) : step;
            if (at instanceof JsonObject object) {
                at = object.get(name);
            } else if (at != null && at.isJsonArray() && name.matches("[0-9]{1,6}") && Integer.parseInt(name) < at.getAsJsonArray().size()) {
                at = at.getAsJsonArray().get(Integer.parseInt(name));
            } else {
                return null;
            }
        }
        return at;
    }

    /** As {@link #accept}, for whole bodies: the refusal is the API's. */
    void acceptBody(ResourceType type, JsonObject object, List<String> duplicates, Validation validation, List<String> warnings)
            throws ApiException {
        try {
            accept(type, object, duplicates, validation, warnings);
        } catch (UnreadableException e) {
            throw ApiException.badRequest(type.kind() + " in version \"" + type.version() + "\" cannot be handled as a " + type.kind() + ": "
                    + e.getMessage());
        }
    }
}
