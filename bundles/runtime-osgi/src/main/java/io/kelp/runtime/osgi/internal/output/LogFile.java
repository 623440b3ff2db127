package io.kelp.runtime.osgi.internal.output;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Stream;

/**
 * The file, set aside as {@code NAME.20261121-192011} when it is full, as kubelet names them. Opened with the
 * first write, appended to if it is there. Not safe for use by several threads.
 */
final class LogFile {

    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    private final Path file;
    private final LogSettings settings;
    private OutputStream out; // null: not opened yet, closed, or the last write failed
    private long size;

    LogFile(Path file, LogSettings settings) {
        this.file = file;
        this.settings = settings;
    }

    /** Writes whole lines. */
    void write(byte[] bytes, int length, Instant now) throws IOException {
        try {
            if (out == null) {
                out = new FileOutputStream(file.toFile(), true);
                size = Files.size(file);
            }
            if (size > 0 && size + length > settings.fileBytes()) {
                rotate(now);
            }
            out.write(bytes, 0, length);
            size += length;
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private void rotate(Instant now) throws IOException {
        close();
        List<Path> older = older();
        for (int i = 0; i <= older.size() - settings.files() + 1 && i < older.size(); i++) {
            Files.deleteIfExists(older.get(i));
        }
        if (settings.files() > 1) {
            Files.move(file, setAside(older, now));
        } else {
            Files.deleteIfExists(file);
        }
        out = new FileOutputStream(file.toFile(), true);
        size = 0;
    }

    /** Later than those that are there, also when the clock was set back or two fall into one second. */
    private Path setAside(List<Path> older, Instant now) {
        Instant stamp = now;
        Path newest = older.isEmpty() ? null : older.get(older.size() - 1);
        while (true) {
            Path made = file.resolveSibling(file.getFileName() + "." + STAMP.format(stamp));
            if (newest == null || made.compareTo(newest) > 0) {
                return made;
            }
            String text = newest.getFileName().toString();
            stamp = Instant.from(STAMP.parse(text.substring(text.lastIndexOf('.') + 1))).plusSeconds(1);
        }
    }

    /** Files set aside, oldest first. */
    private List<Path> older() throws IOException {
        String prefix = file.getFileName() + ".";
        try (Stream<Path> files = Files.list(file.toAbsolutePath().getParent())) {
            return files.filter(f -> f.getFileName().toString().startsWith(prefix))
                    .filter(f -> f.getFileName().toString().substring(prefix.length()).matches("\\d{8}-\\d{6}"))
                    .sorted().map(f -> file.resolveSibling(f.getFileName())).toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    void close() throws IOException {
        OutputStream closing = out;
        out = null;
        if (closing != null) {
            closing.close();
        }
    }
}
