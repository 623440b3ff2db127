package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * The text of a list as JSON, item by item, so that no list has to be in memory as a whole. The metadata come behind the
 * items when it takes all of them to know it.
 */
final class ListText {

    private final Output output;
    private final ResourceType type;
    private final ByteArrayOutputStream text = new ByteArrayOutputStream();
    private final int skip;
    private boolean metadataWritten;
    private boolean first = true;

    ListText(ResourceType type, Output output) {
        this.type = type;
        this.output = output;
        this.skip = Stored.headLength(type.kind(), type.apiVersion());
    }

    /** Only lists of whole custom resources say that there is nothing to continue. */
    private JsonObject shown(JsonObject metadata) {
        if (output.as() != Output.As.OBJECT && Json.text(metadata, "continue").isEmpty()) {
            metadata.remove("continue");
        }
        return metadata;
    }

    /** @param metadata {@code null} when it comes at the end */
    void begin(JsonObject metadata) {
        boolean objects = output.as() == Output.As.OBJECT;
        String kind = objects ? type.listKind() : output.as() == Output.As.TABLE ? "Table" : "PartialObjectMetadataList";
        write(output.pretty() ? "{\n" : "{");
        member("kind", new JsonPrimitive(kind));
        member("apiVersion", new JsonPrimitive(objects ? type.apiVersion() : output.metaApiVersion()));
        if (metadata != null) {
            member("metadata", shown(metadata));
            metadataWritten = true;
        }
        if (output.as() == Output.As.TABLE) {
            member("columnDefinitions", Presentation.columns(type));
        }
        write((output.pretty() ? "  " : "") + (output.as() == Output.As.TABLE ? "\"rows\"" : "\"items\"") + (output.pretty() ? ": [" : ":["));
    }

    private void member(String name, JsonElement value) {
        if (output.pretty()) {
            write("  \"" + name + "\": " + indented(value, "  ") + ",\n");
        } else {
            write("\"" + name + "\":" + value + ",");
        }
    }

    /** Takes an object in the form that it is stored in. */
    void addStored(byte[] stored) {
        separate();
        text.write('{');
        text.write(stored, skip + 1, stored.length - skip - 1);
    }

    void add(JsonObject object) {
        JsonElement item = switch (output.as()) {
            case OBJECT -> type.custom() ? object : headless(object);
            case METADATA -> Presentation.metadataOf(output, object);
            case TABLE -> Presentation.row(type, output, object);
        };
        separate();
        write(output.pretty() ? indented(item, "    ") : item.toString());
    }

    /** Items of built-in kinds do not repeat what the list says already. */
    private static JsonObject headless(JsonObject object) {
        JsonObject item = new JsonObject();
        object.entrySet().forEach(member -> {
            if (!member.getKey().equals("kind") && !member.getKey().equals("apiVersion")) {
                item.add(member.getKey(), member.getValue());
            }
        });
        return item;
    }

    void end(JsonObject metadata) {
        write(output.pretty() && !first ? "\n  ]" : "]");
        if (!metadataWritten) {
            write(output.pretty() ? ",\n  \"metadata\": " + indented(shown(metadata), "  ") : ",\"metadata\":" + shown(metadata));
        }
        write(output.pretty() ? "\n}\n" : "}\n");
    }

    private void separate() {
        if (!first) {
            text.write(',');
        }
        if (output.pretty()) {
            write("\n    ");
        }
        first = false;
    }

    private static String indented(JsonElement value, String indent) {
        return new String(Json.pretty(value), StandardCharsets.UTF_8).strip().replace("\n", "\n" + indent);
    }

    int size() {
        return text.size();
    }

    /** What has been written since the last call. */
    byte[] take() {
        byte[] part = text.toByteArray();
        text.reset();
        return part;
    }

    private void write(String part) {
        text.writeBytes(part.getBytes(StandardCharsets.UTF_8));
    }
}
