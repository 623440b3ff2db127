package io.kelp.kubeapi.internal.crd;

import static io.kelp.kubeapi.internal.crd.Members.array;
import static io.kelp.kubeapi.internal.crd.Members.flag;
import static io.kelp.kubeapi.internal.crd.Members.object;
import static io.kelp.kubeapi.internal.crd.Members.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.FieldError;
import io.kelp.kubeapi.internal.schema.GoText;
import io.kelp.kubeapi.internal.schema.StructuralRules;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Whether a schema is structural: every field has a type, and alternatives only add conditions
 * (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema).
 */
final class StructureCheck {

    private enum Level { ROOT, FIELD, ITEM }

    private static final String EITHER = "x-kubernetes-int-or-string";
    private static final String KEEP = "x-kubernetes-preserve-unknown-fields";
    private static final String EMBEDDED = "x-kubernetes-embedded-resource";

    private final List<FieldError> errors = new ArrayList<>();

    private StructureCheck() {
    }

    static List<FieldError> check(JsonObject schema, String path) {
        StructureCheck check = new StructureCheck();
        check.schema(schema, path, Level.ROOT);
        check.complete(schema, schema, path, path);
        check.errors.sort(Comparator.comparing(FieldError::toString));
        return check.errors;
    }

    private void schema(JsonObject schema, String path, Level level) {
        String type = text(schema, "type");
        JsonElement items = schema.get("items");
        if (type.equals("array") && items == null) {
            errors.add(FieldError.required(path + ".items", "must be specified"));
        }
        if (items != null && items.isJsonObject()) {
            schema(items.getAsJsonObject(), path + ".items", Level.ITEM);
        }
        JsonElement additional = schema.get("additionalProperties");
        if (additional != null && level == Level.ROOT) {
            errors.add(FieldError.forbidden(path + ".additionalProperties", "must not be used at the root"));
        }
        if (additional != null && additional.isJsonObject()) {
            schema(additional.getAsJsonObject(), path + ".additionalProperties", Level.FIELD);
        }
        object(schema, "properties").asMap().forEach((name, property) ->
                schema(property.getAsJsonObject(), path + ".properties[" + name + "]", Level.FIELD));
        conditions(schema, path, flag(schema, EITHER));
        type(schema, type, path, level);
        if (flag(schema, EITHER)) {
            for (String keyword : List.of(KEEP, EMBEDDED)) {
                if (flag(schema, keyword)) {
                    errors.add(FieldError.invalid(path + "." + keyword, "true", "must be false if " + EITHER + " is true"));
                }
            }
        }
        if (flag(schema, EMBEDDED)) {
            if (additional != null) {
                errors.add(FieldError.forbidden(path + ".additionalProperties", "must not be used if " + EMBEDDED + " is set"));
            }
            if (!flag(schema, KEEP) && object(schema, "properties").isEmpty()) {
                errors.add(FieldError.required(path + ".properties", "must not be empty if " + EMBEDDED + " is true without " + KEEP));
            }
            if (type.isEmpty()) {
                errors.add(FieldError.required(path + ".type", "must be object if " + EMBEDDED + " is true"));
            } else if (!type.equals("object")) {
                errors.add(FieldError.invalid(path + ".type", GoText.quote(type), "must be object if " + EMBEDDED + " is true"));
            }
        }
        if (level == Level.ROOT || flag(schema, EMBEDDED)) {
            metadata(object(schema, "properties"), path, level == Level.ROOT);
        }
    }

    private void type(JsonObject schema, String type, String path, Level level) {
        boolean open = flag(schema, EITHER) || flag(schema, KEEP) || flag(schema, EMBEDDED);
        if (type.isEmpty() && (level == Level.ROOT || !open)) {
            errors.add(FieldError.required(path + ".type", switch (level) {
                case ROOT -> "must not be empty at the root";
                case ITEM -> "must not be empty for specified array items";
                case FIELD -> "must not be empty for specified object fields";
            }));
        } else if (level == Level.ROOT && !type.equals("object")) {
            errors.add(FieldError.invalid(path + ".type", GoText.quote(type), "must be object at the root"));
        }
    }

    private void metadata(JsonObject properties, String path, boolean root) {
        for (String name : List.of("kind", "apiVersion")) {
            if (properties.has(name) && !text(object(properties, name), "type").equals("string")) {
                errors.add(FieldError.invalid(path + ".properties[" + name + "].type", GoText.quote(text(object(properties, name), "type")), "must be string"));
            }
        }
        if (!properties.has("metadata")) {
            return;
        }
        JsonObject metadata = object(properties, "metadata");
        if (!text(metadata, "type").equals("object")) {
            errors.add(FieldError.invalid(path + ".properties[metadata].type", GoText.quote(text(metadata, "type")), "must be object"));
        }
        boolean more = !Set.of("name", "generateName").containsAll(object(metadata, "properties").keySet());
        for (Map.Entry<String, JsonElement> keyword : metadata.entrySet()) {
            more |= !Set.of("type", "properties", "description", "default").contains(keyword.getKey());
        }
        if (root && more) {
            errors.add(FieldError.forbidden(path + ".properties[metadata]",
                    "must not specify anything other than name and generateName, but metadata is implicitly specified"));
        }
    }

    /** Alternatives at the root may only speak of what is declared beside them. */
    private void complete(JsonObject part, JsonObject schema, String partPath, String path) {
        for (String keyword : List.of("allOf", "anyOf", "oneOf")) {
            JsonArray parts = array(part, keyword);
            for (int i = 0; i < parts.size(); i++) {
                declared(parts.get(i).getAsJsonObject(), schema, partPath + "." + keyword + "[" + i + "]", path);
            }
        }
        if (part.has("not")) {
            declared(object(part, "not"), schema, partPath + ".not", path);
        }
    }

    private void declared(JsonObject part, JsonObject schema, String partPath, String path) {
        complete(part, schema, partPath, path);
        if (part.has("items") && part.get("items").isJsonObject()) {
            below(object(part, "items"), schema.get("items"), partPath + ".items", path + ".items");
        }
        JsonObject properties = object(schema, "properties");
        object(part, "properties").asMap().forEach((name, property) -> below(property.getAsJsonObject(), properties.get(name),
                partPath + ".properties[" + name + "]", path + ".properties[" + name + "]"));
    }

    private void below(JsonObject part, JsonElement schema, String partPath, String path) {
        if (schema == null || !schema.isJsonObject()) {
            errors.add(FieldError.required(path, "because it is defined in " + partPath));
        } else {
            declared(part, schema.getAsJsonObject(), partPath, path);
        }
    }

    /** What alternatives say: values and their conditions, not what the fields are. */
    private void conditions(JsonObject schema, String path, boolean either) {
        String problem = StructuralRules.patternProblem(text(schema, "pattern"));
        if (problem != null) {
            errors.add(FieldError.invalid(path + ".pattern", GoText.quote(text(schema, "pattern")),
                    "must be a valid regular expression, but isn't: " + problem));
        }
        for (String keyword : List.of("allOf", "anyOf", "oneOf")) {
            JsonArray parts = array(schema, keyword);
            boolean types = either && keyword.equals("anyOf") && isIntegerOrString(parts);
            for (int i = 0; i < parts.size(); i++) {
                JsonObject part = parts.get(i).getAsJsonObject();
                boolean inner = either && keyword.equals("allOf") && i == 0 && isIntegerOrString(array(part, "anyOf"));
                condition(part, path + "." + keyword + "[" + i + "]", types, inner);
            }
        }
        if (schema.has("not")) {
            condition(object(schema, "not"), path + ".not", false, false);
        }
    }

    /** The one form in which alternatives may name types. */
    private static boolean isIntegerOrString(JsonArray parts) {
        return parts.size() == 2 && text(parts.get(0).getAsJsonObject(), "type").equals("integer")
                && text(parts.get(1).getAsJsonObject(), "type").equals("string");
    }

    /**
     * @param type whether it may have a type
     * @param inner whether the types in its {@code anyOf} are allowed
     */
    private void condition(JsonObject part, String path, boolean type, boolean inner) {
        if (part.has("items") && part.get("items").isJsonObject()) {
            condition(object(part, "items"), path + ".items", false, false);
        }
        object(part, "properties").asMap().forEach((name, property) ->
                condition(property.getAsJsonObject(), path + ".properties[" + name + "]", false, false));
        conditions(part, path, inner);
        if (part.has("additionalProperties")) {
            errors.add(FieldError.forbidden(path + ".additionalProperties", "must be undefined to be structural"));
        }
        for (String keyword : List.of("type", "title", "description")) {
            if (!text(part, keyword).isEmpty() && !(type && keyword.equals("type"))) {
                errors.add(FieldError.forbidden(path + "." + keyword, "must be empty to be structural"));
            }
        }
        if (part.has("default")) {
            errors.add(FieldError.forbidden(path + ".default", "must be undefined to be structural"));
        }
        for (String keyword : List.of("nullable", KEEP, EMBEDDED, EITHER)) {
            if (flag(part, keyword)) {
                errors.add(FieldError.forbidden(path + "." + keyword, "must be false to be structural"));
            }
        }
        for (String keyword : List.of("x-kubernetes-list-type", "x-kubernetes-map-type")) {
            if (part.has(keyword)) {
                errors.add(FieldError.forbidden(path + "." + keyword, "must be undefined to be structural"));
            }
        }
        for (String keyword : List.of("x-kubernetes-list-map-keys", "x-kubernetes-validations")) {
            if (!array(part, keyword).isEmpty()) {
                errors.add(FieldError.forbidden(path + "." + keyword, "must be empty to be structural"));
            }
        }
    }
}
