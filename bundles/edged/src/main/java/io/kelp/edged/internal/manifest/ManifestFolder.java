package io.kelp.edged.internal.manifest;

import io.kelp.control.Problem;
import io.kelp.edged.internal.pod.Pod;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Looks at a folder of manifests and reads what has changed. A file that was just written is left for
 * the next look: it may be half. Reads from disk; used by one thread at a time.
 */
final class ManifestFolder {

    static final int MAX_FILES = 100;
    static final int MAX_BYTES = 1_048_576;
    private static final Duration SETTLED = Duration.ofSeconds(2);

    /** What a file holds: a pod, or why none. */
    record Content(Optional<Pod> pod, Optional<Problem> problem) {}

    /**
     * What one look has found.
     *
     * @param changed files that are new or other than at the last look
     * @param present all files that count
     * @param unsettled whether a file was just written, so that the next look should be soon
     * @param problem of the folder itself
     */
    record Look(Map<String, Content> changed, java.util.Set<String> present, boolean unsettled, Optional<Problem> problem) {}

    private record Stamp(long size, FileTime modified, Object file) {}

    private final Path folder;
    private final String node;
    private final InstantSource clock;
    private final Map<String, Stamp> seen = new HashMap<>();
    private final Map<String, Stamp> read = new HashMap<>();

    ManifestFolder(Path folder, String node, InstantSource clock) {
        this.folder = folder;
        this.node = node;
        this.clock = clock;
    }

    /** @throws IOException when the folder is there and cannot be listed; what was found before still holds then */
    Look look() throws IOException {
        Map<String, Stamp> files = new TreeMap<>();
        int surplus = 0;
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, path -> !path.getFileName().toString().startsWith("."))) {
                for (Path path : all) {
                    Stamp stamp = stamp(path);
                    if (stamp != null && files.size() < MAX_FILES) {
                        files.put(path.getFileName().toString(), stamp);
                    } else if (stamp != null) {
                        surplus++;
                    }
                }
            }
        }
        seen.keySet().retainAll(files.keySet());
        read.keySet().retainAll(files.keySet());
        Map<String, Content> changed = new TreeMap<>();
        boolean unsettled = false;
        for (Map.Entry<String, Stamp> file : files.entrySet()) {
            Stamp stamp = file.getValue();
            if (stamp.equals(read.get(file.getKey()))) {
                continue;
            }
            if (stamp.equals(seen.put(file.getKey(), stamp)) || isOld(stamp)) {
                read.put(file.getKey(), stamp);
                changed.put(file.getKey(), content(file.getKey(), stamp));
            } else {
                unsettled = true;
            }
        }
        return new Look(changed, files.keySet(), unsettled, surplus == 0 ? Optional.empty() : Optional.of(new Problem("STATIC-POD-FOLDER",
                "There are " + (files.size() + surplus) + " manifests, of which " + MAX_FILES + " are used", folder.toString(),
                "Remove some, or deploy them from the cloud.", clock.instant())));
    }

    /** {@code null} for what is no file; links are followed. */
    private static Stamp stamp(Path path) throws IOException {
        if (!Files.isRegularFile(path)) {
            return null;
        }
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
        return new Stamp(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
    }

    private boolean isOld(Stamp stamp) {
        return Duration.between(stamp.modified().toInstant(), clock.instant()).abs().compareTo(SETTLED) > 0;
    }

    private Content content(String file, Stamp stamp) {
        Instant now = clock.instant();
        try {
            if (stamp.size() > MAX_BYTES) {
                throw new ManifestException("it has " + stamp.size() + " bytes, allowed are " + MAX_BYTES, "write less into it");
            }
            return new Content(Optional.of(StaticPod.of(ManifestText.read(Files.readString(folder.resolve(file))), file, node)), Optional.empty());
        } catch (ManifestException e) {
            return problem(file, e.getMessage(), e.remedy(), now);
        } catch (CharacterCodingException e) {
            return problem(file, "it is not UTF-8", "save it as UTF-8", now);
        } catch (IOException e) {
            return problem(file, "it cannot be read: " + e.getMessage(), "correct its permissions", now);
        }
    }

    private Content problem(String file, String sentence, String remedy, Instant now) {
        return new Content(Optional.empty(), Optional.of(new Problem("STATIC-POD-MANIFEST", "The manifest is not used: " + sentence,
                folder.resolve(file).toString(), Character.toUpperCase(remedy.charAt(0)) + remedy.substring(1)
                        + "; until then what ran before runs on.", now)));
    }
}
