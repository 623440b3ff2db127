package io.kelp.cloud.device;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The content of {@code twin/edge_updated} (specification section 2.4).
 *
 * @param twins by property
 */
record TwinReport(Map<String, Twin> twins) {

    static final int MAX_TWINS = 1000;
    static final int MAX_NAME = 256;
    static final int MAX_VALUE = 64 * 1024;

    /**
     * What the edge says about one property; each part {@code null} when it says nothing.
     *
     * @param actual as it is written to {@code reported}
     * @param expected as it is written to {@code observedDesired}
     * @param expectedCloud resourceVersion that the edge's desired value came with
     * @param expectedEdge how often the edge has written the desired value itself
     */
    record Twin(JsonObject actual, JsonObject expected, long expectedCloud, long expectedEdge) {}

    /** Reads a report; empty when it has no twins, or more of them, longer names or values than allowed. */
    static Optional<TwinReport> read(JsonElement content) {
        if (!(content instanceof JsonObject object) || !(object.get("twin") instanceof JsonObject twins)
                || twins.size() > MAX_TWINS) {
            return Optional.empty();
        }
        Map<String, Twin> read = new HashMap<>();
        for (Map.Entry<String, JsonElement> entry : twins.entrySet()) {
            if (entry.getKey().isEmpty() || entry.getKey().length() > MAX_NAME) {
                return Optional.empty();
            }
            if (entry.getValue() instanceof JsonObject twin) {
                String type = Json.text(Json.object(twin, "metadata"), "type");
                JsonObject actual = value(Json.object(twin, "actual"), twin.has("metadata"), type);
                JsonObject expected = value(Json.object(twin, "expected"), twin.has("metadata"), type);
                if (isTooLong(actual) || isTooLong(expected)) {
                    return Optional.empty();
                }
                JsonObject version = Json.object(twin, "expected_version");
                read.put(entry.getKey(), new Twin(actual, expected, number(version, "cloud"), number(version, "edge")));
            }
        }
        return Optional.of(new TwinReport(read));
    }

    private static JsonObject value(JsonObject from, boolean hasType, String type) {
        if (!(from.get("value") instanceof JsonPrimitive value)) {
            return null;
        }
        JsonObject metadata = new JsonObject();
        if (from.get("metadata") instanceof JsonObject) {
            metadata.addProperty("timestamp", Long.toString(number(Json.object(from, "metadata"), "timestamp")));
        }
        if (hasType) {
            metadata.addProperty("type", type);
        }
        JsonObject out = new JsonObject();
        out.addProperty("value", value.getAsString());
        if (!metadata.isEmpty()) {
            out.add("metadata", metadata);
        }
        return out;
    }

    private static boolean isTooLong(JsonObject value) {
        return value != null && value.get("value").getAsString().length() > MAX_VALUE;
    }

    private static long number(JsonObject parent, String name) {
        String text = Json.text(parent, name);
        return text.matches("-?[0-9]{1,18}") ? Long.parseLong(text) : 0;
    }
}
