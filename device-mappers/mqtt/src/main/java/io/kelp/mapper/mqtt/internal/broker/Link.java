package io.kelp.mapper.mqtt.internal.broker;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.mqtt.internal.payload.Message;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * One device's share of the connection to a broker. Safe for use by several threads; only {@link #awaitUp} blocks. Messages
 * and {@link Watcher} calls come on threads of the connection: hand over and return.
 */
public interface Link {

    /** Told when the connection comes (all subscriptions are in place again) and goes. */
    interface Watcher {
        void up();

        /** @param reason one sentence */
        void down(String reason);
    }

    /** Opens a share of a connection. */
    @FunctionalInterface
    interface Opener {
        Link open(Watcher watcher) throws ConfigurationException;
    }

    /**
     * Has messages handed to {@code to} until {@link #close}, over reconnections. What the broker has retained comes first.
     *
     * @return completes when the broker has granted it, so while there is no connection not; fails when the broker refuses
     */
    CompletionStage<Void> subscribe(String filter, int qos, Consumer<Message> to);

    /**
     * @return completes when the broker has the message (QoS 1 and 2) or it is on its way (QoS 0); fails with
     *     {@link java.io.IOException} when there is no connection, it breaks meanwhile, or too many wait for the broker
     */
    CompletionStage<Void> publish(String topic, byte[] payload, int qos, boolean retained);

    boolean isUp();

    /** Why there is no connection, one sentence; empty when there is one. */
    String trouble();

    /** Waits until the connection is there, or the first attempt at it has failed, or the time is over. @return whether it is there */
    boolean awaitUp(Duration most) throws InterruptedException;

    void close();
}
