package io.kelp.cloud.standalone;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Writes JSON trees as YAML that parsers of YAML 1.1 and 1.2 read alike: a text that either could take for something else is quoted. */
final class YamlText {

    private static final Gson QUOTES = new GsonBuilder().disableHtmlEscaping().create();
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*");
    private static final Set<String> SPECIAL = Set.of("y", "n", "yes", "no", "on", "off", "true", "false", "null");

    private YamlText() {}

    /** One document without its separator, lines ended. */
    static String of(JsonObject object) {
        StringBuilder text = new StringBuilder();
        if (object.isEmpty()) {
            return "{}\n";
        }
        members(text, object, 0, false);
        return text.toString();
    }

    private static void members(StringBuilder text, JsonObject object, int indent, boolean onLine) {
        boolean first = onLine;
        for (Map.Entry<String, JsonElement> member : object.entrySet()) {
            if (!first) {
                text.append(" ".repeat(indent));
            }
            first = false;
            text.append(string(member.getKey())).append(':');
            value(text, member.getValue(), indent, indent + 2);
        }
    }

    private static void value(StringBuilder text, JsonElement value, int listIndent, int indent) {
        if (value.isJsonObject() && !value.getAsJsonObject().isEmpty()) {
            text.append('\n');
            members(text, value.getAsJsonObject(), indent, false);
        } else if (value.isJsonArray() && !value.getAsJsonArray().isEmpty()) {
            text.append('\n');
            for (JsonElement element : value.getAsJsonArray()) {
                text.append(" ".repeat(listIndent)).append('-');
                if (element.isJsonObject() && !element.getAsJsonObject().isEmpty()) {
                    text.append(' ');
                    members(text, element.getAsJsonObject(), listIndent + 2, true);
                } else {
                    value(text, element, listIndent + 2, listIndent + 2);
                }
            }
        } else {
            text.append(' ').append(scalar(value)).append('\n');
        }
    }

    private static String scalar(JsonElement value) {
        return value instanceof JsonPrimitive primitive && primitive.isString() ? string(primitive.getAsString()) : value.toString();
    }

    private static String string(String text) {
        return PLAIN.matcher(text).matches() && !SPECIAL.contains(text.toLowerCase(Locale.ROOT)) ? text : QUOTES.toJson(text);
    }
}
