package io.kelp.edged.internal.volume;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Where volumes are: {@code pods/<uid>/volumes/kubernetes.io~<plugin>/<name>} as kubelet has it, what must
 * not reach the disk in the memory-backed run folder.
 *
 * @param data the gateway's data folder
 * @param run the gateway's private folder in memory, emptied at each start; {@code null} when there is none
 */
public record VolumeFolders(Path data, Path run) {

    /**
     * Folder of one volume; its pod's folder is private to the gateway's user. Nothing is made.
     *
     * @param plugin for example {@code empty-dir}
     * @throws IllegalArgumentException for a uid or name that cannot be part of a path
     */
    Path volume(String podUid, String plugin, String name, boolean memory) {
        return volumes(memory && run != null ? run : data, podUid).resolve("kubernetes.io~" + plugin).resolve(segment(name));
    }

    private static Path volumes(Path root, String podUid) {
        return root.resolve("pods").resolve(segment(podUid)).resolve("volumes");
    }

    private static String segment(String name) {
        if (!name.matches("[A-Za-z0-9]([-A-Za-z0-9_.]{0,251}[A-Za-z0-9])?")) {
            throw new IllegalArgumentException("\"" + name + "\" is no name of a pod or volume");
        }
        return name;
    }

    /** Makes the folder of a volume if need be. */
    static void make(Path volume) throws IOException {
        Path volumes = volume.getParent().getParent();
        if (!Files.isDirectory(volumes, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectories(volumes, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        Files.createDirectories(volume);
    }

    /** Removes all volumes of a pod, and its folder when nothing else is in it. */
    void remove(String podUid) throws IOException {
        remove(volumes(data, podUid));
        if (run != null) {
            remove(volumes(run, podUid));
        }
    }

    private static void remove(Path volumes) throws IOException {
        delete(volumes);
        try {
            Files.deleteIfExists(volumes.getParent());
        } catch (java.nio.file.DirectoryNotEmptyException e) {
            return; // its other files have other owners
        }
    }

    /** Removes a file or folder with all that is in it; links are removed, not followed. */
    static void delete(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
                if (!Files.isWritable(folder) || !Files.isExecutable(folder)) { // a workload may have taken our rights
                    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE; // somebody else removed it
                }
                throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
                if (failure != null) {
                    throw failure;
                }
                Files.deleteIfExists(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** Bytes of the files under a folder; what is removed meanwhile or cannot be read is not counted. */
    static long bytes(Path folder) throws IOException {
        long[] sum = {0};
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return 0;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                sum[0] += attributes.isSymbolicLink() ? 0 : attributes.size();
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException failure) {
                return FileVisitResult.CONTINUE;
            }
        });
        return sum[0];
    }
}
