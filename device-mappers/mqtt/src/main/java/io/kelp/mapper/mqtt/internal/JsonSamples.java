package io.kelp.mapper.mqtt.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceProperty.AccessMode;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.SuggestedProperty;
import io.kelp.mapper.mqtt.internal.payload.MalformedPayloadException;
import io.kelp.mapper.mqtt.internal.payload.Message;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The last JSON message of each topic, as long as they are small, to see what else the device tells. Safe for several threads. */
final class JsonSamples {

    private static final int MOST_TOPICS = 8;
    private static final int MOST_BYTES = 4_096;
    private static final int MOST_SUGGESTIONS = 1_000;
    private static final int MOST_DEPTH = 16;

    private final Map<String, byte[]> payloads = new LinkedHashMap<>();

    synchronized void keep(Message message) {
        boolean room = payloads.size() < MOST_TOPICS || payloads.containsKey(message.topic());
        if (room && message.payload().length <= MOST_BYTES && message.looksLikeJson()) {
            payloads.put(message.topic(), message.payload());
        }
    }

    List<SuggestedProperty> suggest(DeviceConfig device) {
        Map<String, byte[]> seen;
        synchronized (this) {
            seen = new LinkedHashMap<>(payloads);
        }
        List<SuggestedProperty> found = new ArrayList<>();
        seen.forEach((topic, payload) -> {
            try {
                walk(new Message(topic, payload, false).json(), topic, "", "", found, 0);
            } catch (MalformedPayloadException e) {
                // it only looked like JSON; nothing can be suggested from it
                return;
            }
        });
        return found;
    }

    private static void walk(JsonElement at, String topic, String path, String name, List<SuggestedProperty> found, int depth) {
        if (depth > MOST_DEPTH || found.size() >= MOST_SUGGESTIONS) {
            return;
        }
        if (at instanceof JsonObject object) {
            object.entrySet().forEach(entry -> walk(entry.getValue(), topic, path + "/" + entry.getKey().replace("~", "~0").replace("/", "~1"),
                    name.isEmpty() ? entry.getKey() : name + "_" + entry.getKey(), found, depth + 1));
        } else if (at instanceof JsonArray array) {
            for (int i = 0; i < array.size(); i++) {
                walk(array.get(i), topic, path + "/" + i, name + "_" + i, found, depth + 1);
            }
        } else if (at instanceof JsonPrimitive primitive) {
            PropertyType type = primitive.isBoolean() ? PropertyType.BOOLEAN : !primitive.isNumber() ? PropertyType.STRING
                    : primitive.getAsString().matches("-?\\d+") ? PropertyType.INT : PropertyType.DOUBLE;
            found.add(new SuggestedProperty(name.toLowerCase(java.util.Locale.ROOT).replaceAll("[^a-z0-9]+", "-"), type, AccessMode.READ_ONLY,
                    "now " + primitive.getAsString(), Map.of("topic", topic, "path", path)));
        }
    }
}
