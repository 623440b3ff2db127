package io.kelp.runtime.osgi.internal.output;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of a container in kubelet's format: {@code 2026-11-21T19:20:11.123456789Z stdout F text}. A line longer
 * than 16 KiB is cut into parts, marked {@code P} but for the last. What is written reaches the file within a
 * second ({@link LogFlusher}) or when the buffer is full. A container that writes more than it may loses lines,
 * which the log then says; one whose disk is full loses them, too, and is not disturbed. Quiet, it takes some
 * hundred bytes. Safe for use by several threads.
 */
public final class ContainerLog implements AutoCloseable {

    static final int PART_BYTES = 16 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(ContainerLog.class);
    private static final int BUFFER_BYTES = 8 << 10;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'").withZone(ZoneOffset.UTC);

    /** What it is written to. */
    public enum Stream {
        STDOUT("stdout"),
        STDERR("stderr");

        private final String word;

        Stream(String word) {
            this.word = word;
        }
    }

    private final Path path;
    private final LogFile file;
    private final TokenBucket bucket;
    private final LogSettings settings;
    private final InstantSource clock;
    private final LogFlusher flusher;
    private final LineBuffer[] lines = {new LineBuffer(), new LineBuffer()};
    private byte[] buffer; // null while there is nothing to be written
    private int filled;
    private long droppedLines;
    private long droppedBytes;
    private boolean failing;
    private boolean closed;

    /**
     * @param path the folder exists
     * @param clock for the time of each line
     * @param flusher calls {@link #flush} soon after something was written
     */
    public ContainerLog(Path path, LogSettings settings, InstantSource clock, LogFlusher flusher) {
        this.path = path;
        this.settings = settings;
        this.file = new LogFile(path, settings);
        this.bucket = new TokenBucket(settings.bytesPerSecond(), settings.burstBytes(), System::nanoTime);
        this.clock = clock;
        this.flusher = flusher;
    }

    /** Writes text, of which lines are made where it has line ends. */
    public void write(Stream stream, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        write(stream, bytes, 0, bytes.length);
    }

    public void write(Stream stream, byte[] bytes, int offset, int length) {
        boolean began;
        synchronized (this) {
            if (closed) {
                return;
            }
            began = buffer == null;
            LineBuffer line = lines[stream.ordinal()];
            int from = offset;
            for (int i = offset; i < offset + length; i++) {
                if (bytes[i] == '\n') {
                    line.add(bytes, from, i - from, part -> line(stream, 'P', part));
                    line(stream, 'F', line);
                    line.clear();
                    from = i + 1;
                }
            }
            line.add(bytes, from, offset + length - from, part -> line(stream, 'P', part));
            began &= buffer != null;
        }
        if (began) {
            flusher.soon(this);
        }
    }

    private void line(Stream stream, char tag, LineBuffer text) {
        int length = text.length() + 40;
        if (!bucket.take(length)) {
            droppedLines += tag == 'F' ? 1 : 0;
            droppedBytes += text.length();
            return;
        }
        tellDropped();
        append((TIME.format(clock.instant()) + " " + stream.word + " " + tag + " ").getBytes(StandardCharsets.US_ASCII), text);
    }

    private void tellDropped() {
        if (droppedBytes > 0 || droppedLines > 0) {
            String told = TIME.format(clock.instant()) + " stderr F kelp: " + droppedLines + " lines (" + droppedBytes
                    + " bytes) dropped, more than " + settings.bytesPerSecond() + " bytes a second for long";
            droppedLines = 0;
            droppedBytes = 0;
            append(told.getBytes(StandardCharsets.US_ASCII), new LineBuffer());
        }
    }

    private void append(byte[] head, LineBuffer text) {
        int length = head.length + text.length() + 1;
        if (buffer != null && filled + length > buffer.length) {
            flush();
        }
        if (buffer == null) {
            buffer = new byte[Math.max(BUFFER_BYTES, length)];
        }
        System.arraycopy(head, 0, buffer, filled, head.length);
        text.copyTo(buffer, filled + head.length);
        filled += length;
        buffer[filled - 1] = '\n';
    }

    /** Hands what was written to the operating system. */
    public synchronized void flush() {
        if (buffer == null) {
            return;
        }
        byte[] writing = buffer;
        int length = filled;
        buffer = null;
        filled = 0;
        try {
            file.write(writing, length, clock.instant());
            if (failing) {
                failing = false;
                LOG.info("{} is written again", path);
            }
        } catch (IOException e) {
            if (!failing) {
                failing = true;
                LOG.warn("log lines of a container are lost, {} cannot be written: {}", path, e.getMessage());
            }
        }
    }

    /** Writes the rest, a line without end included. What comes later is dropped. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        for (Stream stream : Stream.values()) {
            LineBuffer line = lines[stream.ordinal()];
            if (line.length() > 0) {
                line(stream, 'F', line);
                line.clear();
            }
        }
        tellDropped();
        flush();
        closed = true;
        try {
            file.close();
        } catch (IOException e) {
            LOG.warn("closing {} failed: {}", path, e.getMessage());
        }
    }

    /** The time of a line, for those who read logs. */
    static Instant time(String line) {
        return Instant.parse(line.substring(0, line.indexOf(' ')));
    }
}
