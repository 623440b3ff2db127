package io.kelp.mapper.mqtt.internal;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.mqtt.internal.payload.Layers;
import io.kelp.mapper.mqtt.internal.payload.ValueFormat;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a property is read and written.
 *
 * @param filter where it is told; empty when it is only written
 * @param setTopic where it is set; empty when it cannot be
 * @param getTopic where it is asked for; empty when it is not
 * @param getMessage what is published there
 * @param poll whether it is asked for at each collect cycle; otherwise once when the device is opened, and after a write
 * @param timeout after which without a message its value is no longer sure; zero for never
 */
record PropertyPlan(DeviceProperty property, ValueFormat format, String filter, String setTopic, String getTopic, String getMessage,
        boolean poll, int qos, int setQos, boolean setRetained, Duration timeout) {

    static PropertyPlan of(DeviceConfig device, DeviceProperty property, Layers layers, InstantSource clock) throws ConfigurationException {
        Map<String, String> places = places(device, property.name(), layers);
        String getMessage = layers.text("getMessage", "");
        for (Map.Entry<String, String> place : places.entrySet()) {
            getMessage = getMessage.replace("{" + place.getKey() + "}", place.getValue());
        }
        String filter = layers.filter("topic", places);
        String setTopic = layers.topic("setTopic", places);
        String getTopic = layers.topic("getTopic", places);
        if (filter.isEmpty() && setTopic.isEmpty()) {
            throw new ConfigurationException("device " + device.id() + ", property " + property.name()
                    + ": key topic is missing, here or in the protocol's configData; it says on which topic the device tells the value");
        }
        int qos = (int) layers.whole("qos", 1, 0, 2);
        return new PropertyPlan(property, new ValueFormat(property, layers, places, clock), filter, setTopic, getTopic, getMessage,
                !getTopic.isEmpty() && layers.flag("poll", true), qos, (int) layers.whole("setQos", qos, 0, 2),
                layers.flag("retain", layers.flag("retained", false)), Duration.ofMillis(layers.whole("timeout", 0, 0, Duration.ofDays(31).toMillis())));
    }

    /** What stands for the names in braces in topics and messages. */
    static Map<String, String> places(DeviceConfig device, String property, Layers layers) throws ConfigurationException {
        Map<String, String> places = new LinkedHashMap<>();
        places.put("namespace", device.namespace());
        places.put("device", device.name());
        places.put("id", layers.text("id", layers.text("deviceID", device.name())));
        places.put("base", layers.text("base", ""));
        if (property != null) {
            places.put("property", property);
        }
        return places;
    }

    boolean readable() {
        return !filter.isEmpty();
    }
}
