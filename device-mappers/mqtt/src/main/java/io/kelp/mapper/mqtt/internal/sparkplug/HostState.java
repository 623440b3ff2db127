package io.kelp.mapper.mqtt.internal.sparkplug;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.mapper.mqtt.internal.payload.MalformedPayloadException;
import io.kelp.mapper.mqtt.internal.payload.Message;

/** Whether the primary host is there, as its STATE messages say (Sparkplug 3.0, section 6.4.26). Not safe for use by several threads. */
final class HostState {

    private long timestampMillis = Long.MIN_VALUE;
    private boolean online;

    static String topic(String host) {
        return SparkplugTopic.NAMESPACE + "/STATE/" + host;
    }

    boolean online() {
        return online;
    }

    /** The connection was away: it is not known any more. */
    void forget() {
        online = false;
        timestampMillis = Long.MIN_VALUE;
    }

    /** @return whether this changed it; a message older than the last one counts for nothing */
    boolean take(Message message) {
        try {
            JsonElement json = message.json();
            if (!(json instanceof JsonObject object) || !(object.get("online") instanceof JsonPrimitive now) || !now.isBoolean()) {
                return false;
            }
            long time = object.get("timestamp") instanceof JsonPrimitive p && p.isNumber() && p.getAsString().matches("\\d{1,18}") ? p.getAsLong() : 0;
            if (time < timestampMillis) {
                return false;
            }
            timestampMillis = time;
            boolean before = online;
            online = now.getAsBoolean();
            return online != before;
        } catch (MalformedPayloadException e) {
            return false;
        }
    }
}
