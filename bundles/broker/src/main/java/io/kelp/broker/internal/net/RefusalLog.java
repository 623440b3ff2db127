package io.kelp.broker.internal.net;

import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;

/** One line for each client that breaks the protocol, but no flood of lines: at most ten a minute. */
final class RefusalLog {

    private static final int LINES = 10;
    private static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final Logger log;
    private long windowStart = System.nanoTime();
    private int lines;
    private long silenced;

    RefusalLog(Logger log) {
        this.log = log;
    }

    void log(String peer, String reason) {
        long now = System.nanoTime();
        if (now - windowStart > WINDOW_NANOS) {
            windowStart = now;
            lines = 0;
        }
        if (lines == LINES) {
            silenced++;
            return;
        }
        lines++;
        log.warn("MQTT client {} disconnected: {}{}", peer, reason,
                silenced > 0 ? " (" + silenced + " more such lines left out before)" : "");
        silenced = 0;
    }
}
