package io.kelp.mapper.mqtt.internal;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.Settings;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** How devices of well-known kinds speak, as settings under those of the device. */
final class Presets {

    private static final Map<String, Map<String, Object>> KNOWN = Map.of(
            "zigbee2mqtt", Map.ofEntries(
                    Map.entry("base", "zigbee2mqtt"),
                    Map.entry("topic", "{base}/{id}"),
                    Map.entry("setTopic", "{base}/{id}/set"),
                    Map.entry("setFormat", "json"),
                    Map.entry("getTopic", "{base}/{id}/get"),
                    Map.entry("getMessage", "{\"{property}\": \"\"}"),
                    Map.entry("poll", false),
                    Map.entry("availabilityTopic", "{base}/{id}/availability"),
                    Map.entry("onValue", "ON"),
                    Map.entry("offValue", "OFF"),
                    Map.entry("timePath", "last_seen")),
            "tasmota", Map.of(
                    "base", "tele",
                    "topic", "tele/{id}/SENSOR",
                    "availabilityTopic", "tele/{id}/LWT",
                    "online", "Online",
                    "offline", "Offline",
                    "onValue", "ON",
                    "offValue", "OFF",
                    "timePath", "Time"),
            "shelly", Map.of(
                    "base", "shellies",
                    "topic", "{base}/{id}/{property}",
                    "availabilityTopic", "{base}/{id}/online",
                    "online", "true",
                    "offline", "false",
                    "onValue", "on",
                    "offValue", "off"),
            "shelly2", Map.of(
                    "base", "",
                    "topic", "{id}/status/switch:0",
                    "availabilityTopic", "{id}/online",
                    "online", "true",
                    "offline", "false"));

    private Presets() {}

    static Set<String> names() {
        return KNOWN.keySet();
    }

    /** What lies under the device's settings: by {@code preset}, else by the protocol's name. */
    static Settings of(DeviceConfig device) throws ConfigurationException {
        String name = device.settings().text("preset", "").toLowerCase(Locale.ROOT);
        if (!name.isEmpty() && !KNOWN.containsKey(name)) {
            throw device.settings().refused("preset", name, "one of " + String.join(", ", KNOWN.keySet().stream().sorted().toList()));
        }
        return new Settings("device " + device.id() + ", preset", KNOWN.getOrDefault(name.isEmpty() ? device.protocol().toLowerCase(Locale.ROOT) : name, Map.of()));
    }
}
