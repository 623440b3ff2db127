package io.kelp.mapper.mqtt.internal.payload;

import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import io.kelp.mapper.ConfigurationException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a device, or the broker for it by its last will, says whether it is there.
 *
 * @param filters topics, any number; a device is there when none says otherwise
 */
public record Availability(List<String> filters, JsonPath path, String online, String offline) {

    /** Reads {@code availabilityTopic}, {@code availabilityPath}, {@code online} and {@code offline}. */
    public static Availability of(Layers settings, Map<String, String> places) throws ConfigurationException {
        String filter = settings.filter("availabilityTopic", places);
        return new Availability(filter.isEmpty() ? List.of() : List.of(filter), settings.has("availabilityPath") ? settings.path("availabilityPath") : null,
                settings.text("online", "online"), settings.text("offline", "offline"));
    }

    /** @return whether the device is there; empty when the message says neither */
    public Optional<Boolean> read(Message message) {
        try {
            String text;
            if (message.looksLikeJson()) {
                // zigbee2mqtt says {"state":"online"}, or online in former versions
                JsonElement found = (path == null ? JsonPath.member("state") : path).find(message.json());
                if (!(found instanceof JsonPrimitive primitive)) {
                    return Optional.empty();
                }
                text = primitive.getAsString();
            } else {
                text = message.text().trim();
            }
            return text.equalsIgnoreCase(offline) ? Optional.of(false) : text.equalsIgnoreCase(online) ? Optional.of(true) : Optional.empty();
        } catch (MalformedPayloadException e) {
            return Optional.empty();
        }
    }
}
