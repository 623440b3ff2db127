package io.kelp.runtime.osgi.internal;

import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Reading;
import io.kelp.devicetwin.DeviceTwins.ReportListener;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a container of reported values, in their order, on a thread of the container that lives as long as there is something to
 * tell. A container that is slower than its devices loses the oldest values.
 */
final class ReportRelay implements ReportListener {

    static final int MOST_WAITING = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(ReportRelay.class);

    private record Report(DeviceId id, String property, Reading reading) {}

    private final Predicate<DeviceId> ours;
    private final ThreadGroup threads;
    private final ReportListener listener;
    private final Queue<Report> waiting = new ArrayDeque<>(); // guarded by itself
    private boolean busy; // guarded by waiting
    private long lost; // guarded by waiting

    /** @param ours devices that the container may see */
    ReportRelay(Predicate<DeviceId> ours, ThreadGroup threads, ReportListener listener) {
        this.ours = ours;
        this.threads = threads;
        this.listener = listener;
    }

    @Override
    public void reported(DeviceId id, String property, Reading reading) {
        if (!ours.test(id)) {
            return;
        }
        boolean firstLoss = false;
        boolean begin;
        synchronized (waiting) {
            if (waiting.size() == MOST_WAITING) {
                waiting.remove();
                firstLoss = lost++ == 0;
            }
            waiting.add(new Report(id, property, reading));
            begin = !busy;
            busy = true;
        }
        if (firstLoss) {
            LOG.warn("{} takes reported values more slowly than they come: the oldest of more than {} are lost", threads.getName(), MOST_WAITING);
        }
        if (begin) {
            new Thread(threads, this::work, "reports").start();
        }
    }

    private void work() {
        boolean done = false;
        try {
            while (true) {
                Report next;
                synchronized (waiting) {
                    next = waiting.poll();
                    if (next == null) {
                        busy = false;
                        done = true;
                        return;
                    }
                }
                listener.reported(next.id(), next.property(), next.reading());
            }
        } finally {
            if (!done) {
                synchronized (waiting) {
                    busy = false; // the listener has failed: the thread ends with its message, the next value begins another
                }
            }
        }
    }
}
