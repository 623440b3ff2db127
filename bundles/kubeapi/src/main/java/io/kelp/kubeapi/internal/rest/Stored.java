package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.LongFunction;

/**
 * The stored form of an object. It begins with {@code kind}, {@code apiVersion} and {@code metadata.resourceVersion}, so
 * that the revision can be put in without parsing and the first two be left out where lists do not repeat them.
 */
final class Stored {

    private Stored() {
    }

    /** Makes the bytes of an object once its revision is known. */
    static LongFunction<byte[]> form(JsonObject object) {
        byte[] before = before(Json.text(object, "kind"), Json.text(object, "apiVersion"));
        byte[] after = after(object);
        return revision -> {
            byte[] digits = Long.toString(revision).getBytes(StandardCharsets.US_ASCII);
            byte[] whole = new byte[before.length + digits.length + after.length];
            System.arraycopy(before, 0, whole, 0, before.length);
            System.arraycopy(digits, 0, whole, before.length, digits.length);
            System.arraycopy(after, 0, whole, before.length + digits.length, after.length);
            return whole;
        };
    }

    /** How many bytes {@code "kind":…,"apiVersion":…,} take behind the opening brace. */
    static int headLength(String kind, String apiVersion) {
        return head(kind, apiVersion).length() - 1;
    }

    private static byte[] before(String kind, String apiVersion) {
        return (head(kind, apiVersion) + "\"metadata\":{\"resourceVersion\":\"").getBytes(StandardCharsets.UTF_8);
    }

    private static String head(String kind, String apiVersion) {
        return "{\"kind\":" + new JsonPrimitive(kind) + ",\"apiVersion\":" + new JsonPrimitive(apiVersion) + ",";
    }

    private static byte[] after(JsonObject object) {
        StringBuilder text = new StringBuilder("\"");
        for (Map.Entry<String, JsonElement> field : Meta.of(object).entrySet()) {
            if (!field.getKey().equals("resourceVersion")) {
                append(text, field);
            }
        }
        text.append('}');
        for (Map.Entry<String, JsonElement> field : object.entrySet()) {
            if (!field.getKey().equals("kind") && !field.getKey().equals("apiVersion") && !field.getKey().equals("metadata")) {
                append(text, field);
            }
        }
        return text.append('}').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void append(StringBuilder text, Map.Entry<String, JsonElement> field) {
        text.append(',').append(new JsonPrimitive(field.getKey())).append(':').append(field.getValue());
    }
}
