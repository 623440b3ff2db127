package io.kelp.kubeapi.internal.schema;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.internal.resource.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What Kubernetes' own extensions of a schema demand: embedded objects are objects, sets and maps in lists have no duplicates. */
final class ShapeRules {

    private static final Pattern LABEL = Pattern.compile("(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?");
    private static final String LABEL_SENTENCE = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must"
            + " start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is"
            + " '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    private ShapeRules() {
    }

    /** Looks for duplicates in lists of type set and map. */
    static void lists(JsonElement value, Schema schema, String path, List<FieldError> errors) {
        if (schema == null) {
            return;
        }
        if (value.isJsonObject()) {
            new TreeMap<>(value.getAsJsonObject().asMap()).forEach((name, member) -> {
                Schema property = schema.properties().get(name);
                lists(member, schema.member(name), property != null ? child(path, name) : path + "[" + name + "]", errors);
            });
        } else if (value.isJsonArray()) {
            JsonArray array = value.getAsJsonArray();
            if (schema.listType().equals("set")) {
                duplicates(array, List.of(), path, errors);
            } else if (schema.listType().equals("map")) {
                duplicates(array, schema.listMapKeys(), path, errors);
            }
            for (int i = 0; i < array.size(); i++) {
                lists(array.get(i), schema.items(), path + "[" + i + "]", errors);
            }
        }
    }

    /** @param keys members that tell items apart, none when the whole item does */
    private static void duplicates(JsonArray array, List<String> keys, String path, List<FieldError> errors) {
        for (int i = 0; i < array.size() && !keys.isEmpty(); i++) {
            if (!array.get(i).isJsonObject() && !array.get(i).isJsonNull()) {
                errors.add(FieldError.invalid(path + "[" + i + "]", GoText.value(array.get(i)), "must be an object for an array of list-type map"));
                return;
            }
        }
        Set<String> seen = new HashSet<>();
        Set<String> told = new HashSet<>();
        for (int i = 0; i < array.size(); i++) {
            JsonElement item = array.get(i);
            if (!keys.isEmpty()) {
                item = keyed(item, keys);
            }
            String key = JsonValues.key(item);
            if (!seen.add(key) && told.add(key)) {
                errors.add(FieldError.of(FieldError.Type.DUPLICATE, path + "[" + i + "]", GoText.value(item), ""));
            }
        }
    }

    /** The part of an item that tells it from others. */
    private static JsonObject keyed(JsonElement item, List<String> keys) {
        JsonObject only = new JsonObject();
        for (String key : keys) {
            if (item.isJsonObject() && item.getAsJsonObject().has(key)) {
                only.add(key, item.getAsJsonObject().get(key));
            }
        }
        return only;
    }

    /** Checks {@code apiVersion}, {@code kind} and {@code metadata} of embedded objects. */
    static void embedded(JsonElement value, Schema schema, String path, List<FieldError> errors) {
        if (schema == null) {
            return;
        }
        if (value.isJsonObject()) {
            if (schema.embedded()) {
                resource(value.getAsJsonObject(), path, errors);
            }
            new TreeMap<>(value.getAsJsonObject().asMap()).forEach((name, member) -> {
                Schema property = schema.properties().get(name);
                embedded(member, schema.member(name), property != null ? child(path, name) : path + "[" + name + "]", errors);
            });
        } else if (value.isJsonArray()) {
            for (int i = 0; i < value.getAsJsonArray().size(); i++) {
                embedded(value.getAsJsonArray().get(i), schema.items(), path + "[" + i + "]", errors);
            }
        }
    }

    static void resource(JsonObject object, String path, List<FieldError> errors) {
        JsonElement version = object.get("apiVersion");
        if (version == null || version.isJsonNull()) {
            errors.add(FieldError.required(child(path, "apiVersion"), ""));
        } else if (version.isJsonPrimitive() && version.getAsString().isEmpty()) {
            errors.add(FieldError.invalid(child(path, "apiVersion"), "\"\"", "must not be empty"));
        } else if (version.isJsonPrimitive() && version.getAsString().chars().filter(c -> c == '/').count() > 1) {
            errors.add(FieldError.invalid(child(path, "apiVersion"), GoText.value(version), "unexpected GroupVersion string: " + version.getAsString()));
        }
        JsonElement kind = object.get("kind");
        if (kind == null || kind.isJsonNull()) {
            errors.add(FieldError.required(child(path, "kind"), ""));
        } else if (kind.isJsonPrimitive() && kind.getAsString().isEmpty()) {
            errors.add(FieldError.invalid(child(path, "kind"), "\"\"", "must not be empty"));
        } else if (kind.isJsonPrimitive() && Labels.problem(kind.getAsString().toLowerCase(Locale.ROOT)) != null) {
            errors.add(FieldError.invalid(child(path, "kind"), GoText.value(kind),
                    "may have mixed case, but should otherwise match: " + Labels.problem(kind.getAsString().toLowerCase(Locale.ROOT))));
        }
        if (object.has("metadata") && object.get("metadata").isJsonObject()) {
            metadata(object.getAsJsonObject("metadata"), child(path, "metadata"), errors);
        }
    }

    private static void metadata(JsonObject metadata, String path, List<FieldError> errors) {
        for (Map.Entry<String, JsonElement> label : SchemaReader.object(metadata, "labels").entrySet()) {
            if (label.getValue().isJsonPrimitive() && !LABEL.matcher(label.getValue().getAsString()).matches()) {
                errors.add(FieldError.invalid(child(path, "labels"), GoText.value(label.getValue()), LABEL_SENTENCE));
            }
        }
        String namespace = SchemaReader.text(metadata, "namespace");
        if (!namespace.isEmpty() && Names.labelProblem(namespace, false) != null) {
            errors.add(FieldError.invalid(child(path, "namespace"), GoText.quote(namespace), Names.labelProblem(namespace, false)));
        }
        for (JsonElement owner : SchemaReader.array(metadata, "ownerReferences")) {
            if (owner.isJsonObject()) {
                owner(owner.getAsJsonObject(), child(path, "ownerReferences"), errors);
            }
        }
    }

    private static void owner(JsonObject owner, String path, List<FieldError> errors) {
        for (String field : List.of("apiVersion", "kind", "name", "uid")) {
            if (SchemaReader.text(owner, field).isEmpty()) {
                errors.add(FieldError.invalid(child(path, field), "\"\"", field.equals("apiVersion") ? "version must not be empty" : "must not be empty"));
            }
        }
    }

    private static String child(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}
