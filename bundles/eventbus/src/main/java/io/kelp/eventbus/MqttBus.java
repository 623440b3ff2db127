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

    /** Port of the broker on this gateway, -1 when an external broker is used. */
    int port();
}
