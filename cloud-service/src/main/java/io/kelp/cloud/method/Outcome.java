package io.kelp.cloud.method;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;

/**
 * What is to be written into the status of a call.
 *
 * @param phase as in the API: Pending, Running, Succeeded, Failed
 * @param reason of a failure, one word; else empty
 * @param values what the device answered, by property
 * @param startedMillis Unix time by the clock of the gateway; 0 when unknown
 */
record Outcome(String phase, String reason, String message, Map<String, String> values, long startedMillis) {

    static final int MAX_VALUES = 1000;
    static final int MAX_TEXT = 64 * 1024;
    static final int MAX_MESSAGE = 1024;

    static Outcome failed(String reason, String message) {
        return new Outcome("Failed", reason, message, Map.of(), 0);
    }

    static Outcome pending(String message) {
        return new Outcome("Pending", "", message, Map.of(), 0);
    }

    /** What a gateway said; empty when it makes no sense or is too large. */
    static Optional<Outcome> read(JsonObject content) {
        String phase = MethodCall.text(content, "phase");
        String reason = MethodCall.text(content, "reason");
        String message = MethodCall.text(content, "message");
        JsonObject values = MethodCall.object(content, "values");
        int length = 0;
        for (Map.Entry<String, JsonElement> value : values.entrySet()) {
            length += value.getKey().length() + (value.getValue() instanceof JsonPrimitive text ? text.getAsString().length() : 0);
        }
        if (!phase.matches("Running|Succeeded|Failed") || !reason.matches("[A-Za-z]{0,64}") || values.size() > MAX_VALUES || length > MAX_TEXT) {
            return Optional.empty();
        }
        String started = MethodCall.text(content, "startedAt");
        return Optional.of(new Outcome(phase, reason, message.substring(0, Math.min(MAX_MESSAGE, message.length())), MethodCall.texts(values),
                started.matches("[0-9]{1,15}") ? Long.parseLong(started) : 0));
    }

    boolean isFinal() {
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    /** The {@code status} of a merge patch. @param nowMillis Unix time, becomes that of the end */
    JsonObject status(long nowMillis) {
        JsonObject status = new JsonObject();
        status.addProperty("phase", phase);
        status.addProperty("reason", reason);
        status.addProperty("message", message);
        if (!values.isEmpty()) {
            JsonObject answered = new JsonObject();
            values.forEach(answered::addProperty);
            status.add("values", answered);
        }
        if (startedMillis > 0) {
            status.addProperty("startedAt", time(startedMillis));
        }
        if (isFinal()) {
            status.addProperty("completedAt", time(nowMillis));
        }
        return status;
    }

    static String time(long millis) {
        return Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
