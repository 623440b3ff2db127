package io.kelp.edged.internal.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The patches that a stock edge sent, byte for byte. */
class RecordedStatusTest {

    /** The events of a recording that carry a message, as messages with the direction in {@code dir}. */
    static List<JsonObject> messages(String file) throws IOException {
        List<JsonObject> messages = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                RecordedStatusTest.class.getResourceAsStream("/vectors/03-pod/" + file + ".jsonl"), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonObject event = JsonParser.parseString(line).getAsJsonObject();
                if (event.has("msg")) {
                    JsonObject message = event.getAsJsonObject("msg");
                    message.add("dir", event.get("dir"));
                    messages.add(message);
                }
            }
        }
        return messages;
    }

    @ParameterizedTest
    @CsvSource({"create,2", "delete,1", "delete-2,1", "missing-configmap,2", "outage-and-resync,2", "update,1"})
    void aPatchLooksLikeTheRecordedOne(String file, int expected) throws IOException {
        JsonObject base = null;
        Map<String, JsonObject> open = new HashMap<>(); // request id → the pod before it
        Map<String, String> patches = new HashMap<>();
        List<String> made = new ArrayList<>();
        List<String> recorded = new ArrayList<>();
        for (JsonObject message : messages(file)) {
            JsonObject route = message.getAsJsonObject("route");
            JsonObject header = message.getAsJsonObject("header");
            String resource = route.get("resource").getAsString();
            String id = header.get("msg_id").getAsString();
            if (message.get("dir").getAsString().equals("edge->cloud")) {
                if (resource.contains("/podpatch/")) {
                    open.put(id, base);
                    patches.put(id, message.get("content").getAsString());
                }
            } else if (resource.contains("/podpatch/")) {
                String request = header.get("parent_msg_id").getAsString();
                JsonObject answered = message.getAsJsonObject("content").getAsJsonObject("Object");
                String uid = answered.getAsJsonObject("metadata").get("uid").getAsString();
                made.add(StatusPatch.between(uid, open.get(request), answered.getAsJsonObject("status"), Map.of()));
                recorded.add(patches.get(request));
                base = answered;
            } else if (resource.contains("/pod/") && message.get("content").isJsonObject()) {
                base = message.getAsJsonObject("content");
            }
        }
        assertEquals(String.join("\n", recorded), String.join("\n", made));
        assertEquals(expected, recorded.size());
        assertFalse(recorded.contains(null));
    }
}
