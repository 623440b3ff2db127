package io.kelp.mapper.mqtt.internal.payload;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a value stands in a JSON document, written as a pointer of RFC 6901 ({@code /sensors/0/temp}) or with dots
 * ({@code sensors[0].temp}, also with {@code $.} before it). The empty path is the whole document.
 */
public final class JsonPath {

    private static final int LONGEST = 512;

    private final List<String> steps;

    private JsonPath(List<String> steps) {
        this.steps = List.copyOf(steps);
    }

    /** The member of a name at the top, whatever characters the name has. */
    public static JsonPath member(String name) {
        return new JsonPath(List.of(name));
    }

    /** @throws IllegalArgumentException that says what is wrong with the text */
    public static JsonPath of(String text) {
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException("longer than " + LONGEST + " characters");
        }
        if (text.isEmpty() || text.equals("$")) {
            return new JsonPath(List.of());
        }
        return new JsonPath(text.startsWith("/") ? pointer(text) : dotted(text));
    }

    private static List<String> pointer(String text) {
        List<String> steps = new ArrayList<>();
        for (String token : text.substring(1).split("/", -1)) {
            StringBuilder step = new StringBuilder(token.length());
            for (int i = 0; i < token.length(); i++) {
                char c = token.charAt(i);
                if (c == '~') {
                    char escaped = ++i < token.length() ? token.charAt(i) : ' ';
                    if (escaped != '0' && escaped != '1') {
                        throw new IllegalArgumentException("after ~ comes 0 or 1 (RFC 6901)");
                    }
                    step.append(escaped == '0' ? '~' : '/');
                } else {
                    step.append(c);
                }
            }
            steps.add(step.toString());
        }
        return steps;
    }

    private static List<String> dotted(String text) {
        List<String> steps = new ArrayList<>();
        String rest = text.startsWith("$.") ? text.substring(2) : text.startsWith("$[") ? text.substring(1) : text;
        int i = 0;
        while (i < rest.length()) {
            if (rest.charAt(i) == '[') {
                int end = rest.indexOf(']', i);
                String index = end < 0 ? "" : rest.substring(i + 1, end);
                if (!index.matches("\\d{1,9}")) {
                    throw new IllegalArgumentException("between [ and ] stands the number of an element");
                }
                steps.add(index);
                i = end + 1;
                if (i < rest.length() && rest.charAt(i) != '[' && rest.charAt(i++) != '.') {
                    throw new IllegalArgumentException("after ] comes a dot or [");
                }
                if (i == rest.length() && rest.endsWith(".")) {
                    throw new IllegalArgumentException("a name is missing after the last dot");
                }
            } else {
                int end = i;
                while (end < rest.length() && rest.charAt(end) != '.' && rest.charAt(end) != '[') {
                    end++;
                }
                if (end == i || end == rest.length() - 1 && rest.charAt(end) == '.') {
                    throw new IllegalArgumentException("a name is missing beside a dot");
                }
                steps.add(rest.substring(i, end));
                i = end < rest.length() && rest.charAt(end) == '.' ? end + 1 : end;
            }
        }
        if (steps.isEmpty()) {
            throw new IllegalArgumentException("a name is missing");
        }
        return steps;
    }

    /** @return what stands there, {@code null} when the document has no such place; a JSON null is {@code JsonNull} */
    public JsonElement find(JsonElement document) {
        JsonElement at = document;
        for (String step : steps) {
            if (at instanceof JsonObject object) {
                at = object.get(step);
            } else if (at instanceof JsonArray array) {
                at = index(step) < array.size() ? array.get(index(step)) : null;
            } else {
                return null;
            }
        }
        return at;
    }

    private static int index(String step) {
        return step.matches("0|[1-9]\\d{0,8}") ? Integer.parseInt(step) : Integer.MAX_VALUE;
    }

    /** A document that has nothing but a value at this place. */
    public JsonElement documentWith(JsonElement value) {
        JsonElement document = value;
        for (int i = steps.size() - 1; i >= 0; i--) {
            JsonObject around = new JsonObject();
            around.add(steps.get(i), document);
            document = around;
        }
        return document;
    }

    /** As a pointer of RFC 6901. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        steps.forEach(step -> text.append('/').append(step.replace("~", "~0").replace("/", "~1")));
        return text.toString();
    }
}
