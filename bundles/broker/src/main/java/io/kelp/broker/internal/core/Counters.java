package io.kelp.broker.internal.core;

import java.util.concurrent.atomic.LongAdder;

/** What the broker has done since its start. */
public final class Counters {
    public final LongAdder received = new LongAdder();
    public final LongAdder sent = new LongAdder();
    public final LongAdder droppedQos0 = new LongAdder();
    public final LongAdder droppedQueued = new LongAdder();
    public final LongAdder droppedInside = new LongAdder();
    public final LongAdder refusedRetained = new LongAdder();
    public final LongAdder evictedSessions = new LongAdder();
    public final LongAdder refusedConnections = new LongAdder();
    public final LongAdder malformed = new LongAdder();
    public final LongAdder takeOvers = new LongAdder();
}
