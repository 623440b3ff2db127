package io.kelp.broker.internal.core;

/**
 * Where the broker tells what has to outlast it. Called on the broker's thread for every change of a
 * persistent session or retained message; must only take note.
 */
public interface Journal {

    /** Keeps nothing. */
    Journal NONE = new Journal() {
        @Override
        public void session(Session session) {}

        @Override
        public void sessionGone(Session session) {}

        @Override
        public void delivery(Session session, Delivery delivery) {}

        @Override
        public void deliveryGone(Session session, Delivery delivery) {}

        @Override
        public void retained(String topic, Retained retained) {}
    };

    /** New, or its subscriptions or the ids it has yet to release changed. */
    void session(Session session);

    void sessionGone(Session session);

    /** New, or its state changed. */
    void delivery(Session session, Delivery delivery);

    void deliveryGone(Session session, Delivery delivery);

    /** @param retained null when the topic has none any more */
    void retained(String topic, Retained retained);
}
