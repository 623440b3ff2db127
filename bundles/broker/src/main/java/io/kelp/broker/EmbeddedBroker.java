package io.kelp.broker;

import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The running broker. A bundle of this process talks to it without a socket.
 *
 * <p>Safe for use by several threads. No method blocks.
 */
@ProviderType
public interface EmbeddedBroker {

    /**
     * Publishes as if a client had (MQTT 3.1.1, section 3.3).
     *
     * @param topic topic name without wildcards, at most 65 535 bytes in UTF-8
     * @param qos 0, 1 or 2
     * @return false when the broker is stopped or its inbound queue is full; the message is then
     *     dropped and counted
     * @throws IllegalArgumentException for another topic name or QoS
     */
    boolean publish(String topic, byte[] payload, int qos, boolean retain);

    /**
     * Subscribes to a topic filter; retained messages that match are delivered first. The listener
     * does not see what {@link #publish} of this interface sends. Close to unsubscribe.
     *
     * <p>One listener may hold several filters; a message that matches more than one of them
     * reaches it once.
     *
     * @throws IllegalArgumentException for an invalid filter
     */
    AutoCloseable subscribe(String filter, Listener listener);

    /**
     * Whether a message to the topic would reach anybody now; whoever has to go to some lengths to make one asks first.
     *
     * @return false when certainly no client, connected or to come back, has subscribed to it. What is published with {@code retain}
     *     matters to those who come later, too, and is not meant here
     */
    default boolean isWanted(String topic) {
        return true;
    }

    /** TCP port on which clients are served, -1 when there is none. */
    int port();

    /** Called on the broker's own thread, in the order of arrival: hand over and return. */
    @ConsumerType
    interface Listener {
        void message(String topic, byte[] payload, boolean retained);
    }
}
