package io.kelp.mapper.internal;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * One bus: its devices are served one after the other, in the order in which they asked. A device
 * waits here at most once, whatever it has to do, so the queue is bounded by the number of devices.
 * Confined to the timeline.
 */
final class BusLane {

    /** A device at a bus. */
    interface Rider {

        /** It is this device's turn: starts one call and later calls {@link BusLane#release}; false when there is nothing to do any more. */
        boolean ride();

        Duration pauseAfter();
    }

    private final Timeline timeline;
    private final Queue<Rider> waiting = new ArrayDeque<>();
    private boolean busy;

    BusLane(Timeline timeline) {
        this.timeline = timeline;
    }

    void ask(Rider rider) {
        if (!waiting.contains(rider)) {
            waiting.add(rider);
        }
        next();
    }

    void release(Rider rider) {
        Duration pause = rider.pauseAfter();
        if (pause.isZero()) {
            busy = false;
            next();
        } else {
            timeline.after(pause, () -> {
                busy = false;
                next();
            });
        }
    }

    private void next() {
        while (!busy) {
            Rider rider = waiting.poll();
            if (rider == null) {
                return;
            }
            busy = rider.ride();
        }
    }
}
