package io.kelp.launcher.internal;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.logging.ErrorManager;
import java.util.logging.Handler;
import java.util.logging.LogRecord;

/**
 * Log file of bounded size: {@code kelp.log}, then {@code kelp.log.1} … {@code kelp.log.N}. A disk
 * that is full or read-only costs log lines, never the caller: writing is tried again with each record.
 */
final class RotatingLog extends Handler {

    private final Path file;
    private final long maxBytes;
    private final int kept;
    private OutputStream out; // null: closed, or the last write failed
    private long size;
    private boolean closed;

    /**
     * @param maxBytes size at which the file is set aside
     * @param kept older files kept
     */
    RotatingLog(Path file, long maxBytes, int kept) {
        this.file = file;
        this.maxBytes = maxBytes;
        this.kept = kept;
        setFormatter(new OneLineFormatter());
    }

    @Override
    public synchronized void publish(LogRecord record) {
        if (closed || !isLoggable(record)) {
            return;
        }
        byte[] line = getFormatter().format(record).getBytes(StandardCharsets.UTF_8);
        try {
            if (out == null) {
                open();
            }
            if (size > 0 && size + line.length > maxBytes) {
                rotate();
            }
            out.write(line);
            size += line.length;
        } catch (IOException e) {
            release();
            reportError("cannot write " + file, e, ErrorManager.WRITE_FAILURE); // said once by ErrorManager
        }
    }

    private void open() throws IOException {
        Files.createDirectories(file.getParent());
        out = new FileOutputStream(file.toFile(), true);
        size = Files.size(file);
    }

    private void rotate() throws IOException {
        release();
        for (int i = kept - 1; i >= 1; i--) {
            Path older = numbered(i);
            if (Files.exists(older)) {
                Files.move(older, numbered(i + 1), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.move(file, numbered(1), StandardCopyOption.REPLACE_EXISTING);
        open();
    }

    private Path numbered(int number) {
        return file.resolveSibling(file.getFileName() + "." + number);
    }

    private void release() {
        if (out != null) {
            try {
                out.close();
            } catch (IOException e) {
                reportError("cannot close " + file, e, ErrorManager.CLOSE_FAILURE);
            }
            out = null;
        }
    }

    /** Each record is handed to the kernel when it is published; nothing is kept back. */
    @Override
    public void flush() {}

    @Override
    public synchronized void close() {
        closed = true;
        release();
    }
}
