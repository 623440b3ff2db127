package io.kelp.edged.internal.volume;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/**
 * Writes the files of a volume so that a reader sees all of the old ones or all of the new ones, in
 * kubelet's way: they lie in a folder named by the time, the link {@code ..data} leads there and is
 * exchanged by a rename, and each name of the volume is a link through {@code ..data}.
 *
 * <p>What an interrupted write has left is removed by the next one. Nothing is synced: after a power cut
 * the content is compared with what it should be before anybody uses it.
 */
final class AtomicWriter {

    private static final String DATA = "..data";
    private static final String NEW_DATA = "..data_tmp";
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("'..'yyyy_MM_dd_HH_mm_ss");
    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwxr-xr-x");

    private final Path target;

    /** @param target folder of the volume */
    AtomicWriter(Path target) {
        this.target = target;
    }

    /** Makes the volume hold just this; false when it does already and nothing was written. */
    boolean write(Payload payload) throws IOException {
        VolumeFolders.make(target);
        Path old = current();
        boolean same = old != null && holds(old, payload.entries());
        Path now = same ? old : fill(payload.entries());
        Set<String> names = new HashSet<>();
        payload.entries().keySet().forEach(path -> names.add(path.contains("/") ? path.substring(0, path.indexOf('/')) : path));
        for (String name : names) {
            link(name);
        }
        if (!same) {
            Path fresh = target.resolve(NEW_DATA);
            VolumeFolders.delete(fresh);
            Files.createSymbolicLink(fresh, now.getFileName());
            Path data = target.resolve(DATA);
            if (Files.isDirectory(data, LinkOption.NOFOLLOW_LINKS)) { // not of ours; a rename does not replace it
                VolumeFolders.delete(data);
            }
            Files.move(fresh, data, StandardCopyOption.ATOMIC_MOVE);
        }
        sweep(names, now);
        return !same;
    }

    /** The folder that is in use, {@code null} when there is none. */
    private Path current() throws IOException {
        try {
            String name = Files.readSymbolicLink(target.resolve(DATA)).toString();
            Path folder = target.resolve(name);
            return name.startsWith("..") && !name.contains("/") && name.length() > 2
                    && Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS) ? folder : null;
        } catch (NotLinkException | java.nio.file.NoSuchFileException e) {
            return null;
        }
    }

    private static boolean holds(Path folder, SortedMap<String, Payload.Entry> wanted) throws IOException {
        SortedMap<String, Path> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : (Iterable<Path>) all::iterator) {
                if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                    files.put(folder.relativize(file).toString(), file);
                }
            }
        } catch (java.io.UncheckedIOException e) {
            throw e.getCause();
        }
        if (!files.keySet().equals(wanted.keySet())) {
            return false;
        }
        for (Map.Entry<String, Path> each : files.entrySet()) {
            Payload.Entry entry = wanted.get(each.getKey());
            Path file = each.getValue();
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) != entry.content().length
                    || !Files.getPosixFilePermissions(file).equals(permissions(entry.mode()))
                    || !Files.isReadable(file) || !Arrays.equals(Files.readAllBytes(file), entry.content())) {
                return false;
            }
        }
        return true;
    }

    private Path fill(SortedMap<String, Payload.Entry> entries) throws IOException {
        Path folder = target.resolve(TIME.format(LocalDateTime.now(ZoneOffset.UTC)) + "." + ThreadLocalRandom.current().nextLong(1L << 40));
        Files.createDirectory(folder);
        Files.setPosixFilePermissions(folder, FOLDER);
        for (Map.Entry<String, Payload.Entry> each : entries.entrySet()) {
            Path file = folder.resolve(each.getKey());
            Files.createDirectories(file.getParent());
            Files.write(file, each.getValue().content(), StandardOpenOption.CREATE_NEW);
            Files.setPosixFilePermissions(file, permissions(each.getValue().mode()));
        }
        return folder;
    }

    private void link(String name) throws IOException {
        Path link = target.resolve(name);
        Path to = Path.of(DATA, name);
        if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(to)) {
            return;
        }
        VolumeFolders.delete(link);
        Files.createSymbolicLink(link, to);
    }

    /** Removes names that the volume has no more, the files before and what an interrupted write has left. */
    private void sweep(Set<String> names, Path now) throws IOException {
        try (DirectoryStream<Path> all = Files.newDirectoryStream(target)) {
            for (Path each : all) {
                String name = each.getFileName().toString();
                if (!names.contains(name) && !name.equals(DATA) && !each.equals(now)) {
                    VolumeFolders.delete(each);
                }
            }
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        PosixFilePermission[] bits = {PosixFilePermission.OTHERS_EXECUTE, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_READ,
            PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.GROUP_WRITE, PosixFilePermission.GROUP_READ,
            PosixFilePermission.OWNER_EXECUTE, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_READ};
        Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
        for (int bit = 0; bit < bits.length; bit++) {
            if ((mode >> bit & 1) != 0) {
                set.add(bits[bit]);
            }
        }
        return set;
    }
}
