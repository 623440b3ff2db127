package io.kelp.cloud.kube;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * One page of a list.
 *
 * @param resourceVersion of the whole list
 * @param continueToken asks for the next page; empty on the last
 */
record ListPage(String resourceVersion, String continueToken) {

    /**
     * Reads a page object by object, so that only one of them is a tree at a time.
     *
     * @throws IOException when the text is not a Kubernetes list
     */
    static ListPage read(byte[] json, Consumer<JsonObject> items) throws IOException {
        JsonObject metadata = new JsonObject();
        String apiVersion = "";
        String kind = "";
        try (JsonReader reader = new JsonReader(
                new InputStreamReader(new ByteArrayInputStream(json), StandardCharsets.UTF_8))) {
            reader.beginObject();
            while (reader.hasNext()) {
                switch (reader.nextName()) {
                    case "metadata" -> metadata = JsonParser.parseReader(reader).getAsJsonObject();
                    case "apiVersion" -> apiVersion = reader.nextString();
                    case "kind" -> kind = reader.nextString();
                    case "items" -> readItems(reader, named(apiVersion, kind, items));
                    default -> reader.skipValue();
                }
            }
        } catch (IllegalStateException | JsonParseException e) {
            throw new IOException("The API server's answer is not a list of objects.", e);
        }
        return new ListPage(text(metadata.get("resourceVersion")), text(metadata.get("continue")));
    }

    /** Items of built-in kinds do not carry kind and apiVersion in lists; those lists name theirs first. */
    private static Consumer<JsonObject> named(String apiVersion, String listKind, Consumer<JsonObject> items) {
        if (apiVersion.isEmpty() || !listKind.endsWith("List")) {
            return items;
        }
        String kind = listKind.substring(0, listKind.length() - "List".length());
        return item -> {
            if (!item.has("kind")) {
                item.addProperty("kind", kind);
                item.addProperty("apiVersion", apiVersion);
            }
            items.accept(item);
        };
    }

    private static void readItems(JsonReader reader, Consumer<JsonObject> items) throws IOException {
        if (reader.peek() == JsonToken.NULL) {
            reader.nextNull();
            return;
        }
        reader.beginArray();
        while (reader.hasNext()) {
            items.accept(JsonParser.parseReader(reader).getAsJsonObject());
        }
        reader.endArray();
    }

    private static String text(JsonElement value) {
        return value == null || value.isJsonNull() ? "" : value.getAsString();
    }
}
