package io.kelp.devicetwin.internal;

import com.google.gson.stream.JsonWriter;
import io.kelp.devicetwin.DeviceTwins.Generation;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Set;

/** Device states: the words allowed and the messages about them (device specification, section 3.4). Stateless. */
final class StateRules {

    private static final Set<String> COMMON = Set.of("online", "offline", "ok", "unknown");
    private static final String CLASSIC_WORD = "disconnected";
    private static final String MODERN_WORD = "unhealthy";
    private static final DateTimeFormatter CLASSIC_TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    private StateRules() {}

    /** Whether an MQTT client may report the state; each generation has one word that the other lacks. */
    static boolean isKnown(Generation generation, String state) {
        String word = state.toLowerCase(Locale.ROOT);
        return COMMON.contains(word) || word.equals(generation == Generation.CLASSIC ? CLASSIC_WORD : MODERN_WORD);
    }

    /** Whether a driver may report the state. */
    static boolean isKnown(String state) {
        return isKnown(Generation.CLASSIC, state) || isKnown(Generation.MODERN, state);
    }

    /** Text for {@link DeviceState#lastOnline}. */
    static String lastOnline(Generation generation, String state, long nowMillis) {
        Instant now = Instant.ofEpochMilli(nowMillis);
        if (generation == Generation.CLASSIC) {
            return CLASSIC_TIME.format(now.atZone(ZoneId.systemDefault()));
        }
        boolean up = state.equalsIgnoreCase("online") || state.equalsIgnoreCase("ok");
        return up ? now.truncatedTo(ChronoUnit.SECONDS).toString() : "";
    }

    /** What MQTT clients and the cloud get after an accepted state. */
    static String stateMessage(DeviceState device, String eventId, long timestampMillis) {
        return TwinPayloads.text(json -> {
            json.name("event_id").value(eventId).name("timestamp").value(timestampMillis);
            json.name("device").beginObject().name("name").value(device.id().name()).name("state").value(device.state());
            lastOnline(json, device);
            json.endObject();
        });
    }

    static void lastOnline(JsonWriter json, DeviceState device) throws IOException {
        if (!device.lastOnline().isEmpty()) {
            json.name(device.generation() == Generation.CLASSIC ? "last_online" : "lastOnlineTime").value(device.lastOnline());
        }
    }
}
