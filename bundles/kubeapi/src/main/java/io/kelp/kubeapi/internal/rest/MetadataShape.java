package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Brings the metadata of a request into the form that all kinds share: known members with their types, nothing empty. */
final class MetadataShape {

    private static final Set<String> TEXTS = Set.of("name", "generateName", "namespace", "selfLink", "uid", "resourceVersion",
            "creationTimestamp", "deletionTimestamp");
    private static final Set<String> NUMBERS = Set.of("generation", "deletionGracePeriodSeconds");
    private static final Set<String> MAPS = Set.of("labels", "annotations");
    private static final Set<String> OWNER = Set.of("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion");

    private MetadataShape() {
    }

    /**
     * Removes what is unknown, {@code null} or empty.
     *
     * @param kind for the message
     * @return what is wrong in the words of Go's decoder, {@code null} when all is well
     */
    static String normalize(JsonObject object, String kind) {
        JsonElement element = object.get("metadata");
        if (element == null || element.isJsonNull()) {
            object.add("metadata", new JsonObject());
            return null;
        }
        if (!(element instanceof JsonObject metadata)) {
            return "json: cannot unmarshal " + word(element) + " into Go struct field " + kind + ".metadata of type v1.ObjectMeta";
        }
        for (String name : List.copyOf(metadata.keySet())) {
            JsonElement value = metadata.get(name);
            String problem = null;
            if (value.isJsonNull()) {
                metadata.remove(name);
            } else if (TEXTS.contains(name)) {
                problem = isText(value) ? null : cannot(value, "metadata." + name, "string");
            } else if (NUMBERS.contains(name)) {
                problem = isInteger(value) ? null : cannot(value, "metadata." + name, "int64");
            } else if (MAPS.contains(name)) {
                problem = map(metadata, name, value);
            } else if (name.equals("finalizers")) {
                problem = finalizers(metadata, value);
            } else if (name.equals("ownerReferences")) {
                problem = owners(metadata, value);
            } else if (name.equals("managedFields")) {
                problem = value instanceof JsonArray ? null : cannot(value, "metadata.managedFields", "[]v1.ManagedFieldsEntry");
            } else {
                metadata.remove(name);
            }
            if (problem != null) {
                return problem;
            }
        }
        TEXTS.forEach(name -> {
            if (metadata.has(name) && metadata.get(name).getAsString().isEmpty()) {
                metadata.remove(name);
            }
        });
        if (metadata.has("generation") && metadata.get("generation").getAsLong() == 0) {
            metadata.remove("generation");
        }
        metadata.remove("selfLink");
        return null;
    }

    private static String map(JsonObject metadata, String name, JsonElement value) {
        if (!(value instanceof JsonObject map)) {
            return cannot(value, "metadata." + name, "map[string]string");
        }
        for (Map.Entry<String, JsonElement> entry : map.entrySet()) {
            if (entry.getValue().isJsonNull()) {
                entry.setValue(new JsonPrimitive(""));
            } else if (!isText(entry.getValue())) {
                return cannot(entry.getValue(), "metadata." + name, "string");
            }
        }
        if (map.isEmpty()) {
            metadata.remove(name);
        }
        return null;
    }

    private static String finalizers(JsonObject metadata, JsonElement value) {
        if (!(value instanceof JsonArray array)) {
            return cannot(value, "metadata.finalizers", "[]string");
        }
        for (JsonElement item : array) {
            if (!isText(item)) {
                return cannot(item, "metadata.finalizers", "string");
            }
        }
        if (array.isEmpty()) {
            metadata.remove("finalizers");
        }
        return null;
    }

    private static String owners(JsonObject metadata, JsonElement value) {
        if (!(value instanceof JsonArray array)) {
            return cannot(value, "metadata.ownerReferences", "[]v1.OwnerReference");
        }
        for (int i = 0; i < array.size(); i++) {
            if (!(array.get(i) instanceof JsonObject owner)) {
                return cannot(array.get(i), "metadata.ownerReferences", "v1.OwnerReference");
            }
            owner.keySet().retainAll(OWNER);
            owner.entrySet().removeIf(entry -> entry.getValue().isJsonNull());
            for (Map.Entry<String, JsonElement> entry : owner.entrySet()) {
                boolean flag = entry.getKey().equals("controller") || entry.getKey().equals("blockOwnerDeletion");
                if (flag ? !isFlag(entry.getValue()) : !isText(entry.getValue())) {
                    return cannot(entry.getValue(), "metadata.ownerReferences." + entry.getKey(), flag ? "bool" : "string");
                }
            }
        }
        if (array.isEmpty()) {
            metadata.remove("ownerReferences");
        }
        return null;
    }

    private static boolean isText(JsonElement value) {
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isString();
    }

    private static boolean isFlag(JsonElement value) {
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isBoolean();
    }

    private static boolean isInteger(JsonElement value) {
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber() && value.getAsString().matches("-?[0-9]{1,18}");
    }

    private static String cannot(JsonElement value, String field, String goType) {
        return "json: cannot unmarshal " + word(value) + " into Go struct field ObjectMeta." + field.substring("metadata.".length()) + " of type " + goType;
    }

    /** How Go's decoder calls a value. */
    static String word(JsonElement value) {
        if (value.isJsonPrimitive()) {
            return isText(value) ? "string" : isFlag(value) ? "bool" : "number";
        }
        return value.isJsonArray() ? "array" : value.isJsonObject() ? "object" : "null";
    }
}
