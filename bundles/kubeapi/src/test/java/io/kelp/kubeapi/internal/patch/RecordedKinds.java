package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.resource.ResourceRules;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.schema.Schema;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The kinds of the recording, with as much of their schema as it uses. */
final class RecordedKinds {

    private RecordedKinds() {
    }

    static JsonObject schemas() {
        try (InputStream in = RecordedKinds.class.getResourceAsStream("schemas.json")) {
            return StrictJson.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8)).getAsJsonObject();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static ResourceType type(String kind) {
        Schema schema = schema(schemas().getAsJsonObject(kind));
        return switch (kind) {
            case "ConfigMap" -> type("", "v1", "configmaps", kind, true, Set.of(), schema, false);
            case "PodTemplate" -> type("", "v1", "podtemplates", kind, true, Set.of(), schema, false);
            case "Node" -> type("", "v1", "nodes", kind, false, Set.of("status"), schema, false);
            default -> type("test.kelp.io", "v1", "samplers", kind, true, Set.of("status"), schema, true);
        };
    }

    private static ResourceType type(String group, String version, String plural, String kind, boolean namespaced, Set<String> subresources,
            Schema schema, boolean custom) {
        return new ResourceType(group, version, plural, plural, kind, kind + "List", namespaced, List.of(), List.of(), List.of(), subresources,
                version, schema, List.of(), new ResourceRules() { }, custom);
    }

    private static Schema schema(JsonObject json) {
        Map<String, Schema> properties = new LinkedHashMap<>();
        if (json.has("properties")) {
            json.getAsJsonObject("properties").entrySet().forEach(entry -> properties.put(entry.getKey(), schema(entry.getValue().getAsJsonObject())));
        }
        List<String> keys = json.has("x-kubernetes-list-map-keys")
                ? json.getAsJsonArray("x-kubernetes-list-map-keys").asList().stream().map(JsonElement::getAsString).toList() : List.of();
        return new Schema(text(json, "type"), text(json, "format"), "", properties, child(json, "items"), child(json, "additionalProperties"),
                Set.of(), json.get("default"), json.has("nullable"), json.has("x-kubernetes-preserve-unknown-fields"),
                json.has("x-kubernetes-int-or-string"), false, text(json, "x-kubernetes-list-type"), keys,
                text(json, "x-kubernetes-map-type"), text(json, "x-kubernetes-patch-strategy"), text(json, "x-kubernetes-patch-merge-key"), null);
    }

    private static Schema child(JsonObject json, String name) {
        return json.has(name) ? schema(json.getAsJsonObject(name)) : null;
    }

    private static String text(JsonObject json, String name) {
        return json.has(name) ? json.get(name).getAsString() : "";
    }
}
