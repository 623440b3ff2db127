package io.kelp.launcher.internal;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/** One line per record: {@code 2026-11-21T12:00:00.123+01:00 INFO  edgehub.Link  connected}; a stack trace follows indented. */
final class OneLineFormatter extends Formatter {

    private static final int MAX_MESSAGE = 8192;

    private final DateTimeFormatter time = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSxxx");
    private final ZoneId zone = ZoneId.systemDefault();

    @Override
    public String format(LogRecord record) {
        StringBuilder line = new StringBuilder(160);
        time.formatTo(record.getInstant().atZone(zone), line);
        line.append(' ').append(word(record.getLevel())).append(' ').append(shortName(record.getLoggerName())).append("  ");
        String message = formatMessage(record);
        // A peer chooses parts of what is logged; it must not be able to forge a line.
        line.append(printable(message == null ? "" : message)).append('\n');
        if (record.getThrown() != null) {
            StringWriter trace = new StringWriter();
            record.getThrown().printStackTrace(new PrintWriter(trace, true));
            trace.toString().lines().forEach(l -> line.append("    ").append(printable(l.strip())).append('\n'));
        }
        return line.toString();
    }

    private static String word(Level level) {
        if (level.intValue() >= Level.SEVERE.intValue()) {
            return "ERROR";
        }
        if (level.intValue() >= Level.WARNING.intValue()) {
            return "WARN ";
        }
        return level.intValue() >= Level.INFO.intValue() ? "INFO " : "DEBUG";
    }

    private static String shortName(String logger) {
        if (logger == null) {
            return "-";
        }
        return logger.startsWith("io.kelp.") ? logger.substring("io.kelp.".length()).replace("internal.", "") : logger;
    }

    private static String printable(String message) {
        String cut = message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "…";
        StringBuilder out = new StringBuilder(cut.length());
        cut.chars().forEach(c -> out.append(c == '\t' || !Character.isISOControl(c) ? (char) c : c == '\n' ? '|' : '?'));
        return out.toString();
    }
}
