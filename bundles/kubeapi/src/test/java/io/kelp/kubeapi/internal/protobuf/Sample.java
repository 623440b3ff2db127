package io.kelp.kubeapi.internal.protobuf;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * Objects of random content as Kubernetes' own code encodes them ({@code src/main/schema/samples.go}).
 *
 * @param json what the same code shows of the bytes
 */
record Sample(byte[] protobuf, JsonObject json) {

    static List<Sample> all() {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Sample.class.getResourceAsStream("samples.jsonl.gz")), StandardCharsets.UTF_8))) {
            return reader.lines().map(line -> JsonParser.parseString(line).getAsJsonObject())
                    .map(line -> new Sample(Base64.getDecoder().decode(line.get("protobuf").getAsString()), line.getAsJsonObject("json"))).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String kind() {
        return json.get("apiVersion").getAsString() + " " + json.get("kind").getAsString();
    }

    /** Without members that are {@code null}: what was never sent cannot be told from them. */
    static JsonElement withoutNulls(JsonElement tree) {
        if (tree instanceof JsonArray array) {
            JsonArray copy = new JsonArray();
            array.forEach(item -> copy.add(withoutNulls(item)));
            return copy;
        }
        if (tree instanceof JsonObject object) {
            JsonObject copy = new JsonObject();
            object.asMap().forEach((name, value) -> {
                if (!value.isJsonNull()) {
                    copy.add(name, withoutNulls(value));
                }
            });
            return copy;
        }
        return tree;
    }
}
