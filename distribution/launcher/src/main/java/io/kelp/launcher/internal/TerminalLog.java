package io.kelp.launcher.internal;

import java.util.logging.Handler;
import java.util.logging.LogRecord;

/** Log lines on standard output, for {@code kelp run}. */
final class TerminalLog extends Handler {

    TerminalLog() {
        setFormatter(new OneLineFormatter());
    }

    @Override
    public void publish(LogRecord record) {
        if (isLoggable(record)) {
            System.out.print(getFormatter().format(record));
        }
    }

    @Override
    public void flush() {
        System.out.flush();
    }

    @Override
    public void close() {
        flush();
    }
}
