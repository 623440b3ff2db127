package io.kelp.mapper.mqtt.internal.payload;

import com.google.gson.JsonPrimitive;
import io.kelp.mapper.PropertyValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Text with places for values: {@code {"state": {value}}}. A place is a name in braces; a brace that begins no known name
 * stays as it is, for JSON is full of them.
 */
public final class Template {

    private record Part(String text, boolean place, boolean quoted) {}

    private final List<Part> parts;

    private Template(List<Part> parts) {
        this.parts = parts;
    }

    /** @param known names of places */
    public static Template of(String text, Iterable<String> known) {
        List<Part> parts = new ArrayList<>();
        StringBuilder plain = new StringBuilder();
        boolean quoted = false;
        int i = 0;
        while (i < text.length()) {
            String name = text.charAt(i) == '{' ? placeAt(text, i, known) : null;
            if (name != null) {
                parts.add(new Part(plain.toString(), false, false));
                plain.setLength(0);
                parts.add(new Part(name, true, quoted));
                i += name.length() + 2;
                continue;
            }
            char c = text.charAt(i++);
            plain.append(c);
            if (c == '\\' && quoted && i < text.length()) {
                plain.append(text.charAt(i++));
            } else if (c == '"') {
                quoted = !quoted;
            }
        }
        parts.add(new Part(plain.toString(), false, false));
        return new Template(List.copyOf(parts));
    }

    private static String placeAt(String text, int at, Iterable<String> known) {
        for (String name : known) {
            if (text.startsWith(name, at + 1) && text.startsWith("}", at + 1 + name.length())) {
                return name;
            }
        }
        return null;
    }

    public boolean has(String place) {
        return parts.stream().anyMatch(p -> p.place() && p.text().equals(place));
    }

    /** Puts texts into the places as they are. */
    public String fill(Function<String, String> values) {
        StringBuilder filled = new StringBuilder();
        parts.forEach(part -> filled.append(part.place() ? values.apply(part.text()) : part.text()));
        return filled.toString();
    }

    /** Puts values into the places of a JSON text: as a JSON value, or within quotation marks as its text, escaped. */
    public String fillJson(Function<String, PropertyValue> values) {
        StringBuilder filled = new StringBuilder();
        for (Part part : parts) {
            if (!part.place()) {
                filled.append(part.text());
            } else if (part.quoted()) {
                String string = new JsonPrimitive(values.apply(part.text()).asText()).toString();
                filled.append(string, 1, string.length() - 1);
            } else {
                filled.append(JsonValues.of(values.apply(part.text())));
            }
        }
        return filled.toString();
    }

    /** Puts texts into the places named in braces. @throws IllegalArgumentException naming the known names, when there is another */
    static String expand(String text, Map<String, String> values) {
        String expanded = Template.of(text, values.keySet()).fill(values::get);
        int open = expanded.indexOf('{');
        if (open >= 0 && expanded.indexOf('}', open) > open) {
            throw new IllegalArgumentException("a topic with no other names in braces than {" + String.join("}, {", values.keySet()) + "}");
        }
        return expanded;
    }
}
