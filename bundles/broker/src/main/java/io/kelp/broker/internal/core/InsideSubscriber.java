package io.kelp.broker.internal.core;

import io.kelp.broker.EmbeddedBroker;

/** A listener within the process; the same one for all filters of that listener. */
record InsideSubscriber(EmbeddedBroker.Listener listener) implements Subscriber {

    @Override
    public boolean equals(Object other) {
        return other instanceof InsideSubscriber that && that.listener == listener;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(listener);
    }
}
