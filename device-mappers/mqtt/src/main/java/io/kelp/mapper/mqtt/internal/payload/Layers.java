package io.kelp.mapper.mqtt.internal.payload;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.Settings;
import java.util.List;
import java.util.Map;

/** Settings over settings: a property's over its device's over those of a preset. The first that has a key decides. */
public final class Layers {

    private final List<Settings> layers;

    public Layers(Settings... layers) {
        this.layers = List.of(layers);
    }

    /** The layer that has the key; the topmost one when none has, so that messages name it. */
    public Settings holder(String key) {
        return layers.stream().filter(s -> s.has(key)).findFirst().orElse(layers.get(0));
    }

    public boolean has(String key) {
        return holder(key).has(key);
    }

    public String text(String key, String absent) throws ConfigurationException {
        return holder(key).text(key, absent);
    }

    public long whole(String key, long absent, long least, long most) throws ConfigurationException {
        return holder(key).whole(key, absent, least, most);
    }

    public double real(String key, double absent, double least, double most) throws ConfigurationException {
        return holder(key).real(key, absent, least, most);
    }

    public boolean flag(String key, boolean absent) throws ConfigurationException {
        return holder(key).flag(key, absent);
    }

    public JsonPath path(String key) throws ConfigurationException {
        String text = text(key, "");
        try {
            return JsonPath.of(text);
        } catch (IllegalArgumentException e) {
            throw holder(key).refused(key, text, "a path such as /sensors/0/temp or sensors[0].temp: " + e.getMessage());
        }
    }

    /** A topic to publish to, its places filled; empty when the key is missing. */
    public String topic(String key, Map<String, String> places) throws ConfigurationException {
        String topic = expanded(key, places);
        String wrong = topic.isEmpty() ? null : Topics.wrongName(topic);
        if (wrong != null) {
            throw holder(key).refused(key, topic, wrong);
        }
        return topic;
    }

    /** A topic filter, its places filled; empty when the key is missing. */
    public String filter(String key, Map<String, String> places) throws ConfigurationException {
        String filter = expanded(key, places);
        String wrong = filter.isEmpty() ? null : Topics.wrongFilter(filter);
        if (wrong != null) {
            throw holder(key).refused(key, filter, wrong);
        }
        return filter;
    }

    private String expanded(String key, Map<String, String> places) throws ConfigurationException {
        String text = text(key, "");
        try {
            return Template.expand(text, places);
        } catch (IllegalArgumentException e) {
            throw holder(key).refused(key, text, e.getMessage());
        }
    }
}
