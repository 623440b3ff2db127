package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.resource.Column;
import io.kelp.kubeapi.internal.resource.ResourceType;

/** Objects as clients want to see them: whole, as rows of a table, or only their metadata. */
final class Presentation {

    private Presentation() {
    }

    /** An object by itself. */
    static JsonObject single(ResourceType type, Output output, JsonObject object) {
        return switch (output.as()) {
            case OBJECT -> object;
            case METADATA -> metadataOf(output, object);
            case TABLE -> table(type, output, object, true);
        };
    }

    /** A table with one row. */
    static JsonObject table(ResourceType type, Output output, JsonObject object, boolean headers) {
        JsonObject table = head(output, "Table");
        JsonObject metadata = new JsonObject();
        metadata.addProperty("resourceVersion", Meta.text(object, "resourceVersion"));
        table.add("metadata", metadata);
        table.add("columnDefinitions", headers ? columns(type) : JsonNull.INSTANCE);
        JsonArray rows = new JsonArray();
        rows.add(row(type, output, object));
        table.add("rows", rows);
        return table;
    }

    static JsonObject head(Output output, String kind) {
        JsonObject head = new JsonObject();
        head.addProperty("kind", kind);
        head.addProperty("apiVersion", output.metaApiVersion());
        return head;
    }

    static JsonObject metadataOf(Output output, JsonObject object) {
        JsonObject partial = head(output, "PartialObjectMetadata");
        partial.add("metadata", Meta.of(object));
        return partial;
    }

    static JsonArray columns(ResourceType type) {
        JsonArray definitions = new JsonArray();
        for (Column column : type.columns()) {
            JsonObject definition = new JsonObject();
            definition.addProperty("name", column.name());
            definition.addProperty("type", column.type());
            definition.addProperty("format", column.format());
            definition.addProperty("description", column.description());
            definition.addProperty("priority", column.priority());
            definitions.add(definition);
        }
        return definitions;
    }

    static JsonObject row(ResourceType type, Output output, JsonObject object) {
        JsonArray cells = new JsonArray();
        for (Column column : type.columns()) {
            JsonElement cell = column.cell().apply(object);
            cells.add(cell == null ? JsonNull.INSTANCE : cell);
        }
        JsonObject row = new JsonObject();
        row.add("cells", cells);
        row.add("object", switch (output.include()) {
            case NONE -> JsonNull.INSTANCE;
            case METADATA -> metadataOf(output, object);
            case OBJECT -> object;
        });
        return row;
    }
}
