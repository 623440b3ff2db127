package io.kelp.cloud.web;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The events for one open page. Marks may be set by any thread; all else happens in the executor of {@link EventStreams}. */
final class EventStream {

    static final int DEVICE = 1;
    static final int DEVICES = 2;
    static final int NODES = 4;
    static final int BEAT = 8;
    private static final int HELLO = 16;

    private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);

    private final EventStreams owner;
    private final String device;
    private final int interest;
    private final Response response;
    private final Callback callback;
    private final AtomicInteger marks;
    private long nextDevice = System.nanoTime();
    private long nextList = System.nanoTime();
    private long timer; // System.nanoTime() of the next look, 0 when there is none
    private boolean writing;
    private boolean ended;

    EventStream(EventStreams owner, String device, int lists, Response response, Callback callback) {
        this.owner = owner;
        this.device = device;
        this.interest = lists | BEAT | (device.isEmpty() ? 0 : DEVICE);
        this.response = response;
        this.callback = callback;
        this.marks = new AtomicInteger(HELLO | interest & DEVICE);
    }

    void start() {
        owner.executor().execute(this::pump);
    }

    void deviceChanged(String key) {
        mark(key.equals(device) ? DEVICE | DEVICES : DEVICES);
    }

    /** Something is new; it is sent as soon as may be. Almost free when it is marked already: then a look is due anyway. */
    void mark(int what) {
        int relevant = what & interest;
        if ((marks.getAndUpdate(old -> old | relevant) & relevant) != relevant) {
            owner.executor().execute(this::pump);
        }
    }

    private void pump() {
        if (ended || writing) {
            return; // the end of the write comes here again
        }
        long now = System.nanoTime();
        StringBuilder events = new StringBuilder();
        try {
            if (take(HELLO)) {
                event(events, "hello", owner.hello().toString());
            }
            if (now >= nextDevice && take(DEVICE)) {
                nextDevice = now + TimeUnit.MILLISECONDS.toNanos(owner.settings().deviceMillis());
                event(events, "device", owner.device(device).map(Object::toString).orElse("null"));
            }
            if (now >= nextList && (marks.get() & (NODES | DEVICES)) != 0) {
                nextList = now + TimeUnit.MILLISECONDS.toNanos(owner.settings().listMillis());
                if (take(NODES)) {
                    event(events, "nodes", "{}");
                }
                if (take(DEVICES)) {
                    event(events, "devices", "{}");
                }
            }
        } catch (RuntimeException e) {
            // The shape of one device that nobody foresaw must not end the thread that serves all pages.
            LOG.error("The page of device {} cannot be shown: {}", device, e.toString(), e);
            end(e);
            return;
        }
        if (take(BEAT) && events.isEmpty()) {
            event(events, "beat", "{}");
        }
        if (!events.isEmpty()) {
            write(events.toString());
        } else {
            waitForTheTime(now);
        }
    }

    private boolean take(int mark) {
        return (marks.getAndUpdate(old -> old & ~mark) & mark) != 0;
    }

    private static void event(StringBuilder events, String name, String data) {
        events.append("event: ").append(name).append("\ndata: ").append(data).append("\n\n");
    }

    private void write(String events) {
        writing = true;
        response.write(false, ByteBuffer.wrap(events.getBytes(StandardCharsets.UTF_8)), Callback.from(
                () -> owner.executor().execute(this::written), problem -> owner.executor().execute(() -> end(problem))));
    }

    private void written() {
        writing = false;
        pump();
    }

    /** What is marked may be sent only later: a device or a list was just told. */
    private void waitForTheTime(long now) {
        int left = marks.get();
        long device = (left & DEVICE) != 0 ? nextDevice - now : Long.MAX_VALUE;
        long list = (left & (NODES | DEVICES)) != 0 ? nextList - now : Long.MAX_VALUE;
        long wait = Math.max(0, Math.min(device, list));
        if (left != 0 && wait < Long.MAX_VALUE && (timer == 0 || now + wait < timer)) {
            timer = now + wait;
            owner.executor().schedule(() -> {
                timer = 0;
                pump();
            }, wait, TimeUnit.NANOSECONDS);
        }
    }

    /** @param problem {@code null} when we end it ourselves */
    void end(Throwable problem) {
        if (ended) {
            return;
        }
        ended = true;
        owner.ended(this);
        if (problem == null && !writing) {
            callback.succeeded();
        } else {
            callback.failed(problem == null ? new EofException("the page is closed") : problem);
        }
    }
}
