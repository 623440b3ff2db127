package io.kelp.devicetwin.internal;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The body of {@code twin/update} and {@code twin/cloud_updated} (device specification, section 3.4).
 *
 * @param eventId chosen by the sender, may be empty
 * @param twins property name → what to do with its twin, {@code null} to delete it
 */
record TwinRequest(String eventId, SortedMap<String, MsgTwin> twins) {

    static final String NOT_JSON = "Unmarshal update request body failed, please check the request";
    static final String NO_TWIN = "Update twin error, key:twin does not exist";
    static final String NO_VALUE = "Update twin error, key:value does not exist";

    private static final TypeAdapter<JsonElement> TREE = new Gson().getAdapter(JsonElement.class);
    private static final int MAX_DEPTH = 128;

    /** A body that is refused as a whole. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
        private final String eventId;

        Refused(String eventId, String reason) {
            super(reason, null, false, false);
            this.eventId = eventId;
        }

        /** Of the request, empty when it could not be read. */
        String eventId() {
            return eventId;
        }
    }

    static TwinRequest parse(byte[] body, ValueRules rules) throws Refused {
        JsonObject json;
        String eventId;
        SortedMap<String, MsgTwin> twins = new TreeMap<>();
        try {
            json = object(body);
            eventId = string(json.get("event_id"), "");
            number(json.get("timestamp"));
        } catch (IOException e) {
            throw new Refused("", NOT_JSON);
        }
        JsonElement twin = json.get("twin");
        if (twin == null || twin.isJsonNull()) {
            throw new Refused(eventId, NO_TWIN);
        }
        try {
            read(asObject(twin), twins);
        } catch (IOException e) {
            throw new Refused(eventId, NOT_JSON);
        }
        TwinRequest request = new TwinRequest(eventId, twins);
        request.check(rules);
        return request;
    }

    /** Reads the member {@code twin} of a membership message; nothing of it is checked, as stock gateways do. */
    static SortedMap<String, MsgTwin> membershipTwins(JsonObject twin) throws IOException {
        SortedMap<String, MsgTwin> twins = new TreeMap<>();
        read(twin, twins);
        return twins;
    }

    /** One strict JSON object and nothing behind it. */
    static JsonObject object(byte[] body) throws IOException {
        JsonReader reader = new JsonReader(new StringReader(new String(body, StandardCharsets.UTF_8)));
        reader.setStrictness(Strictness.STRICT);
        reader.setNestingLimit(MAX_DEPTH);
        try {
            JsonElement element = TREE.read(reader);
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw new IOException("more than one JSON value");
            }
            return asObject(element);
        } catch (RuntimeException e) {
            // Gson reports bad input by unchecked exceptions of several kinds.
            throw new IOException(e);
        }
    }

    private void check(ValueRules rules) throws Refused {
        for (Map.Entry<String, MsgTwin> e : twins.entrySet()) {
            if (!ValueRules.isName(e.getKey())) {
                throw new Refused(eventId, ValueRules.BAD_NAME);
            }
            MsgTwin twin = e.getValue();
            if (twin != null && !(fits(twin.expected(), rules) && fits(twin.actual(), rules))) {
                throw new Refused(eventId, rules.badValue());
            }
            if (twin != null && (twin.expected() == MISSING || twin.actual() == MISSING)) {
                throw new Refused(eventId, NO_VALUE);
            }
        }
    }

    /** Stands for a side without {@code value}, compared by identity; it kills a stock gateway (trap 23). */
    @SuppressWarnings("StringOperationCanBeSimplified")
    private static final String MISSING = new String("missing");

    private static boolean fits(String value, ValueRules rules) {
        return value == null || value == MISSING || rules.isValue(value);
    }

    private static void read(JsonObject twin, Map<String, MsgTwin> into) throws IOException {
        for (Map.Entry<String, JsonElement> e : twin.entrySet()) {
            into.put(e.getKey(), e.getValue().isJsonNull() ? null : twin(asObject(e.getValue())));
        }
    }

    private static MsgTwin twin(JsonObject json) throws IOException {
        JsonElement optional = json.get("optional");
        if (isPresent(optional) && !(optional.isJsonPrimitive() && optional.getAsJsonPrimitive().isBoolean())) {
            throw new IOException("optional");
        }
        JsonElement metadata = json.get("metadata");
        String type = isPresent(metadata) ? string(asObject(metadata).get("type"), "") : null;
        return new MsgTwin(value(json.get("expected")), value(json.get("actual")),
                isPresent(optional) ? (Boolean) optional.getAsBoolean() : null,
                type == null || type.isEmpty() ? null : type,
                version(json.get("expected_version")), version(json.get("actual_version")));
    }

    private static String value(JsonElement side) throws IOException {
        if (!isPresent(side)) {
            return null;
        }
        JsonObject json = asObject(side);
        JsonElement metadata = json.get("metadata");
        if (isPresent(metadata)) {
            number(asObject(metadata).get("timestamp"));
        }
        return string(json.get("value"), MISSING);
    }

    private static MsgTwin.Version version(JsonElement json) throws IOException {
        if (!isPresent(json)) {
            return null;
        }
        JsonObject version = asObject(json);
        return new MsgTwin.Version(number(version.get("cloud")), number(version.get("edge")));
    }

    static boolean isPresent(JsonElement json) {
        return json != null && !json.isJsonNull();
    }

    static JsonObject asObject(JsonElement json) throws IOException {
        if (!json.isJsonObject()) {
            throw new IOException("not an object");
        }
        return json.getAsJsonObject();
    }

    static String string(JsonElement json, String absent) throws IOException {
        if (!isPresent(json)) {
            return absent;
        }
        if (!json.isJsonPrimitive() || !json.getAsJsonPrimitive().isString()) {
            throw new IOException("not a string");
        }
        return json.getAsString();
    }

    private static long number(JsonElement json) throws IOException {
        if (!isPresent(json)) {
            return 0;
        }
        try {
            if (json.isJsonPrimitive() && json.getAsJsonPrimitive().isNumber()) {
                return Long.parseLong(json.getAsString());
            }
        } catch (NumberFormatException e) {
            throw new IOException("not an integer of 64 bits", e);
        }
        throw new IOException("not a number");
    }
}
