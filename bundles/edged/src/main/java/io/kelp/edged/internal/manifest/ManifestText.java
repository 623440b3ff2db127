package io.kelp.edged.internal.manifest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import java.io.IOException;
import java.io.StringReader;

/** Reads the text of a manifest: JSON, or YAML where there is a parser for it. */
final class ManifestText {

    private ManifestText() {}

    static JsonObject read(String text) throws ManifestException {
        JsonElement tree = text.stripLeading().startsWith("{") ? json(text) : yaml(text);
        if (!(tree instanceof JsonObject object)) {
            throw new ManifestException("it holds no object", "write one Pod into the file");
        }
        return object;
    }

    private static JsonElement json(String text) throws ManifestException {
        try {
            JsonReader reader = new JsonReader(new StringReader(text));
            reader.setStrictness(Strictness.STRICT);
            JsonElement tree = JsonParser.parseReader(reader);
            reader.peek(); // fails when something follows
            return tree;
        } catch (JsonParseException | IOException e) {
            Throwable cause = e.getCause() instanceof IOException inner ? inner : e;
            throw new ManifestException("it is no JSON: " + firstLine(cause.getMessage()), "correct the syntax");
        }
    }

    private static JsonElement yaml(String text) throws ManifestException {
        try {
            return ManifestYaml.read(text);
        } catch (NoClassDefFoundError e) { // the package is an optional import
            throw new ManifestException("it is not JSON, and this gateway has no parser for YAML",
                    "write it as JSON, or install the workloads feature, which has the parser");
        }
    }

    /** Without Gson's hints for programmers. */
    private static String firstLine(String message) {
        return message == null ? "" : message.lines().findFirst().orElse("")
                .replace("Use JsonReader.setStrictness(Strictness.LENIENT) to accept malformed JSON", "malformed");
    }
}
