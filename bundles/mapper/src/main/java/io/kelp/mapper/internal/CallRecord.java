package io.kelp.mapper.internal;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.kelp.store.RecordCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A call of the cloud as the gateway remembers it.
 *
 * @param order grows with each call, so that the oldest can be forgotten
 * @param resource as in the cloud's message
 * @param phase where it is
 * @param reason why it failed, in CamelCase; otherwise empty
 * @param message why it failed, one sentence; otherwise empty
 * @param values what the device said
 * @param startedMillis Unix time
 * @param completedMillis Unix time, 0 while it runs
 * @param confirmed whether the cloud has the outcome
 */
record CallRecord(long order, String resource, Phase phase, String reason, String message, Map<String, String> values, long startedMillis,
        long completedMillis, boolean confirmed) {

    enum Phase {
        RUNNING("Running"), SUCCEEDED("Succeeded"), FAILED("Failed");

        final String word;

        Phase(String word) {
            this.word = word;
        }
    }

    static CallRecord running(long order, String resource, long nowMillis) {
        return new CallRecord(order, resource, Phase.RUNNING, "", "", Map.of(), nowMillis, 0, false);
    }

    CallRecord succeeded(Map<String, String> answer, long nowMillis) {
        return new CallRecord(order, resource, Phase.SUCCEEDED, "", "", answer, startedMillis, nowMillis, false);
    }

    CallRecord failed(String why, String sentence, long nowMillis) {
        return new CallRecord(order, resource, Phase.FAILED, why, sentence, Map.of(), startedMillis, nowMillis, false);
    }

    CallRecord known() {
        return new CallRecord(order, resource, phase, reason, message, Map.of(), startedMillis, completedMillis, true);
    }

    /** Content of the message {@code called}. */
    JsonObject content(String id) {
        JsonObject json = new JsonObject();
        json.addProperty("id", id);
        json.addProperty("phase", phase.word);
        json.addProperty("reason", reason);
        json.addProperty("message", message);
        JsonObject answers = new JsonObject();
        values.forEach(answers::addProperty);
        json.add("values", answers);
        json.addProperty("startedAt", startedMillis);
        if (completedMillis > 0) {
            json.addProperty("completedAt", completedMillis);
        }
        return json;
    }

    static final RecordCodec<CallRecord> CODEC = new RecordCodec<>() {
        @Override
        public byte[] write(CallRecord r) {
            JsonObject json = r.content("");
            json.addProperty("order", r.order);
            json.addProperty("resource", r.resource);
            json.addProperty("confirmed", r.confirmed);
            return json.toString().getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public CallRecord read(byte[] bytes) throws IOException {
            try {
                JsonObject json = JsonParser.parseString(new String(bytes, StandardCharsets.UTF_8)).getAsJsonObject();
                Map<String, String> values = new LinkedHashMap<>();
                for (Map.Entry<String, JsonElement> e : json.getAsJsonObject("values").entrySet()) {
                    values.put(e.getKey(), e.getValue().getAsString());
                }
                Phase phase = Phase.valueOf(Json.text(json, "phase").toUpperCase(java.util.Locale.ROOT));
                return new CallRecord(Json.whole(json, "order"), Json.text(json, "resource"), phase, Json.text(json, "reason"),
                        Json.text(json, "message"), values, Json.whole(json, "startedAt"), Json.whole(json, "completedAt"),
                        Boolean.TRUE.equals(Json.flag(json, "confirmed")));
            } catch (JsonParseException | IllegalStateException | IllegalArgumentException | NullPointerException
                    | UnsupportedOperationException | ClassCastException e) { // what Gson throws on JSON of another form
                throw new IOException("not a call", e);
            }
        }
    };
}
