package io.kelp.control.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The files {@code etc/PID.json} ({@code etc/FACTORY~NAME.json}), the last good content of each
 * and its history in {@code data/settings/}. All writes are atomic.
 */
final class SettingsFolder {

    static final int MAX_BYTES = 256 * 1024;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]+([.~-][A-Za-z0-9_]+)*\\.json");
    private static final int KEPT = 10;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS").withZone(ZoneOffset.UTC);

    private final Path etc;
    private final Path kept;

    SettingsFolder(Path etc, Path kept) {
        this.etc = etc;
        this.kept = kept;
    }

    /** Changes when the file does. */
    record Stamp(long modifiedMillis, long size, Object inode) {}

    /** PID → stamp of its file. */
    SortedMap<String, Stamp> files() throws IOException {
        SortedMap<String, Stamp> files = new TreeMap<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(etc, "*.json")) {
            for (Path file : all) {
                String name = file.getFileName().toString();
                if (!NAME.matcher(name).matches()) {
                    continue;
                }
                try {
                    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                    if (attributes.isRegularFile()) {
                        files.put(name.substring(0, name.length() - ".json".length()),
                                new Stamp(attributes.lastModifiedTime().toMillis(), attributes.size(), attributes.fileKey()));
                    }
                } catch (NoSuchFileException e) {
                    continue; // removed while we looked
                }
            }
        }
        return files;
    }

    String read(String pid) throws IOException {
        try (InputStream in = Files.newInputStream(file(pid))) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IOException("it is larger than " + MAX_BYTES + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** Writes the file of a PID; what was there goes to the history first. */
    void write(String pid, String text) throws IOException {
        if (Files.exists(file(pid))) {
            remember(pid, read(pid));
        }
        replace(file(pid), text);
    }

    void remove(String pid) throws IOException {
        if (Files.exists(file(pid))) {
            remember(pid, read(pid));
            Files.delete(file(pid));
        }
    }

    /** The content that was in force last, or {@code null}. */
    String lastGood(String pid) throws IOException {
        Path file = kept.resolve(pid + ".good");
        return Files.exists(file) ? Files.readString(file) : null;
    }

    /** Notes the content that is in force now; the one before goes to the history. */
    void nowGood(String pid, String text) throws IOException {
        String before = lastGood(pid);
        if (!text.equals(before)) {
            if (before != null) {
                remember(pid, before);
            }
            Files.createDirectories(kept);
            replace(kept.resolve(pid + ".good"), text);
        }
    }

    void forgetGood(String pid) throws IOException {
        Files.deleteIfExists(kept.resolve(pid + ".good"));
    }

    private void remember(String pid, String text) throws IOException {
        Files.createDirectories(kept);
        List<Path> old = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(kept, pid + ".2*")) {
            all.forEach(old::add);
        }
        Collections.sort(old);
        if (!old.isEmpty() && Files.readString(old.get(old.size() - 1)).equals(text)) {
            return;
        }
        replace(kept.resolve(pid + "." + TIME.format(Instant.now())), text);
        for (int i = 0; i <= old.size() - KEPT; i++) {
            Files.deleteIfExists(old.get(i));
        }
    }

    private Path file(String pid) {
        return etc.resolve(pid + ".json");
    }

    private static void replace(Path file, String text) throws IOException {
        Path made = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel out = FileChannel.open(made, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
