package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.schema.SchemaRules;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

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
     * @param object may be changed
     * @param duplicates of the body
     * @param warnings gets what strict decoding would refuse
     * @return the object to go on with
     */
    JsonObject accept(ResourceType type, JsonObject object, List<String> duplicates, Validation validation, List<String> warnings)
            throws UnreadableException {
        List<String> found = new ArrayList<>();
        duplicates.forEach(path -> found.add("duplicate field \"" + path + "\""));
        if (validation != Validation.IGNORE) {
            found.addAll(schemas.unknownFields(object, type.schema(), MAX_UNKNOWN));
        }
        JsonObject taken = normalize(type, object);
        String problem = MetadataShape.normalize(taken, type.kind());
        if (problem != null) {
            throw new UnreadableException(problem);
        }
        if (!type.custom()) {
            found.sort(Comparator.comparingInt(sentence -> place(object, sentence)));
        }
        if (validation == Validation.STRICT && !found.isEmpty()) {
            throw new UnreadableException("strict decoding error: " + String.join(", ", found));
        }
        if (validation == Validation.WARN) {
            warnings.addAll(found);
        }
        schemas.prune(taken, type.schema());
        schemas.setDefaults(taken, type.schema());
        type.rules().setDefaults(taken);
        return taken;
    }

    /** Built-in kinds are decoded member by member, and what is wrong is told in that order. */
    private static int place(JsonObject object, String sentence) {
        String path = sentence.substring(sentence.indexOf('"') + 1);
        String member = path.split("[.\"\\[]", 2)[0];
        return List.copyOf(object.keySet()).indexOf(member);
    }

    private static JsonObject normalize(ResourceType type, JsonObject object) throws UnreadableException {
        try {
            return type.rules().normalize(object);
        } catch (ApiException e) {
            String context = cannotBeHandled(type);
            throw new UnreadableException(e.getMessage().startsWith(context) ? e.getMessage().substring(context.length()) : e.getMessage());
        }
    }

    private static String cannotBeHandled(ResourceType type) {
        return type.kind() + " in version \"" + type.version() + "\" cannot be handled as a " + type.kind() + ": ";
    }

    /** As {@link #accept}, for whole bodies: the refusal is the API's. */
    JsonObject acceptBody(ResourceType type, JsonObject object, List<String> duplicates, Validation validation, List<String> warnings)
            throws ApiException {
        try {
            return accept(type, object, duplicates, validation, warnings);
        } catch (UnreadableException e) {
            throw ApiException.badRequest(cannotBeHandled(type) + e.getMessage());
        }
    }
}
