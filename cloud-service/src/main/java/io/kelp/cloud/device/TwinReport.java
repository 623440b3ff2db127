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

    /** An edge that tells what it has had for longer than this does not tell of a write just made. */
    private static final long FRESH_MILLIS = 500;


    static final int MAX_TWINS = 1000;
    static final int MAX_NAME = 256;
    static final int MAX_VALUE = 64 * 1024;
    private static final int MAX_QUALITY = 32;
    private static final int MAX_ERROR = 1024;

    /**
     * What the edge says about one property; each part {@code null} when it says nothing.
     *
     * @param actual as it is written to {@code reported}; without {@code value} when a Kelp gateway has only a remark about a
     *     value that it does not tell, see {@link #over}
     * @param actualVersion how often the edge has set the value, 0 when it does not count
     * @param actualMillis when it was set by the clock of the edge
     * @param expected as it is written to {@code observedDesired}
     * @param expectedCloud resourceVersion that the edge's desired value came with
     * @param expectedEdge how often the edge has written the desired value itself
     * @param expectedIsFresh whether the desired value was written at the edge just now
     */
    record Twin(JsonObject actual, long actualVersion, long actualMillis, JsonObject expected, long expectedCloud,
            long expectedEdge, boolean expectedIsFresh) {}

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
                actual = actual == null ? remarkOnly(Json.object(twin, "actual"), type) : actual;
                if (isTooLong(actual) || isTooLong(expected)) {
                    return Optional.empty();
                }
                JsonObject version = Json.object(twin, "expected_version");
                read.put(entry.getKey(), new Twin(actual, number(Json.object(twin, "actual_version"), "edge"),
                        number(Json.object(Json.object(twin, "actual"), "metadata"), "timestamp"), expected, number(version, "cloud"), number(version, "edge"),
                        isFresh(object, Json.object(twin, "expected"))));
            }
        }
        return Optional.of(new TwinReport(read));
    }

    private static boolean isFresh(JsonObject message, JsonObject expected) {
        return number(message, "timestamp") - number(Json.object(expected, "metadata"), "timestamp") < FRESH_MILLIS;
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
        remark(metadata, "quality", Json.object(from, "metadata"), MAX_QUALITY);
        remark(metadata, "error", Json.object(from, "metadata"), MAX_ERROR);
        JsonObject out = new JsonObject();
        out.addProperty("value", value.getAsString());
        if (!metadata.isEmpty()) {
            out.add("metadata", metadata);
        }
        return out;
    }

    /** What Kelp gateways say when a value is not good, or a write to the device failed. */
    private static void remark(JsonObject metadata, String name, JsonObject from, int most) {
        String text = Json.text(from, name);
        if (!text.isEmpty()) {
            metadata.addProperty(name, text.substring(0, Math.min(most, text.length())));
        }
    }

    private static JsonObject remarkOnly(JsonObject from, String type) {
        JsonObject said = Json.object(from, "metadata");
        if (!said.has("error") && !said.has("quality")) {
            return null;
        }
        JsonObject metadata = new JsonObject();
        metadata.addProperty("timestamp", Long.toString(number(said, "timestamp")));
        metadata.addProperty("type", type);
        remark(metadata, "quality", said, MAX_QUALITY);
        remark(metadata, "error", said, MAX_ERROR);
        JsonObject out = new JsonObject();
        out.add("metadata", metadata);
        return out;
    }

    /** The new report over what was reported before: a remark alone leaves the value and its time as they are. */
    static JsonObject over(JsonObject before, JsonObject report) {
        if (report.has("value")) {
            return report;
        }
        JsonObject out = new JsonObject();
        out.addProperty("value", before == null ? "" : Json.text(before, "value"));
        JsonObject metadata = Json.object(report, "metadata").deepCopy();
        if (before != null && before.get("metadata") instanceof JsonObject old && old.has("timestamp")) {
            metadata.add("timestamp", old.get("timestamp"));
        }
        out.add("metadata", metadata);
        return out;
    }

    private static boolean isTooLong(JsonObject value) {
        return value != null && value.has("value") && value.get("value").getAsString().length() > MAX_VALUE;
    }

    private static long number(JsonObject parent, String name) {
        String text = Json.text(parent, name);
        return text.matches("-?[0-9]{1,18}") ? Long.parseLong(text) : 0;
    }
}
