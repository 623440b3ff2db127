package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.internal.patch.ListItems.IllegalItemException;

/**
 * The annotation of client-side {@code kubectl apply}: who applied an object that way and now applies it on the server may change what
 * it applied before.
 */
final class LastApplied {

    private static final String ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";

    private LastApplied() {
    }

    static boolean concerns(Manager manager) {
        return manager.name().equals("kubectl");
    }

    /** Fields that were applied and still have that value. */
    static FieldSet unchanged(JsonObject live, FieldType type) {
        String text = annotation(live);
        if (text == null) {
            return FieldSet.EMPTY;
        }
        try {
            JsonElement last = StrictJson.parse(text);
            if (!(last instanceof JsonObject) || !TypeCheck.problem(last, type, true).isEmpty()) {
                return FieldSet.EMPTY;
            }
            Comparison comparison = Comparison.of(live, last, type);
            return OwnedFields.of(last, type).difference(comparison.modified()).difference(comparison.added())
                    .difference(comparison.removed());
        } catch (JsonParseException | IllegalItemException e) {
            return FieldSet.EMPTY; // an annotation is only a text; a broken one allows nothing
        }
    }

    /** Keeps the annotation, where there is one, in step for clients that still apply on their side. */
    static void renew(JsonObject object, JsonObject applied) {
        if (annotation(object) != null) {
            JsonObject annotations = object.getAsJsonObject("metadata").getAsJsonObject("annotations");
            JsonObject copy = applied.deepCopy();
            if (copy.get("metadata") instanceof JsonObject metadata && metadata.get("annotations") instanceof JsonObject own) {
                own.remove(ANNOTATION);
            }
            annotations.addProperty(ANNOTATION, StrictJson.write(copy) + "\n");
        }
    }

    private static String annotation(JsonObject object) {
        return object.get("metadata") instanceof JsonObject metadata && metadata.get("annotations") instanceof JsonObject annotations
                && annotations.get(ANNOTATION) instanceof JsonPrimitive text ? text.getAsString() : null;
    }
}
