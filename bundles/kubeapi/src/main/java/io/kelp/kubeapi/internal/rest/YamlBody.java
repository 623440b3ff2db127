package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** Reads YAML of strangers: one document, limited in depth, in aliases and in what aliases unfold to. */
final class YamlBody {

    private static final int MAX_ALIASES = 50;
    private static final int MAX_NODES = 1_000_000;

    private final List<String> duplicates = new ArrayList<>();
    private final List<String> places = new ArrayList<>();
    private int nodes;

    private YamlBody() {
    }

    static Body read(byte[] body) throws Body.MalformedException {
        LoadSettings settings = LoadSettings.builder().setAllowDuplicateKeys(true).setMaxAliasesForCollections(MAX_ALIASES)
                .setCodePointLimit(body.length + 1).setUseMarks(true).build();
        YamlBody reading = new YamlBody();
        try {
            Optional<Node> document = new Compose(settings).composeString(new String(body, StandardCharsets.UTF_8));
            return new Body(document.isPresent() ? reading.value(document.get(), "", 0) : JsonNull.INSTANCE, reading.duplicates, reading.places);
        } catch (MarkedYamlEngineException e) {
            String line = e.getProblemMark().map(mark -> "line " + (mark.getLine() + 1) + ": ").orElse("");
            throw new Body.MalformedException("yaml: " + line + e.getProblem());
        } catch (YamlEngineException | StackOverflowError e) {
            // The parser is recursive: deep nesting ends its stack before the depth can be counted.
            throw new Body.MalformedException("yaml: " + (e instanceof StackOverflowError ? "exceeded max depth" : e.getMessage()));
        }
    }

    private JsonElement value(Node node, String path, int depth) throws Body.MalformedException {
        if (depth > Body.MAX_DEPTH) {
            throw new Body.MalformedException("yaml: exceeded max depth");
        }
        if (++nodes > MAX_NODES) {
            throw new Body.MalformedException("yaml: document contains excessive aliasing");
        }
        if (node instanceof MappingNode mapping) {
            return object(mapping, path, depth);
        }
        if (node instanceof SequenceNode sequence) {
            JsonArray array = new JsonArray();
            for (Node item : sequence.getValue()) {
                array.add(value(item, path + "[" + array.size() + "]", depth + 1));
            }
            return array;
        }
        return scalar((ScalarNode) node);
    }

    private JsonObject object(MappingNode mapping, String path, int depth) throws Body.MalformedException {
        JsonObject object = new JsonObject();
        for (NodeTuple tuple : mapping.getValue()) {
            if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                throw new Body.MalformedException("yaml: a key has to be a text");
            }
            String name = key.getValue();
            String member = path.isEmpty() ? name : path + "." + name;
            if (object.has(name) && duplicates.size() < Body.MAX_DUPLICATES) {
                duplicates.add(member);
                places.add("line " + key.getStartMark().map(mark -> mark.getLine() + 1).orElse(0) + ": key " + MetadataRules.quoted(name));
            }
            object.add(name, value(tuple.getValueNode(), member, depth + 1));
        }
        return object;
    }

    private static JsonElement scalar(ScalarNode node) throws Body.MalformedException {
        Tag tag = node.getTag();
        String text = node.getValue();
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
            return JsonParser.parseString(plain);
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
