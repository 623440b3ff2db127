package io.kelp.kubeapi.internal.discovery;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.schema.MetadataSchema;
import io.kelp.kubeapi.internal.schema.Schema;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes schemas as OpenAPI 2.0 or 3.0. What has a name is written once, among the definitions, and referred to. Single-threaded.
 */
final class SchemaWriter {

    private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private static final String RESOURCES = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources";
    private static final String KINDS = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds";
    private static final String METADATA = "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

    // What an API server says of the fields that it adds to every custom resource; kubectl explain shows it.
    private static final String API_VERSION = "APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized"
            + " schemas to the latest internal value, and may reject unrecognized values. More info: " + RESOURCES;
    private static final String KIND = "Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint"
            + " the client submits requests to. Cannot be updated. In CamelCase. More info: " + KINDS;
    private static final String EMBEDDED_API_VERSION = "apiVersion defines the versioned schema of this representation of an object. More info: " + RESOURCES;
    private static final String EMBEDDED_KIND = "kind is a string value representing the type of this object. In CamelCase. More info: " + KINDS;
    private static final String OBJECT_METADATA = "Standard object's metadata. More info: " + METADATA;

    private static final List<String> COMPOSED = List.of("allOf", "anyOf", "oneOf", "not");
    private static final Set<String> NESTED = Set.of("properties", "items", "additionalProperties", "allOf", "anyOf", "oneOf", "not");

    private final boolean v2;
    private final JsonObject definitions = new JsonObject();
    private final Map<Map<String, Schema>, Named> names = new IdentityHashMap<>();

    private final Schema metadata;

    private record Named(String name, Schema declared) {}

    /** @param structs by the name of their definition; recognised by their properties, since descriptions may differ from place to place */
    SchemaWriter(boolean v2, Map<String, Schema> structs) {
        this.v2 = v2;
        structs.forEach((name, schema) -> names.put(schema.properties(), new Named(name, schema)));
        this.metadata = structs.getOrDefault(META + "ObjectMeta", MetadataSchema.OBJECT_META);
        names.put(MetadataSchema.OBJECT_META.properties(), new Named(META + "ObjectMeta", metadata));
        names.put(metadata.properties(), new Named(META + "ObjectMeta", metadata));
    }

    /** All that was written so far, by name. */
    JsonObject definitions() {
        JsonObject sorted = new JsonObject();
        new TreeMap<>(definitions.asMap()).forEach(sorted::add);
        return sorted;
    }

    /** Writes the definitions of a kind and of its list. */
    void add(ResourceType type) {
        String name = name(type);
        if (type.custom()) {
            JsonObject schema = custom(type.schema());
            kinds(schema, type.group(), type.version(), type.kind());
            JsonArray selectable = selectable(type);
            if (!selectable.isEmpty()) {
                schema.add("x-kubernetes-selectable-fields", selectable);
            }
            definitions.add(name, schema);
        } else {
            names.put(type.schema().properties(), new Named(name, type.schema()));
            reference(type.schema());
            kinds(definitions.getAsJsonObject(name), type.group(), type.version(), type.kind());
        }
        definitions.add(name + "List", list(type, name));
    }

    /** {@code io.k8s.api.core.v1.Pod}, {@code io.example.v1.Widget}. */
    static String name(ResourceType type) {
        String group = type.group();
        if (type.custom()) {
            List<String> labels = new ArrayList<>(List.of(group.split("\\.")));
            Collections.reverse(labels);
            return String.join(".", labels) + "." + type.version() + "." + type.kind();
        }
        if (group.equals("apiextensions.k8s.io")) {
            return "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions." + type.version() + "." + type.kind();
        }
        int dot = group.indexOf('.');
        return "io.k8s.api." + (group.isEmpty() ? "core" : dot < 0 ? group : group.substring(0, dot)) + "." + type.version() + "." + type.kind();
    }

    /** A reference that may stand alone. */
    JsonObject reference(String name) {
        JsonObject reference = new JsonObject();
        reference.addProperty("$ref", (v2 ? "#/definitions/" : "#/components/schemas/") + name);
        return reference;
    }

    JsonObject metaReference(String kind) {
        if (!definitions.has(META + kind)) {
            JsonObject open = new JsonObject();
            open.addProperty("type", "object");
            if (!kind.equals("Patch") && !kind.equals("FieldsV1")) {
                kinds(open, "", "v1", kind);
            }
            definitions.add(META + kind, open);
        }
        return reference(META + kind);
    }

    private JsonObject list(ResourceType type, String name) {
        JsonObject items = new JsonObject();
        items.addProperty("type", "array");
        items.addProperty("description", "List of " + type.plural() + ". More info: "
                + "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md");
        items.add("items", reference(name));
        JsonObject properties = new JsonObject();
        properties.add("apiVersion", described("string", API_VERSION));
        properties.add("items", items);
        properties.add("kind", described("string", KIND));
        definitions.add(META + "ListMeta", listMeta());
        properties.add("metadata", described(reference(META + "ListMeta"), "Standard list metadata. More info: " + KINDS));
        JsonObject list = new JsonObject();
        list.addProperty("description", type.listKind() + " is a list of " + type.kind());
        list.addProperty("type", "object");
        list.add("required", CatalogDocuments.array(List.of("items")));
        list.add("properties", properties);
        kinds(list, type.group(), type.version(), type.listKind());
        return list;
    }

    private static JsonObject listMeta() {
        JsonObject properties = new JsonObject();
        for (String name : List.of("continue", "resourceVersion", "selfLink")) {
            properties.add(name, described("string", ""));
        }
        JsonObject remaining = described("integer", "");
        remaining.addProperty("format", "int64");
        properties.add("remainingItemCount", remaining);
        JsonObject meta = new JsonObject();
        meta.addProperty("type", "object");
        meta.add("properties", properties);
        return meta;
    }

    private static JsonArray selectable(ResourceType type) {
        JsonArray fields = new JsonArray();
        for (String path : type.rules().selectableFields(new JsonObject()).keySet()) {
            JsonObject field = new JsonObject();
            field.addProperty("fieldPath", path);
            fields.add(field);
        }
        return fields;
    }

    private static void kinds(JsonObject schema, String group, String version, String kind) {
        JsonObject one = new JsonObject();
        one.addProperty("group", group);
        one.addProperty("kind", kind);
        one.addProperty("version", version);
        JsonArray kinds = new JsonArray();
        kinds.add(one);
        schema.add("x-kubernetes-group-version-kind", kinds);
    }

    private JsonObject custom(Schema schema) {
        JsonObject written = copy(schema.source());
        if (v2 && schema.preserveUnknown()) {
            JsonObject open = new JsonObject();
            open.addProperty("type", "object");
            return open;
        }
        everyObject(written, API_VERSION, KIND);
        return written;
    }

    /** Adds the fields that every object has. */
    private void everyObject(JsonObject schema, String apiVersion, String kind) {
        JsonObject properties = new JsonObject();
        Map<String, JsonElement> all = new TreeMap<>();
        if (schema.has("properties")) {
            all.putAll(schema.getAsJsonObject("properties").asMap());
        }
        all.put("apiVersion", described("string", apiVersion));
        all.put("kind", described("string", kind));
        all.put("metadata", described(reference(metadata), OBJECT_METADATA));
        all.forEach(properties::add);
        schema.add("properties", properties);
    }

    /** A schema as its author wrote it, in the words of the version of OpenAPI. */
    private JsonObject copy(JsonObject source) {
        JsonObject to = new JsonObject();
        boolean either = source.has("x-kubernetes-int-or-string") && source.get("x-kubernetes-int-or-string").getAsBoolean();
        boolean open = flag(source, "x-kubernetes-preserve-unknown-fields") || flag(source, "nullable");
        for (Map.Entry<String, JsonElement> keyword : source.entrySet()) {
            String name = keyword.getKey();
            boolean dropped = v2 && (COMPOSED.contains(name) || name.equals("default") || name.equals("nullable") || either && name.equals("type")
                    || open && Set.of("type", "properties", "items", "additionalProperties").contains(name));
            if (!dropped) {
                to.add(name, NESTED.contains(name) ? nested(name, keyword.getValue()) : keyword.getValue());
            }
        }
        if (either && !v2 && !source.has("anyOf") && !source.has("allOf")) {
            JsonArray types = new JsonArray();
            types.add(described("integer", ""));
            types.add(described("string", ""));
            to.remove("type");
            to.add("anyOf", types);
        }
        if (flag(source, "x-kubernetes-embedded-resource") && !(v2 && open)) {
            everyObject(to, EMBEDDED_API_VERSION, EMBEDDED_KIND);
            JsonArray required = new JsonArray();
            required.add("kind");
            required.add("apiVersion");
            if (source.has("required")) {
                source.getAsJsonArray("required").forEach(field -> {
                    if (!required.contains(field)) {
                        required.add(field);
                    }
                });
            }
            to.add("required", required);
        }
        return to;
    }

    private JsonElement nested(String keyword, JsonElement value) {
        if (value.isJsonArray()) {
            JsonArray parts = new JsonArray();
            value.getAsJsonArray().forEach(part -> parts.add(copy(part.getAsJsonObject())));
            return parts;
        }
        if (!value.isJsonObject()) {
            return value;
        }
        if (!keyword.equals("properties")) {
            return copy(value.getAsJsonObject());
        }
        JsonObject properties = new JsonObject();
        new TreeMap<>(value.getAsJsonObject().asMap()).forEach((name, property) -> properties.add(name, copy(property.getAsJsonObject())));
        return properties;
    }

    /** A built-in schema, or a reference to it if it has a name. */
    private JsonObject reference(Schema schema) {
        if (schema.intOrString()) {
            JsonObject reference = reference(schema.type().equals("string") ? quantity() : intOrString());
            return schema.description().isEmpty() ? reference : described(reference, schema.description());
        }
        Named named = schema.properties().isEmpty() && schema.type().equals("object") && schema.additional() != null ? null : names.get(schema.properties());
        if (named == null) {
            return inline(schema, schema.description());
        }
        if (!definitions.has(named.name())) {
            definitions.add(named.name(), new JsonObject()); // it may refer to itself
            definitions.add(named.name(), inline(named.declared(), named.declared().description()));
        }
        String description = schema.description().equals(named.declared().description()) ? "" : schema.description();
        JsonObject reference = reference(named.name());
        return description.isEmpty() ? reference : described(reference, description);
    }

    private String quantity() {
        return either("io.k8s.apimachinery.pkg.api.resource.Quantity", "string", "number", "");
    }

    private String intOrString() {
        return either("io.k8s.apimachinery.pkg.util.intstr.IntOrString", "integer", "string", "int-or-string");
    }

    /** Defines what is written in two ways; version 2 has only the words for a string. */
    private String either(String name, String one, String other, String format) {
        JsonObject definition = new JsonObject();
        if (v2) {
            definition.addProperty("type", "string");
        } else {
            JsonArray types = new JsonArray();
            types.add(described(one, ""));
            types.add(described(other, ""));
            definition.add("oneOf", types);
        }
        put(definition, "format", format);
        definitions.add(name, definition);
        return name;
    }

    private JsonObject inline(Schema schema, String description) {
        JsonObject to = new JsonObject();
        put(to, "description", description);
        if (schema.type().isEmpty() && !schema.properties().isEmpty()) {
            return to; // a schema or something else: OpenAPI has no words for it
        }
        put(to, "type", schema.type());
        put(to, "format", schema.format());
        if (!schema.properties().isEmpty()) {
            JsonObject properties = new JsonObject();
            new TreeMap<>(schema.properties()).forEach((name, property) -> properties.add(name,
                    name.equals("fieldsV1") ? metaReference("FieldsV1") : reference(property)));
            to.add("properties", properties);
        }
        if (!schema.required().isEmpty()) {
            to.add("required", CatalogDocuments.array(List.copyOf(schema.required())));
        }
        if (schema.items() != null) {
            to.add("items", reference(schema.items()));
        }
        if (schema.additional() != null) {
            to.add("additionalProperties", reference(schema.additional()));
        }
        if (schema.defaultValue() != null && !v2) {
            to.add("default", schema.defaultValue());
        }
        put(to, "x-kubernetes-list-type", schema.listType());
        if (!schema.listMapKeys().isEmpty()) {
            to.add("x-kubernetes-list-map-keys", CatalogDocuments.array(schema.listMapKeys()));
        }
        put(to, "x-kubernetes-map-type", schema.mapType());
        put(to, "x-kubernetes-patch-strategy", schema.patchStrategy());
        put(to, "x-kubernetes-patch-merge-key", schema.patchMergeKey());
        return to;
    }

    private JsonObject described(JsonObject reference, String description) {
        JsonObject to = new JsonObject();
        put(to, "description", description);
        if (v2) {
            reference.asMap().forEach(to::add);
        } else {
            JsonArray all = new JsonArray();
            all.add(reference);
            to.add("allOf", all);
        }
        return to;
    }

    private static JsonObject described(String type, String description) {
        JsonObject to = new JsonObject();
        put(to, "description", description);
        to.addProperty("type", type);
        return to;
    }

    private static void put(JsonObject to, String name, String value) {
        if (!value.isEmpty()) {
            to.addProperty(name, value);
        }
    }

    private static boolean flag(JsonObject source, String name) {
        return source.has(name) && source.get(name).isJsonPrimitive() && source.get(name).getAsBoolean();
    }
}
