package io.kelp.eventbus.internal;

import java.util.Set;

/** The broker that carries the bus. Safe for use by several threads; no method blocks. */
interface Backend {

    /** Takes what a broker delivers; called in the order of arrival, returns at once. */
    interface Sink {
        void message(String topic, byte[] payload);
    }

    /** Filters that shall be subscribed from now on. */
    void subscribe(Set<String> filters);

    /** @return false when the message is dropped */
    boolean publish(String topic, byte[] payload);

    /** See {@link io.kelp.eventbus.MqttBus#isWanted}. */
    default boolean isWanted(String topic) {
        return true;
    }

    boolean isConnected();

    /** Why it is not connected, one sentence; empty when it is. */
    String trouble();

    void close();
}
