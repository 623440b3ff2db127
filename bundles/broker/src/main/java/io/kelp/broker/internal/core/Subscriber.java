package io.kelp.broker.internal.core;

/** Who can receive a message: a client's session or a listener within the process. */
sealed interface Subscriber permits Session, InsideSubscriber {}
