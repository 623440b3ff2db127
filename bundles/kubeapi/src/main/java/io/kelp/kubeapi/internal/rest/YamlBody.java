package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;

/**
 * Reads YAML of strangers: one document, limited in depth and in values, those that aliases unfold to among them. The tree is
 * made straight from the parser's events, so that nothing is built which the limits would refuse.
 */
final class YamlBody {

    private final Iterator<Event> events;
    private final ScalarResolver resolver;
    private final Map<Anchor, JsonElement> anchors = new HashMap<>();
    private final Set<Anchor> open = new HashSet<>();
    private final List<String> duplicates = new ArrayList<>();
    private final List<String> places = new ArrayList<>();
    private int values;

    private YamlBody(Iterator<Event> events, ScalarResolver resolver) {
        this.events = events;
        this.resolver = resolver;
    }

    static Body read(byte[] body) throws Body.MalformedException {
        LoadSettings settings = LoadSettings.builder().setCodePointLimit(body.length + 1).setUseMarks(true).build();
        YamlBody reading = new YamlBody(new Parse(settings).parseString(new String(body, StandardCharsets.UTF_8)).iterator(),
                settings.getSchema().getScalarResolver());
        try {
            return new Body(reading.document(), reading.duplicates, reading.places);
        } catch (MarkedYamlEngineException e) {
            String line = e.getProblemMark().map(mark -> "line " + (mark.getLine() + 1) + ": ").orElse("");
            throw new Body.MalformedException("yaml: " + line + e.getProblem());
        } catch (YamlEngineException e) {
            throw new Body.MalformedException("yaml: " + e.getMessage());
        }
    }

    private JsonElement document() throws Body.MalformedException {
        events.next(); // the stream begins
        if (events.next().getEventId() == Event.ID.StreamEnd) {
            return JsonNull.INSTANCE;
        }
        JsonElement tree = value(events.next(), Body.Place.top(), 0);
        events.next(); // the document ends
        if (events.next().getEventId() != Event.ID.StreamEnd) {
            throw new Body.MalformedException("yaml: expected a single document in the stream, but found another document");
        }
        return tree;
    }

    private JsonElement value(Event event, Body.Place place, int depth) throws Body.MalformedException {
        if (depth > Body.MAX_DEPTH) {
            throw new Body.MalformedException("yaml: exceeded max depth");
        }
        if (event instanceof AliasEvent alias) {
            return unfolded(alias, depth);
        }
        count();
        Anchor anchor = ((NodeEvent) event).getAnchor().orElse(null);
        if (anchor != null) {
            open.add(anchor);
        }
        JsonElement value = switch (event.getEventId()) {
            case MappingStart -> object(place, depth);
            case SequenceStart -> array(place, depth);
            default -> scalar((ScalarEvent) event);
        };
        if (anchor != null) {
            open.remove(anchor);
            anchors.put(anchor, value);
        }
        return value;
    }

    private void count() throws Body.MalformedException {
        if (++values > Body.MAX_VALUES) {
            throw new Body.MalformedException("yaml: more than " + Body.MAX_VALUES + " values");
        }
    }

    private JsonElement unfolded(AliasEvent alias, int depth) throws Body.MalformedException {
        Anchor anchor = alias.getAlias();
        if (open.contains(anchor)) {
            throw new Body.MalformedException("yaml: anchor '" + anchor + "' value contains itself");
        }
        JsonElement value = anchors.get(anchor);
        if (value == null) {
            throw new Body.MalformedException("yaml: unknown anchor '" + anchor + "' referenced");
        }
        return copy(value, depth);
    }

    /** Counts before it copies. */
    private JsonElement copy(JsonElement value, int depth) throws Body.MalformedException {
        count();
        if (depth > Body.MAX_DEPTH) {
            throw new Body.MalformedException("yaml: exceeded max depth");
        }
        if (value instanceof JsonObject from) {
            JsonObject to = new JsonObject();
            for (Map.Entry<String, JsonElement> member : from.entrySet()) {
                to.add(member.getKey(), copy(member.getValue(), depth + 1));
            }
            return to;
        }
        if (value instanceof JsonArray from) {
            JsonArray to = new JsonArray();
            for (JsonElement item : from) {
                to.add(copy(item, depth + 1));
            }
            return to;
        }
        return value;
    }

    private JsonArray array(Body.Place place, int depth) throws Body.MalformedException {
        JsonArray array = new JsonArray();
        for (Event event = events.next(); event.getEventId() != Event.ID.SequenceEnd; event = events.next()) {
            array.add(value(event, place.item(array.size()), depth + 1));
        }
        return array;
    }

    private JsonObject object(Body.Place place, int depth) throws Body.MalformedException {
        JsonObject object = new JsonObject();
        for (Event event = events.next(); event.getEventId() != Event.ID.MappingEnd; event = events.next()) {
            if (!(event instanceof ScalarEvent) && !(event instanceof AliasEvent alias && isText(anchors.get(alias.getAlias())))) {
                throw new Body.MalformedException("yaml: a key has to be a text");
            }
            String name = name(event);
            Body.Place member = place.member(name);
            if (object.has(name) && duplicates.size() < Body.MAX_DUPLICATES) {
                duplicates.add(member.toString());
                places.add("line " + event.getStartMark().map(mark -> mark.getLine() + 1).orElse(0) + ": key " + MetadataRules.quoted(name));
            }
            object.add(name, value(events.next(), member, depth + 1));
        }
        return object;
    }

    private static boolean isText(JsonElement value) {
        return value != null && value.isJsonPrimitive();
    }

    private String name(Event event) throws Body.MalformedException {
        if (event instanceof AliasEvent alias) {
            return anchors.get(alias.getAlias()).getAsString();
        }
        ScalarEvent key = (ScalarEvent) event;
        if (key.getAnchor().isPresent()) {
            anchors.put(key.getAnchor().get(), scalar(key));
        }
        return key.getValue();
    }

    private Tag tag(ScalarEvent event) {
        String given = event.getTag().orElse("!");
        if (!given.equals("!")) {
            return new Tag(given);
        }
        return resolver.resolve(event.getValue(), event.getImplicit().canOmitTagInPlainScalar());
    }

    private JsonElement scalar(ScalarEvent event) throws Body.MalformedException {
        Tag tag = tag(event);
        String text = event.getValue();
        if (tag.equals(Tag.NULL)) {
            return JsonNull.INSTANCE;
        }
        if (tag.equals(Tag.BOOL)) {
            return new JsonPrimitive(text.equalsIgnoreCase("true"));
        }
        if (tag.equals(Tag.INT) || tag.equals(Tag.FLOAT)) {
            return number(text);
        }
        if (tag.equals(Tag.STR)) {
            return new JsonPrimitive(text);
        }
        throw new Body.MalformedException("yaml: the tag " + tag + " is not supported");
    }

    private static JsonElement number(String text) throws Body.MalformedException {
        String plain = text.startsWith("+") ? text.substring(1) : text;
        if (plain.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?")) {
            return Body.number(plain);
        }
        try {
            if (plain.startsWith("0x") || plain.startsWith("0o")) {
                return new JsonPrimitive(Long.parseLong(plain.substring(2), plain.charAt(1) == 'x' ? 16 : 8));
            }
            double value = Double.parseDouble(plain);
            if (Double.isFinite(value)) {
                return value == Math.rint(value) && Math.abs(value) < 1e15 ? new JsonPrimitive((long) value) : new JsonPrimitive(value);
            }
        } catch (NumberFormatException e) {
            throw new Body.MalformedException("yaml: " + text + " is not a number");
        }
        throw new Body.MalformedException("yaml: " + text + " has no form in JSON");
    }
}
