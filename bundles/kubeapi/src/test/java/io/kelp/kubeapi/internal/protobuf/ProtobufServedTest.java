package io.kelp.kubeapi.internal.protobuf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.RecordedResponse;
import io.kelp.kubeapi.TestApi;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The API server gets the bytes that client-go sent to a real one and answers as that did ({@code src/test/recording/protobuf}).
 */
class ProtobufServedTest {

    private static final Set<String> PASSING = Set.of("uid", "resourceVersion", "creationTimestamp", "deletionTimestamp", "time", "lastTransitionTime", "managedFields");

    private static final Pattern UID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    @Test
    void answersWhatTheOriginalAnswered() throws Exception {
        int compared = 0;
        try (TestApi api = new TestApi()) {
            for (JsonObject recorded : recorded()) {
                RecordedResponse response = new RecordedResponse();
                String what = recorded.get("method").getAsString() + " " + recorded.get("path").getAsString();
                JsonElement body = recorded.get("body");
                api.ask(response, recorded.get("method").getAsString(), recorded.get("path").getAsString(),
                        body.isJsonNull() ? new byte[0] : Base64.getDecoder().decode(body.getAsString()),
                        "content-type", recorded.get("contentType").getAsString(), "accept", ProtobufBody.MEDIA_TYPE + ",application/json");
                assertEquals(recorded.get("code").getAsInt(), response.status(), what + " " + response.text());
                assertEquals(stable(recorded.get("answer")), stable(response.json()), what);
                compared++;
            }
        }
        assertTrue(compared > 30, "only " + compared);
    }

    private static List<JsonObject> recorded() throws Exception {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(
                ProtobufServedTest.class.getResourceAsStream("recorded.jsonl"), StandardCharsets.UTF_8))) {
            return reader.lines().map(line -> JsonParser.parseString(line).getAsJsonObject()).toList();
        }
    }

    private static JsonElement stable(JsonElement tree) {
        if (tree instanceof JsonArray array) {
            JsonArray copy = new JsonArray();
            array.forEach(item -> copy.add(stable(item)));
            return copy;
        }
        if (tree instanceof JsonObject object) {
            JsonObject copy = new JsonObject();
            for (Map.Entry<String, JsonElement> member : new TreeMap<>(object.asMap()).entrySet()) {
                if (!PASSING.contains(member.getKey())) {
                    copy.add(member.getKey(), stable(member.getValue()));
                }
            }
            return copy;
        }
        boolean text = tree.isJsonPrimitive() && tree.getAsJsonPrimitive().isString();
        return text ? new JsonPrimitive(UID.matcher(tree.getAsString()).replaceAll("UID")) : tree;
    }
}
