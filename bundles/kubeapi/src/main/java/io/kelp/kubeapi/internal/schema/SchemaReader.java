package io.kelp.kubeapi.internal.schema;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Reads the schema of a CustomResourceDefinition ({@code openAPIV3Schema}), which validation has found to be structural. */
public final class SchemaReader {

    /** Members are allowed, but nothing is known of them: what they hold is pruned. */
    private static final Schema OPEN = new Schema("", "", "", Map.of(), null, null, Set.of(), null, true, false, false, false,
            "", List.of(), "", "", "", null);

    private SchemaReader() {
    }

    /** @param source kept in the result, not to be changed afterwards */
    public static Schema read(JsonObject source) {
        Map<String, Schema> properties = new LinkedHashMap<>();
        // In alphabetical order: the order in a client's YAML means nothing to an API server.
        new TreeMap<>(object(source, "properties").asMap()).forEach((name, property) -> properties.put(name, readAny(property)));
        JsonElement items = source.get("items");
        JsonElement additional = source.get("additionalProperties");
        JsonElement fallback = source.get("default");
        return new Schema(text(source, "type"), text(source, "format"), text(source, "description"), properties,
                items == null || items.isJsonNull() ? null : readAny(items),
                additional == null || additional.isJsonNull() ? null : readAny(additional),
                new LinkedHashSet<>(texts(source, "required")), fallback == null || fallback.isJsonNull() ? null : fallback,
                flag(source, "nullable"), flag(source, "x-kubernetes-preserve-unknown-fields"), flag(source, "x-kubernetes-int-or-string"),
                flag(source, "x-kubernetes-embedded-resource"), text(source, "x-kubernetes-list-type"), texts(source, "x-kubernetes-list-map-keys"),
                text(source, "x-kubernetes-map-type"), "", "", source);
    }

    private static Schema readAny(JsonElement source) {
        return source.isJsonObject() ? read(source.getAsJsonObject()) : OPEN;
    }

    static String text(JsonObject source, String name) {
        JsonElement value = source.get(name);
        return value == null || !value.isJsonPrimitive() ? "" : value.getAsString();
    }

    static boolean flag(JsonObject source, String name) {
        JsonElement value = source.get(name);
        return value != null && value.isJsonPrimitive() && value.getAsBoolean();
    }

    static JsonObject object(JsonObject source, String name) {
        JsonElement value = source.get(name);
        return value == null || !value.isJsonObject() ? new JsonObject() : value.getAsJsonObject();
    }

    static JsonArray array(JsonObject source, String name) {
        JsonElement value = source.get(name);
        return value == null || !value.isJsonArray() ? new JsonArray() : value.getAsJsonArray();
    }

    static List<String> texts(JsonObject source, String name) {
        List<String> texts = new ArrayList<>();
        array(source, name).forEach(item -> texts.add(item.getAsString()));
        return texts;
    }
}
