package io.kelp.oci.internal;

import io.kelp.oci.ImageStoreSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How much there is room for. Safe for use by several threads. */
final class Space {

    private static final double MIB = 1 << 20;

    private final StoreFolder folder;
    private final ImageStoreSettings settings;
    private final Map<String, Long> jars = new HashMap<>();
    /** Downloads under way: their whole size, got or still to come. */
    private final Map<String, Long> downloads = new HashMap<>();
    private long claimed;

    Space(StoreFolder folder, ImageStoreSettings settings) {
        this.folder = folder;
        this.settings = settings;
    }

    /** Bytes still missing for this much more; 0 if there is room. */
    synchronized long missing(long bytes) throws IOException {
        long bound = used() + bytes - settings.maxBytes();
        long disk = bytes + settings.reserveBytes() - folder.usableBytes();
        return Math.max(0, Math.max(bound, disk));
    }

    synchronized void claim(long bytes) {
        claimed += bytes;
    }

    synchronized void release(long bytes) {
        claimed -= bytes;
    }

    synchronized void startDownload(String digest, long size) {
        downloads.put(digest, size);
    }

    synchronized void endDownload(String digest) {
        downloads.remove(digest);
    }

    synchronized void kept(String digest, long size) {
        jars.put(digest, size);
    }

    synchronized void gone(String digest) {
        jars.remove(digest);
    }

    synchronized long jarBytes() {
        return jars.values().stream().mapToLong(Long::longValue).sum();
    }

    private long used() throws IOException {
        long sum = jarBytes() + claimed + downloads.values().stream().mapToLong(Long::longValue).sum();
        for (Path file : leftovers()) {
            sum += StoreFolder.size(file);
        }
        return sum;
    }

    /** Removes downloads that nobody goes on with and that got nothing since a time, the oldest first, until so many bytes are free. */
    synchronized long dropPartials(long beforeMillis, long bytes) throws IOException {
        List<Path> files = leftovers();
        files.sort(Comparator.comparingLong(file -> file.toFile().lastModified()));
        long freed = 0;
        for (Path file : files) {
            if (freed >= bytes || file.toFile().lastModified() >= beforeMillis) {
                break;
            }
            freed += StoreFolder.size(file);
            Files.deleteIfExists(file);
        }
        return freed;
    }

    private List<Path> leftovers() throws IOException {
        List<Path> files = new ArrayList<>(folder.list("partial"));
        files.removeIf(file -> downloads.containsKey("sha256:" + file.getFileName()));
        return files;
    }

    StorageException full(long bytes, long missing) throws IOException {
        return new StorageException(String.format("no space left for %.1f MiB: %.1f MiB are missing (images may take %.0f MiB, "
                + "%.0f MiB of the disk stay free, which has %.1f MiB); remove images or raise the limit",
                bytes / MIB, missing / MIB, settings.maxBytes() / MIB, settings.reserveBytes() / MIB, folder.usableBytes() / MIB));
    }
}
