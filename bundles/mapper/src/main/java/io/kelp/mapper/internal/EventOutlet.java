package io.kelp.mapper.internal;

import io.kelp.edged.ObjectEvents;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * The way to the Events of the cloud, which may not be there yet, for example while the gateway starts: what happens until then waits,
 * the oldest is dropped when it is too much. Safe for use by several threads.
 */
final class EventOutlet implements ObjectEvents {

    static final int MOST_WAITING = 500;

    private record Waiting(ObjectReference object, Type type, String reason, String message) {}

    private final Queue<Waiting> waiting = new ArrayDeque<>(); // guarded by itself
    private volatile ObjectEvents target;

    void target(ObjectEvents now) {
        target = now;
        drain();
    }

    void gone(ObjectEvents old) {
        if (target == old) {
            target = null;
        }
    }

    @Override
    public void record(ObjectReference object, Type type, String reason, String message) {
        synchronized (waiting) {
            if (waiting.size() == MOST_WAITING) {
                waiting.remove();
            }
            waiting.add(new Waiting(object, type, reason, message));
        }
        drain();
    }

    private void drain() {
        ObjectEvents to = target;
        while (to != null) {
            Waiting next;
            synchronized (waiting) {
                next = waiting.poll();
            }
            if (next == null) {
                return;
            }
            to.record(next.object(), next.type(), next.reason(), next.message());
            to = target;
        }
    }
}
