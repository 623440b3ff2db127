package io.kelp.cloud.device;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Map;

/** JSON text as Go's encoding/json writes it: compact, and some characters escaped that need not be. */
final class GoJson {

    private GoJson() {}

    static String write(JsonElement element) {
        StringBuilder out = new StringBuilder(512);
        write(out, element);
        return out.toString();
    }

    private static void write(StringBuilder out, JsonElement element) {
        if (element == null || element.isJsonNull()) {
            out.append("null");
        } else if (element instanceof JsonObject object) {
            String separator = "{";
            for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
                out.append(separator);
                quote(out, entry.getKey());
                out.append(':');
                write(out, entry.getValue());
                separator = ",";
            }
            out.append(object.isEmpty() ? "{}" : "}");
        } else if (element instanceof JsonArray array) {
            String separator = "[";
            for (JsonElement item : array) {
                out.append(separator);
                write(out, item);
                separator = ",";
            }
            out.append(array.isEmpty() ? "[]" : "]");
        } else if (element instanceof JsonPrimitive primitive && primitive.isString()) {
            quote(out, primitive.getAsString());
        } else {
            out.append(element.getAsString());
        }
    }

    private static void quote(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20 || c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029') {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
