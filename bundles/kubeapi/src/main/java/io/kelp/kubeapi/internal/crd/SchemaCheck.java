package io.kelp.kubeapi.internal.crd;

import static io.kelp.kubeapi.internal.crd.Members.array;
import static io.kelp.kubeapi.internal.crd.Members.flag;
import static io.kelp.kubeapi.internal.crd.Members.object;
import static io.kelp.kubeapi.internal.crd.Members.text;
import static io.kelp.kubeapi.internal.crd.Members.texts;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.internal.schema.GoText;
import io.kelp.kubeapi.internal.schema.Schema;
import io.kelp.kubeapi.internal.schema.SchemaReader;
import io.kelp.kubeapi.internal.schema.StructuralRules;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Whether a schema can be used in a definition: what Kubernetes allows of OpenAPI, form, defaults. */
final class SchemaCheck {

    private static final Set<String> TYPES = new TreeSet<>(Set.of("array", "boolean", "integer", "number", "object", "string"));
    private static final Set<String> OF_EVERY_OBJECT = Set.of("apiVersion", "kind", "metadata");
    private static final List<String> UNREADABLE = List.of("id", "$schema", "$ref", "additionalItems", "patternProperties", "definitions", "dependencies");
    private static final String EMBEDDED = "x-kubernetes-embedded-resource";
    private static final String LIST_TYPE = "x-kubernetes-list-type";
    private static final String LIST_KEYS = "x-kubernetes-list-map-keys";
    private static final String MAP_TYPE = "x-kubernetes-map-type";
    private static final String KEEP = "x-kubernetes-preserve-unknown-fields";
    /** Nesting that is refused; walking a schema recurses. */
    private static final int DEEPEST = 100;
    /** Errors after which no more are looked for. */
    private static final int MOST_ERRORS = 200;

    private final StructuralRules rules;
    private final List<FieldError> errors = new ArrayList<>();
    private String unreadable; // a keyword that leaves no meaning for the rest

    SchemaCheck(StructuralRules rules) {
        this.rules = rules;
    }

    /** @param path of the schema */
    List<FieldError> check(JsonObject schema, String path) {
        if (flag(schema, "nullable")) {
            errors.add(FieldError.forbidden(path + ".nullable", "nullable cannot be true at the root"));
        }
        allowed(schema, path, true, "", false, 0);
        if (unreadable != null) {
            if (errors.isEmpty()) {
                errors.add(FieldError.invalid(path, "\"\"", "OpenAPIV3Schema '" + unreadable + "' is not supported"));
            }
        } else if (errors.size() < MOST_ERRORS) {
            List<FieldError> structural = StructureCheck.check(schema, path);
            errors.addAll(structural);
            if (structural.isEmpty()) {
                defaults(schema, path, true);
            }
        }
        return errors;
    }

    /** @param noDefaults why there must not be a default, empty when there may */
    private void allowed(JsonObject schema, String path, boolean root, String noDefaults, boolean inMetadata, int depth) {
        if (depth > DEEPEST) {
            errors.add(FieldError.invalid(path, "\"\"", "schemas nested more than " + DEEPEST + " deep are not supported"));
        }
        if (depth > DEEPEST || errors.size() >= MOST_ERRORS) {
            return;
        }
        unsupported(schema, path, noDefaults);
        if (inMetadata && flag(schema, EMBEDDED)) {
            errors.add(FieldError.forbidden(path + "." + EMBEDDED, "must not be used inside of resource meta"));
        }
        JsonElement additional = schema.get("additionalProperties");
        JsonObject properties = object(schema, "properties");
        if (additional != null && !properties.isEmpty() && !(additional.isJsonPrimitive() && additional.getAsBoolean())) {
            errors.add(FieldError.forbidden(path + ".additionalProperties", "additionalProperties and properties are mutual exclusive"));
        }
        if (additional != null && additional.isJsonObject()) {
            allowed(additional.getAsJsonObject(), path + ".additionalProperties", false, noDefaults, inMetadata, depth + 1);
        }
        boolean resource = root || flag(schema, EMBEDDED);
        for (String name : new TreeSet<>(properties.keySet())) {
            boolean meta = resource && OF_EVERY_OBJECT.contains(name);
            allowed(properties.getAsJsonObject(name), path + ".properties[" + name + "]", false,
                    root && meta ? "must not be set in top-level " + name : noDefaults, meta || inMetadata, depth + 1);
        }
        nested(schema, path, noDefaults, inMetadata, depth);
        extensions(schema, path);
    }

    private void nested(JsonObject schema, String path, String noDefaults, boolean inMetadata, int depth) {
        if (schema.has("not")) {
            allowed(object(schema, "not"), path + ".not", false, noDefaults, inMetadata, depth + 1);
        }
        for (String keyword : List.of("allOf", "oneOf", "anyOf")) {
            JsonArray parts = array(schema, keyword);
            for (int i = 0; i < parts.size(); i++) {
                allowed(parts.get(i).getAsJsonObject(), path + "." + keyword + "[" + i + "]", false, noDefaults, inMetadata, depth + 1);
            }
        }
        JsonElement items = schema.get("items");
        if (items != null && items.isJsonObject()) {
            allowed(items.getAsJsonObject(), path + ".items", false, noDefaults, inMetadata, depth + 1);
        }
    }

    private void unsupported(JsonObject schema, String path, String noDefaults) {
        if (schema.has("default") && !noDefaults.isEmpty()) {
            errors.add(FieldError.forbidden(path + ".default", noDefaults));
        }
        for (String keyword : List.of("id", "additionalItems", "patternProperties", "definitions", "dependencies")) {
            if (schema.has(keyword)) {
                errors.add(FieldError.forbidden(path + "." + keyword, keyword + " is not supported"));
            }
        }
        if (schema.has("$ref")) {
            errors.add(FieldError.forbidden(path + ".$ref", "$ref is not supported"));
        }
        for (String keyword : UNREADABLE) {
            unreadable = schema.has(keyword) && unreadable == null ? keyword.replace("$", "") : unreadable;
        }
        String type = text(schema, "type");
        if (type.equals("null")) {
            errors.add(FieldError.forbidden(path + ".type", "type cannot be set to null, use nullable as an alternative"));
        } else if (!type.isEmpty() && !TYPES.contains(type)) {
            errors.add(FieldError.of(FieldError.Type.NOT_SUPPORTED, path + ".type", GoText.quote(type),
                    "supported values: " + String.join(", ", TYPES.stream().map(GoText::quote).toList())));
        }
        if (schema.has("items") && schema.get("items").isJsonArray()) {
            errors.add(FieldError.forbidden(path + ".items", "items must be a schema object and not an array"));
            unreadable = "items";
        }
        if (flag(schema, "uniqueItems")) {
            errors.add(FieldError.forbidden(path + ".uniqueItems", "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"));
        }
    }

    private void extensions(JsonObject schema, String path) {
        String type = text(schema, "type");
        if (schema.has(KEEP) && !flag(schema, KEEP)) {
            errors.add(FieldError.invalid(path + "." + KEEP, "false", "must be true or undefined"));
            unreadable = KEEP;
        }
        String mapType = text(schema, MAP_TYPE);
        if (schema.has(MAP_TYPE)) {
            typeMustBe("object", type, path, "must be object if " + MAP_TYPE + " is specified");
            if (!Set.of("atomic", "granular").contains(mapType)) {
                errors.add(FieldError.of(FieldError.Type.NOT_SUPPORTED, path + "." + MAP_TYPE, GoText.quote(mapType),
                        "supported values: \"atomic\", \"granular\""));
            }
        }
        String listType = text(schema, LIST_TYPE);
        if (schema.has(LIST_TYPE)) {
            typeMustBe("array", type, path, "must be array if " + LIST_TYPE + " is specified");
            if (!Set.of("atomic", "set", "map").contains(listType)) {
                errors.add(FieldError.of(FieldError.Type.NOT_SUPPORTED, path + "." + LIST_TYPE, GoText.quote(listType),
                        "supported values: \"atomic\", \"set\", \"map\""));
            }
        }
        List<String> keys = texts(schema, LIST_KEYS);
        if (!keys.isEmpty() && !listType.equals("map")) {
            String sentence = "must be map if " + LIST_KEYS + " is non-empty";
            errors.add(schema.has(LIST_TYPE) ? FieldError.invalid(path + "." + LIST_TYPE, GoText.quote(listType), sentence)
                    : FieldError.required(path + "." + LIST_TYPE, sentence));
        }
        if (listType.equals("map")) {
            map(schema, keys, path);
        } else if (listType.equals("set") && type.equals("array")) {
            set(object(schema, "items"), path + ".items");
        }
        JsonArray cel = array(schema, "x-kubernetes-validations");
        for (int i = 0; i < cel.size(); i++) {
            if (text(cel.get(i).getAsJsonObject(), "rule").isBlank()) {
                errors.add(FieldError.required(path + ".x-kubernetes-validations[" + i + "].rule", "rule is not specified"));
            }
        }
    }

    private void typeMustBe(String wanted, String type, String path, String sentence) {
        if (type.isEmpty()) {
            errors.add(FieldError.required(path + ".type", sentence));
        } else if (!type.equals(wanted)) {
            errors.add(FieldError.invalid(path + ".type", GoText.quote(type), sentence));
        }
    }

    private void map(JsonObject schema, List<String> keys, String path) {
        if (keys.isEmpty()) {
            errors.add(FieldError.required(path + "." + LIST_KEYS, "must not be empty if " + LIST_TYPE + " is map"));
        }
        if (!schema.has("items")) {
            errors.add(FieldError.required(path + ".items", "must have a schema if " + LIST_TYPE + " is map"));
            return;
        }
        JsonObject items = object(schema, "items");
        if (!text(items, "type").equals("object")) {
            errors.add(FieldError.invalid(path + ".items.type", GoText.quote(text(items, "type")),
                    "must be object if parent array's " + LIST_TYPE + " is map"));
            return;
        }
        JsonObject properties = object(items, "properties");
        String shown = GoText.json(array(schema, LIST_KEYS));
        for (String key : keys) {
            if (!properties.has(key)) {
                errors.add(FieldError.invalid(path + "." + LIST_KEYS, shown, "entries must all be names of item properties"));
                continue;
            }
            String type = text(object(properties, key), "type");
            if (type.equals("array") || type.equals("object")) {
                errors.add(FieldError.invalid(path + ".items.properties[" + key + "].type", GoText.quote(type),
                        "must be a scalar type if parent array's " + LIST_TYPE + " is map"));
            }
        }
        if (new HashSet<>(keys).size() < keys.size()) {
            errors.add(FieldError.invalid(path + "." + LIST_KEYS, shown, "must not contain duplicate entries"));
        }
        for (String key : keys) {
            JsonObject property = object(properties, key);
            if (!properties.has(key)) {
                continue;
            }
            String below = path + ".items.properties[" + key + "]";
            if (!texts(items, "required").contains(key) && !property.has("default")) {
                errors.add(FieldError.required(below + ".default", "this property is in " + LIST_KEYS
                        + ", so it must have a default or be a required property"));
            }
            if (flag(property, "nullable")) {
                errors.add(FieldError.forbidden(below + ".nullable", "this property is in " + LIST_KEYS + ", so it cannot be nullable"));
            }
        }
        if (flag(items, "nullable")) {
            errors.add(FieldError.forbidden(path + ".items.nullable", "cannot be nullable when " + LIST_TYPE + " is map"));
        }
    }

    private void set(JsonObject items, String path) {
        String type = text(items, "type");
        if (flag(items, "nullable")) {
            errors.add(FieldError.forbidden(path + ".nullable", "cannot be nullable when " + LIST_TYPE + " is set"));
        }
        if (type.equals("array") && items.has(LIST_TYPE) && !text(items, LIST_TYPE).equals("atomic")) {
            errors.add(FieldError.invalid(path + "." + LIST_TYPE, GoText.quote(text(items, LIST_TYPE)),
                    "must be atomic as item of a list with " + LIST_TYPE + "=set"));
        } else if (type.equals("object") && !text(items, MAP_TYPE).equals("atomic")) {
            errors.add(FieldError.invalid(path + "." + MAP_TYPE, items.has(MAP_TYPE) ? GoText.quote(text(items, MAP_TYPE)) : "null",
                    "must be atomic as item of a list with " + LIST_TYPE + "=set"));
        }
    }

    /** Defaults must be values that the schema takes and does not prune. */
    private void defaults(JsonObject schema, String path, boolean root) {
        JsonElement fallback = schema.get("default");
        if (fallback != null && !fallback.isJsonNull()) {
            Schema type = SchemaReader.read(schema);
            if (fallback.isJsonObject() && rules.isPruned(fallback.getAsJsonObject(), type)) {
                errors.add(FieldError.invalid(path + ".default", GoText.json(fallback), "must not have unknown fields"));
            }
            errors.addAll(rules.validateDefault(fallback, type, root, path + ".default"));
        }
        if (schema.has("items") && schema.get("items").isJsonObject()) {
            defaults(object(schema, "items"), path + ".items", false);
        }
        JsonObject properties = object(schema, "properties");
        for (String name : new TreeSet<>(properties.keySet())) {
            String below = path + ".properties[" + name + "]";
            if ((root || flag(schema, EMBEDDED)) && name.equals("metadata")) {
                metadata(object(properties, name).get("default"), below + ".default");
            } else {
                defaults(properties.getAsJsonObject(name), below, false);
            }
        }
    }

    private void metadata(JsonElement fallback, String path) {
        if (fallback != null && !fallback.isJsonNull() && !fallback.isJsonObject()) {
            String word = fallback.isJsonArray() ? "array" : fallback.getAsJsonPrimitive().isString() ? "string"
                    : fallback.getAsJsonPrimitive().isNumber() ? "number" : "bool";
            String shown = GoText.value(fallback);
            errors.add(FieldError.invalid(path, shown, "must result in valid metadata: metadata: Invalid value: " + shown + ": json: cannot unmarshal "
                    + word + " into Go value of type v1.ObjectMeta"));
        }
    }
}
