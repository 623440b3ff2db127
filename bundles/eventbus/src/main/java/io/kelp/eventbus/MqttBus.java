package io.kelp.eventbus;

import org.osgi.annotation.versioning.ProviderType;

/**
 * MQTT topics out. Topics in reach every {@link TopicHandler} service.
 *
 * <p>Safe for use by several threads. No method blocks.
 */
@ProviderType
public interface MqttBus {

    /**
     * Publishes a message, not retained.
     *
     * @return false when there is no broker or its queue is full; the message is then dropped
     */
    boolean publish(String topic, byte[] payload);

    /**
     * Whether a message to the topic may reach anybody now; whoever has to go to some lengths to make one asks first. A client whose
     * subscription has been confirmed is never overlooked.
     *
     * @return false when certainly nobody has subscribed to it; always true with an external broker, which does not say
     */
    default boolean isWanted(String topic) {
        return true;
    }

    /** Port of the broker on this gateway, -1 when an external broker is used. */
    int port();
}
