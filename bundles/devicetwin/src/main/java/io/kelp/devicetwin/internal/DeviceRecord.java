package io.kelp.devicetwin.internal;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Generation;
import io.kelp.store.RecordCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Stored forms of devices and models: JSON without reported values. Stateless. */
final class DeviceRecord {

    private DeviceRecord() {}

    static final RecordCodec<DeviceState> DEVICE = new RecordCodec<>() {
        @Override
        public byte[] write(DeviceState d) {
            return toJson(d).toString().getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public DeviceState read(byte[] bytes) throws IOException {
            try {
                return fromJson(TwinRequest.object(bytes));
            } catch (RuntimeException e) {
                throw new IOException("not a device", e); // Gson reports missing members and wrong types unchecked
            }
        }
    };

    static final RecordCodec<JsonObject> OBJECT = new RecordCodec<>() {
        @Override
        public byte[] write(JsonObject object) {
            return object.toString().getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public JsonObject read(byte[] bytes) throws IOException {
            return TwinRequest.object(bytes);
        }
    };

    private static JsonObject toJson(DeviceState d) {
        JsonObject json = new JsonObject();
        json.addProperty("namespace", d.id().namespace());
        json.addProperty("name", d.id().name());
        json.addProperty("topicId", d.topicId());
        json.addProperty("generation", d.generation().name());
        json.addProperty("member", d.member());
        json.addProperty("description", d.description());
        json.addProperty("uid", d.uid());
        json.addProperty("resourceVersion", d.resourceVersion());
        json.add("attributes", d.attributes());
        json.add("object", d.object());
        JsonObject twins = new JsonObject();
        d.twins().forEach((name, twin) -> {
            if (DeviceState.isLasting(twin)) {
                twins.add(name, toJson(twin));
            }
        });
        json.add("twins", twins);
        return json;
    }

    private static JsonObject toJson(TwinState twin) {
        JsonObject json = new JsonObject();
        json.addProperty("type", twin.type());
        json.addProperty("optional", twin.optional());
        json.addProperty("expected", twin.expected().value());
        json.addProperty("timestamp", twin.expected().timestampMillis());
        json.addProperty("cloud", twin.expected().cloud());
        json.addProperty("edge", twin.expected().edge());
        json.addProperty("cloudValue", twin.cloudValue());
        return json;
    }

    private static DeviceState fromJson(JsonObject json) {
        SortedMap<String, TwinState> twins = new TreeMap<>();
        for (Map.Entry<String, JsonElement> e : json.getAsJsonObject("twins").entrySet()) {
            twins.put(e.getKey(), twin(e.getValue().getAsJsonObject()));
        }
        return new DeviceState(new DeviceId(json.get("namespace").getAsString(), json.get("name").getAsString()),
                json.get("topicId").getAsString(), Generation.valueOf(json.get("generation").getAsString()),
                json.get("member").getAsBoolean(), json.get("description").getAsString(), json.getAsJsonObject("attributes"),
                TwinRequest.isPresent(json.get("object")) ? json.getAsJsonObject("object") : null,
                json.get("uid").getAsString(), json.get("resourceVersion").getAsString(), "", "", twins);
    }

    private static TwinState twin(JsonObject json) {
        TwinSide expected = new TwinSide(text(json, "expected"), json.get("timestamp").getAsLong(),
                json.get("cloud").getAsLong(), json.get("edge").getAsLong());
        return new TwinState(json.get("type").getAsString(), json.get("optional").getAsBoolean(), expected, TwinSide.NONE,
                text(json, "cloudValue"));
    }

    private static String text(JsonObject json, String name) {
        return TwinRequest.isPresent(json.get(name)) ? json.get(name).getAsString() : null;
    }
}
