package io.kelp.runtime.osgi.internal.config;

import io.kelp.edged.ContainerSpec.Mount;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The files {@code PID.json} below {@code /config} of a container. A file that is wrong changes
 * nothing: what it said before stays in force. Used by one thread at a time.
 */
public final class ConfigFiles {

    private static final String FOLDER = "/config";
    private static final String JSON = ".json";
    private static final int MOST_BYTES = 1 << 20; // of a ConfigMap
    private static final int MOST_FILES = 256;

    private final List<Mount> mounts;
    private final Consumer<String> complaints;
    private Map<Path, Seen> seen = new HashMap<>();

    private record Seen(long size, long modified, Object key, String pid, Map<String, Object> values) {}

    /** @param complaints told a sentence about each file that cannot be used, once */
    public ConfigFiles(List<Mount> mounts, Consumer<String> complaints) {
        this.mounts = mounts.stream().filter(m -> m.containerPath().equals(FOLDER) || m.containerPath().startsWith(FOLDER + "/")).toList();
        this.complaints = complaints;
    }

    /** Whether there can be any. */
    public boolean any() {
        return !mounts.isEmpty();
    }

    /** Looks once: what each file says, by PID; empty when nothing has changed since the last look. */
    public Optional<Map<String, Map<String, Object>>> look() {
        Map<Path, Seen> now = new HashMap<>();
        for (Mount mount : mounts) {
            for (Path file : files(mount)) {
                if (now.size() < MOST_FILES) {
                    read(file).ifPresent(one -> now.put(file, one));
                }
            }
        }
        if (now.equals(seen)) {
            return Optional.empty();
        }
        seen = now;
        Map<String, Map<String, Object>> byPid = new HashMap<>();
        now.values().forEach(one -> byPid.put(one.pid(), one.values()));
        return Optional.of(byPid);
    }

    private List<Path> files(Mount mount) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(mount.hostPath(), "[!.]*" + JSON)) {
            files.forEach(found::add);
        } catch (NotDirectoryException e) {
            if (mount.hostPath().toString().endsWith(JSON)) {
                found.add(mount.hostPath());
            }
        } catch (IOException | DirectoryIteratorException e) {
            complaints.accept("volume at " + mount.containerPath() + " cannot be read: " + e.getMessage());
        }
        return found;
    }

    private Optional<Seen> read(Path file) {
        Seen before = seen.get(file);
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            long modified = attributes.lastModifiedTime().toMillis();
            if (before != null && before.size() == attributes.size() && before.modified() == modified && before.key().equals(key(attributes))) {
                return Optional.of(before);
            }
            String name = file.getFileName().toString();
            String pid = name.substring(0, name.length() - JSON.length());
            Map<String, Object> values = before == null ? Map.of() : before.values();
            if (attributes.size() > MOST_BYTES) {
                complaints.accept("file " + name + " has " + attributes.size() + " bytes, allowed are " + MOST_BYTES);
            } else {
                try {
                    values = JsonSettings.read(Files.readString(file));
                } catch (IllegalArgumentException e) {
                    complaints.accept("file " + name + " is not used: " + e.getMessage());
                }
            }
            return Optional.of(new Seen(attributes.size(), modified, key(attributes), pid, values));
        } catch (NoSuchFileException e) {
            return Optional.empty(); // gone since the listing
        } catch (IOException e) {
            complaints.accept("file " + file.getFileName() + " cannot be read: " + e.getMessage());
            return Optional.ofNullable(before);
        }
    }

    private static Object key(BasicFileAttributes attributes) {
        return attributes.fileKey() == null ? "" : attributes.fileKey();
    }
}
