package io.kelp.devicetwin.internal;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Supplier;

/**
 * The JSON that MQTT clients and the cloud get (device specification, sections 3.3, 3.4 and 3.6), members in the
 * order of the stock gateway. Stateless.
 */
final class TwinPayloads {

    private static final int TYPICAL_LENGTH = 512;
    private static final String QUALITY = "quality";
    private static final String ERROR = "error";
    private static final TypeAdapter<JsonElement> TREE = new Gson().getAdapter(JsonElement.class);

    private TwinPayloads() {}

    /** What fills the members of an object. */
    interface Body {
        void write(JsonWriter json) throws IOException;
    }

    static byte[] result(String eventId, long now, SortedMap<String, TwinRules.Change> changes) {
        return message(eventId, now, json -> {
            json.name("twin").beginObject();
            for (Map.Entry<String, TwinRules.Change> e : changes.entrySet()) {
                TwinRules.Change change = e.getValue();
                if (change.sides() == 0) {
                    continue; // a null that met no twin
                }
                json.name(e.getKey());
                if (change.current() == null) {
                    json.nullValue();
                } else {
                    twin(json, change.current(), change.sides());
                }
            }
            json.endObject();
        });
    }

    static byte[] document(String eventId, long now, SortedMap<String, TwinRules.Change> changes) {
        return message(eventId, now, json -> {
            json.name("twin").beginObject();
            for (Map.Entry<String, TwinRules.Change> e : changes.entrySet()) {
                json.name(e.getKey()).beginObject();
                full(json.name("last"), e.getValue().last());
                full(json.name("current"), e.getValue().current());
                json.endObject();
            }
            json.endObject();
        });
    }

    /** {@code null} when no expected value differs from the actual one. @param eventId made when it is needed */
    static byte[] delta(Supplier<String> eventId, long now, SortedMap<String, TwinState> twins) {
        boolean differs = twins.values().stream().anyMatch(twin -> isShownInDelta(twin) && differs(twin));
        if (!differs) {
            return null;
        }
        return message(eventId.get(), now, json -> {
            json.name("twin").beginObject();
            for (Map.Entry<String, TwinState> e : twins.entrySet()) {
                if (isShownInDelta(e.getValue())) {
                    full(json.name(e.getKey()), e.getValue());
                }
            }
            json.endObject().name("delta").beginObject();
            for (Map.Entry<String, TwinState> e : twins.entrySet()) {
                if (isShownInDelta(e.getValue()) && differs(e.getValue())) {
                    json.name(e.getKey()).value(e.getValue().expected().value());
                }
            }
            json.endObject();
        });
    }

    private static boolean isShownInDelta(TwinState twin) {
        return !twin.isDeleted() && twin.expected().isSet() && !twin.expected().value().isEmpty();
    }

    private static boolean differs(TwinState twin) {
        String actual = twin.actual().isSet() ? twin.actual().value() : "";
        return !twin.expected().value().equals(actual);
    }

    /** Answer to {@code twin/get}. */
    static byte[] twins(String eventId, long now, SortedMap<String, TwinState> twins) {
        return message(eventId, now, json -> {
            json.name("twin").beginObject();
            for (Map.Entry<String, TwinState> e : twins.entrySet()) {
                if (!e.getValue().isDeleted()) {
                    full(json.name(e.getKey()), e.getValue());
                }
            }
            json.endObject();
        });
    }

    static byte[] error(String eventId, long now, int code, String reason) {
        return message(eventId, now, json -> json.name("code").value(code).name("reason").value(reason));
    }

    static byte[] message(String eventId, long now, Body body) {
        return text(json -> {
            json.name("event_id").value(eventId).name("timestamp").value(now);
            body.write(json);
        }).getBytes(StandardCharsets.UTF_8);
    }

    /** An object as text. */
    static String text(Body body) {
        StringWriter text = new StringWriter(TYPICAL_LENGTH);
        try {
            JsonWriter json = new JsonWriter(text);
            json.setStrictness(Strictness.STRICT);
            json.setHtmlSafe(true); // what Go's encoder does, too
            json.setSerializeNulls(true);
            json.beginObject();
            body.write(json);
            json.endObject().flush();
        } catch (IOException e) {
            throw new UncheckedIOException("writing into memory", e);
        }
        return text.toString();
    }

    static void tree(JsonWriter json, JsonElement element) throws IOException {
        TREE.write(json, element);
    }

    private static void full(JsonWriter json, TwinState twin) throws IOException {
        if (twin == null || twin.isDeleted()) {
            json.nullValue();
        } else {
            twin(json, twin, TwinRules.EXPECTED | TwinRules.ACTUAL);
        }
    }

    private static void twin(JsonWriter json, TwinState twin, int sides) throws IOException {
        json.beginObject();
        if ((sides & (TwinRules.EXPECTED | TwinRules.ACTUAL)) != 0) {
            if ((sides & TwinRules.EXPECTED) != 0) {
                side(json, "expected", twin.expected());
            }
            if ((sides & TwinRules.ACTUAL) != 0) {
                side(json, "actual", twin.actual());
            }
            json.name("optional").value(twin.optional());
            json.name("metadata").beginObject().name("type").value(twin.type()).endObject();
        }
        json.endObject();
    }

    private static void side(JsonWriter json, String name, TwinSide side) throws IOException {
        if (side.isSet()) {
            json.name(name).beginObject().name("value").value(side.value());
            json.name("metadata").beginObject().name("timestamp").value(side.timestampMillis());
            if (!side.remark().qualityWord().isEmpty()) {
                json.name(QUALITY).value(side.remark().qualityWord());
            }
            if (side.remark().hasError()) {
                json.name(ERROR).value(side.remark().error());
            }
            json.endObject().endObject();
        }
    }

    /**
     * One twin of {@code edge_updated}.
     *
     * @param sides bits of {@link TwinRules.Change#sides}
     */
    static JsonObject upward(TwinState twin, int sides) {
        JsonObject json = new JsonObject();
        boolean deleted = twin.isDeleted();
        if (!deleted && (sides & (TwinRules.EXPECTED | TwinRules.ACTUAL)) == 0) {
            return json; // only metadata: stock gateways send an empty twin
        }
        boolean expected = (sides & TwinRules.EXPECTED) != 0 && !deleted;
        boolean actual = (sides & TwinRules.ACTUAL) != 0 && !deleted;
        upwardSide(json, "expected", twin.expected(), expected, deleted);
        upwardSide(json, "actual", twin.actual(), actual, deleted);
        json.addProperty("optional", twin.optional());
        JsonObject metadata = new JsonObject();
        metadata.addProperty("type", twin.type());
        json.add("metadata", metadata);
        upwardVersion(json, "expected_version", twin.expected(), expected || deleted);
        upwardVersion(json, "actual_version", twin.actual(), actual || deleted);
        return json;
    }

    private static void upwardSide(JsonObject json, String name, TwinSide side, boolean told, boolean deleted) {
        Remark remark = side.remark();
        if (told && (side.isSet() || !remark.equals(Remark.NONE))) {
            JsonObject value = new JsonObject();
            // Without the value the cloud keeps the one it has, so an error never takes a good value away.
            if (side.isSet() && !remark.local()) {
                value.addProperty("value", side.value());
            }
            JsonObject metadata = new JsonObject();
            metadata.addProperty("timestamp", side.timestampMillis());
            if (!remark.qualityWord().isEmpty() && !remark.local()) {
                metadata.addProperty(QUALITY, remark.qualityWord());
            }
            if (remark.error() != null) {
                metadata.addProperty(ERROR, remark.error());
            }
            value.add("metadata", metadata);
            json.add(name, value);
        } else if (deleted && side.edge() + side.cloud() > 0) {
            json.add(name, new JsonObject());
        }
    }

    private static void upwardVersion(JsonObject json, String name, TwinSide side, boolean told) {
        if (told) {
            JsonObject version = new JsonObject();
            version.addProperty("cloud", side.cloud());
            version.addProperty("edge", side.edge());
            json.add(name, version);
        }
    }
}
