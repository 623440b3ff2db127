package io.kelp.eventbus;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/** Takes the MQTT messages of certain topics. Registered as a service. */
@ConsumerType
public interface TopicHandler {

    /** Topic filters (MQTT 3.1.1, section 4.7); read once, when the service comes. */
    List<String> filters();

    /** Called serially on a thread of the event bus, in the order of arrival: hand over and return. */
    void message(String topic, byte[] payload);
}
