package io.kelp.kubeapi.internal.schema;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Finds, and removes if wanted, the members that a schema does not know. */
final class Pruning {

    private static final Set<String> OF_EVERY_OBJECT = Set.of("apiVersion", "kind", "metadata");

    private final boolean remove;
    private final Consumer<String> found;

    /** @param found told the path of each unknown member */
    Pruning(boolean remove, Consumer<String> found) {
        this.remove = remove;
        this.found = found;
    }

    void root(JsonObject object, Schema schema) {
        members(object, schema, "", true, schema.preserveUnknown());
    }

    /** @param schema {@code null} when nothing is known */
    void value(JsonElement value, Schema schema, String path) {
        if (value.isJsonObject()) {
            members(value.getAsJsonObject(), schema, path, schema != null && schema.embedded(), schema != null && schema.preserveUnknown());
        } else if (value.isJsonArray()) {
            items(value.getAsJsonArray(), schema, path, schema != null && schema.preserveUnknown());
        }
    }

    /** Below something whose unknown members are kept. */
    private void kept(JsonElement value, Schema schema, String path) {
        if (schema == null) {
            return;
        }
        if (value.isJsonObject()) {
            members(value.getAsJsonObject(), schema, path, schema.embedded(), true);
        } else if (value.isJsonArray()) {
            items(value.getAsJsonArray(), schema, path, true);
        }
    }

    private void members(JsonObject object, Schema schema, String path, boolean resource, boolean keep) {
        List<String> unknown = new ArrayList<>();
        for (String name : object.keySet()) {
            if (resource && OF_EVERY_OBJECT.contains(name)) {
                continue;
            }
            String below = path.isEmpty() ? name : path + "." + name;
            if (schema != null && schema.properties().containsKey(name)) {
                value(object.get(name), schema.properties().get(name), below);
            } else if (schema != null && schema.additional() != null) {
                value(object.get(name), schema.additional(), below);
            } else if (!keep) {
                unknown.add(name);
                found.accept(below);
            }
        }
        if (remove) {
            unknown.forEach(object::remove);
        }
    }

    private void items(JsonArray array, Schema schema, String path, boolean keep) {
        Schema items = schema == null ? null : schema.items();
        for (int i = 0; i < array.size(); i++) {
            if (keep) {
                kept(array.get(i), items, path + "[" + i + "]");
            } else {
                value(array.get(i), items, path + "[" + i + "]");
            }
        }
    }
}
