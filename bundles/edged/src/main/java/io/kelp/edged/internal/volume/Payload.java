package io.kelp.edged.internal.volume;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;

/** The files of a volume that the gateway writes: content and mode by relative path. */
final class Payload {

    private static final int MAX_PATH = 4096;
    private static final int MAX_NAME = 255;
    private static final long MAX_BYTES = 8L << 20;

    /** @param mode permission bits, 0 to 0777 */
    record Entry(byte[] content, int mode) {}

    private final SortedMap<String, Entry> entries = new TreeMap<>();
    private final boolean incomplete;
    private long bytes;

    Payload() {
        this(false);
    }

    /** @param incomplete whether something optional is left out because nobody could be asked for it */
    Payload(boolean incomplete) {
        this.incomplete = incomplete;
    }

    boolean isIncomplete() {
        return incomplete;
    }

    /**
     * Adds a file; a later one replaces an earlier one of the same path.
     *
     * @throws IllegalArgumentException for a path that leads out of the volume, a mode out of range, too much content
     */
    void add(String path, byte[] content, int mode) {
        check(path);
        if (mode < 0 || mode > 0777) {
            throw new IllegalArgumentException("mode " + mode + " of " + path + " is not within 0 and 0777");
        }
        Entry before = entries.put(path, new Entry(content, mode));
        bytes += content.length - (before == null ? 0 : before.content.length);
        if (bytes > MAX_BYTES) {
            throw new IllegalArgumentException("the volume would have more than " + (MAX_BYTES >> 20) + " MiB");
        }
    }

    /** As kubelet does: no absolute path, no way up, nothing that looks like the gateway's own files. */
    private static void check(String path) {
        if (path.isEmpty() || path.length() > MAX_PATH || path.startsWith("/") || path.startsWith("..") || path.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("invalid path: \"" + path + "\"");
        }
        for (String segment : path.split("/", -1)) {
            if (segment.isEmpty() || segment.equals(".") || segment.equals("..") || segment.length() > MAX_NAME) {
                throw new IllegalArgumentException("invalid path: \"" + path + "\"");
            }
        }
    }

    /** In the order of the paths. */
    SortedMap<String, Entry> entries() {
        return Collections.unmodifiableSortedMap(entries);
    }

    /** A digest of paths, modes and content. */
    String digest() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            entries.forEach((path, entry) -> {
                digest.update((path + "\0" + entry.mode + "\0" + entry.content.length + "\0").getBytes(StandardCharsets.UTF_8));
                digest.update(entry.content);
            });
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
