package io.kelp.control.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads lines from the control FIFO on a thread of its own. The FIFO is open for writing here, too,
 * so that it never ends when a writer goes. Lines that are too long are dropped whole.
 */
final class ControlFifo implements AutoCloseable {

    private static final int MAX_LINE = 64;
    private static final Logger LOG = LoggerFactory.getLogger(ControlFifo.class);

    private final Path path;
    private final FileChannel channel;
    private final Consumer<String> lines;
    private final Thread thread;
    private boolean tooLong;

    /**
     * @param lines called for each line, must not block; wrong ones included
     * @throws IOException when there is no FIFO and none can be made
     */
    ControlFifo(Path path, Consumer<String> lines) throws IOException {
        this.path = path;
        this.lines = lines;
        make(path);
        this.channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        this.thread = new Thread(this::read, "kelp-control");
        thread.start();
    }

    /** {@code bin/kelp} makes it before the start; Java alone cannot, hence the process when it is missing. */
    private static void make(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            Process mkfifo = new ProcessBuilder("mkfifo", "-m", "0600", path.toString()).redirectErrorStream(true).start();
            try {
                if (!mkfifo.waitFor(5, TimeUnit.SECONDS) || mkfifo.exitValue() != 0) {
                    mkfifo.destroyForcibly();
                    throw new IOException("mkfifo " + path + " failed");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while making " + path, e);
            }
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther()) {
            throw new IOException(path + " is no FIFO; remove it and restart the gateway");
        }
    }

    private void read() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(4096);
        StringBuilder line = new StringBuilder();
        try {
            while (channel.read(buffer) >= 0) {
                buffer.flip();
                String text = StandardCharsets.ISO_8859_1.decode(buffer).toString();
                buffer.clear();
                text.chars().forEach(c -> take((char) c, line));
            }
        } catch (ClosedChannelException e) {
            LOG.debug("{} closed", path);
        } catch (IOException e) {
            LOG.error("Local commands end, restart the gateway: reading {} failed: {}", path, e.getMessage());
        }
    }

    private void take(char c, StringBuilder line) {
        if (c != '\n') {
            tooLong |= line.length() >= MAX_LINE;
            if (!tooLong) {
                line.append(c);
            }
            return;
        }
        String whole = tooLong ? "" : line.toString();
        line.setLength(0);
        tooLong = false;
        lines.accept(whole);
    }

    @Override
    public void close() {
        try {
            channel.close(); // wakes the reader
            thread.join(2_000);
        } catch (IOException e) {
            LOG.warn("Closing {} failed: {}", path, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
