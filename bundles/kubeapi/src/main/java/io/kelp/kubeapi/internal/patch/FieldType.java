package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.schema.Schema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A schema as field ownership sees it: what is one field, what is taken apart. Where a custom resource preserves unknown
 * fields, what is not declared is deduced: objects are taken apart, lists are one field each.
 *
 * @param preserve whether the schema or one around it preserves unknown fields
 */
record FieldType(Schema schema, boolean preserve) {

    /** Nothing is known: objects are taken apart, lists are one field. */
    static final FieldType DEDUCED = new FieldType(Schema.ANY, true);

    private static final Schema STRING = scalar("string");
    private static final Schema OWNER_REFERENCE = object(Map.of("apiVersion", STRING, "kind", STRING, "name", STRING, "uid", STRING,
            "controller", scalar("boolean"), "blockOwnerDeletion", scalar("boolean")), null, "atomic");
    private static final Schema STRINGS = object(Map.of(), STRING, "");
    private static final Schema METADATA = object(Map.ofEntries(
            Map.entry("name", STRING), Map.entry("generateName", STRING), Map.entry("namespace", STRING), Map.entry("selfLink", STRING),
            Map.entry("uid", STRING), Map.entry("resourceVersion", STRING), Map.entry("generation", scalar("integer")),
            Map.entry("creationTimestamp", STRING), Map.entry("deletionTimestamp", STRING),
            Map.entry("deletionGracePeriodSeconds", scalar("integer")), Map.entry("labels", STRINGS), Map.entry("annotations", STRINGS),
            Map.entry("ownerReferences", list(OWNER_REFERENCE, "map", List.of("uid"))),
            Map.entry("finalizers", list(STRING, "set", List.of())),
            Map.entry("managedFields", list(Schema.ANY, "", List.of()))), null, "");
    private static final Map<String, Schema> OBJECT = Map.of("apiVersion", STRING, "kind", STRING, "metadata", METADATA);

    static FieldType of(ResourceType type) {
        return type.schema() == null || isAny(type.schema()) ? DEDUCED : new FieldType(withMetadata(type.schema()), false);
    }

    /** Custom resources declare {@code metadata} as an object without members, or not at all. */
    private static Schema withMetadata(Schema schema) {
        Schema metadata = schema.properties().get("metadata");
        if (metadata != null && metadata.properties().containsKey("finalizers")) {
            return schema;
        }
        Map<String, Schema> properties = new LinkedHashMap<>(schema.properties());
        properties.putAll(OBJECT);
        return new Schema("object", "", "", properties, null, schema.additional(), schema.required(), null, false, schema.preserveUnknown(),
                false, false, "", List.of(), schema.mapType(), "", "", schema.source());
    }

    private static boolean isAny(Schema schema) {
        return schema.type().isEmpty() && schema.preserveUnknown() && schema.properties().isEmpty();
    }

    /** How a value is taken. */
    enum Form { MAP, LIST, SCALAR }

    /** The form of a value; of one that does not fit (or is null), the first that would. */
    Form form(JsonElement value) {
        if (value instanceof JsonObject && mayBeMap()) {
            return Form.MAP;
        }
        if (value instanceof JsonArray && mayBeList()) {
            return Form.LIST;
        }
        if (value instanceof JsonPrimitive && (isScalar() || isUntyped())) {
            return Form.SCALAR;
        }
        return mayBeMap() ? Form.MAP : mayBeList() ? Form.LIST : Form.SCALAR;
    }

    /** A scalar may be anything that is neither list nor object. */
    boolean isScalar() {
        return switch (schema.type()) {
            case "string", "integer", "number", "boolean" -> true;
            default -> schema.intOrString();
        };
    }

    boolean mayBeMap() {
        return schema.type().equals("object") || isUntyped();
    }

    boolean mayBeList() {
        return schema.type().equals("array") || isUntyped();
    }

    /** Whether nothing is said about the value. */
    boolean isUntyped() {
        return schema.type().isEmpty() && !schema.intOrString();
    }

    private boolean isDeduced() {
        return isUntyped() && preserves();
    }

    private boolean preserves() {
        return preserve || schema.preserveUnknown();
    }

    boolean isAtomicMap() {
        return isUntyped() ? !isDeduced() : schema.mapType().equals("atomic");
    }

    boolean isAtomicList() {
        return isUntyped() || schema.listType().isEmpty() || schema.listType().equals("atomic");
    }

    /** Whether list items are told apart by keys; else by their value. */
    boolean hasKeys() {
        return schema.listType().equals("map");
    }

    List<String> keys() {
        return schema.listMapKeys();
    }

    /** What stands for a key that an item leaves out; {@code null} for nothing. */
    JsonElement keyDefault(String key) {
        Schema items = schema.items();
        Schema member = items == null ? null : items.properties().get(key);
        return member == null ? null : member.defaultValue();
    }

    /** Whether a path element is a member by declaration, not one of a map. */
    boolean declares(String element) {
        return element.startsWith("f:") && declaresField(element.substring(2));
    }

    boolean declaresField(String name) {
        return schema.properties().containsKey(name);
    }

    /** @return {@code null} when there is no such member */
    FieldType member(String name) {
        Schema declared = schema.properties().get(name);
        if (declared == null && schema.embedded()) {
            declared = OBJECT.get(name);
        }
        if (declared != null) {
            return embeddedMetadata(name, declared);
        }
        if (schema.additional() != null) {
            return new FieldType(schema.additional(), preserves());
        }
        return preserves() ? DEDUCED : null;
    }

    private FieldType embeddedMetadata(String name, Schema declared) {
        boolean metadata = schema.embedded() && name.equals("metadata");
        return new FieldType(metadata ? METADATA : declared, preserves());
    }

    FieldType item() {
        return schema.items() == null ? new FieldType(Schema.ANY, false) : new FieldType(schema.items(), preserves());
    }

    /** @return {@code null} when there is none */
    FieldType below(String element) {
        if (element.startsWith("f:")) {
            return mayBeMap() ? member(element.substring(2)) : null;
        }
        return mayBeList() ? item() : null;
    }

    private static Schema scalar(String type) {
        return new Schema(type, "", "", Map.of(), null, null, Set.of(), null, false, false, false, false, "", List.of(), "", "", "", null);
    }

    private static Schema object(Map<String, Schema> properties, Schema additional, String mapType) {
        return new Schema("object", "", "", properties, null, additional, Set.of(), null, false, false, false, false, "", List.of(), mapType,
                "", "", null);
    }

    private static Schema list(Schema items, String listType, List<String> keys) {
        return new Schema("array", "", "", Map.of(), items, null, Set.of(), null, false, false, false, false, listType, keys, "", "", "", null);
    }
}
