package io.kelp.edged.internal.manifest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** YAML as JSON. The only class that needs the parser, so that the rest works without it. */
final class ManifestYaml {

    private static final int MAX_DEPTH = 100;
    private static final int MAX_VALUES = 100_000;

    private int values;

    private ManifestYaml() {}

    static JsonElement read(String text) throws ManifestException {
        LoadSettings settings = LoadSettings.builder().setLabel("manifest").setAllowDuplicateKeys(false)
                .setMaxAliasesForCollections(50).setCodePointLimit(text.length() + 1).build();
        try {
            limitDepth(new Parse(settings).parseString(text));
            Iterator<Object> documents = new Load(settings).loadAllFromString(text).iterator();
            JsonElement first = documents.hasNext() ? new ManifestYaml().json(documents.next(), 0) : JsonNull.INSTANCE;
            while (documents.hasNext()) {
                if (documents.next() != null) {
                    throw new ManifestException("it holds several documents", "write one Pod into each file");
                }
            }
            return first;
        } catch (MarkedYamlEngineException e) {
            String line = e.getProblemMark().map(mark -> "line " + (mark.getLine() + 1) + ": ").orElse("");
            throw new ManifestException("it is no YAML: " + line + e.getProblem(), "correct the syntax");
        } catch (YamlEngineException e) {
            throw new ManifestException("it is no YAML: " + e.getMessage(), "correct the syntax");
        }
    }

    /** What builds the tree calls itself, so this must come first. */
    private static void limitDepth(Iterable<Event> events) throws ManifestException {
        int depth = 0;
        for (Event event : events) {
            switch (event.getEventId()) {
                case MappingStart, SequenceStart -> depth++;
                case MappingEnd, SequenceEnd -> depth--;
                default -> { }
            }
            if (depth > MAX_DEPTH) {
                throw tooMuch();
            }
        }
    }

    private static ManifestException tooMuch() {
        return new ManifestException("it has more than " + MAX_VALUES + " values or " + MAX_DEPTH + " levels", "use fewer aliases and levels");
    }

    /** Aliases unfold here, so what they make is counted. */
    private JsonElement json(Object value, int depth) throws ManifestException {
        if (++values > MAX_VALUES || depth > MAX_DEPTH) {
            throw tooMuch();
        }
        if (value instanceof Map<?, ?> map) {
            JsonObject object = new JsonObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                object.add(String.valueOf(entry.getKey()), json(entry.getValue(), depth + 1));
            }
            return object;
        }
        if (value instanceof List<?> list) {
            JsonArray array = new JsonArray();
            for (Object item : list) {
                array.add(json(item, depth + 1));
            }
            return array;
        }
        if (value instanceof Boolean flag) {
            return new JsonPrimitive(flag);
        }
        if (value instanceof Number number) {
            if (number instanceof Double real && !Double.isFinite(real)) {
                throw new ManifestException("the number " + real + " has no form in JSON", "write another value");
            }
            return new JsonPrimitive(number);
        }
        return value == null ? JsonNull.INSTANCE : new JsonPrimitive(value.toString());
    }
}
