package io.kelp.edged.internal.volume;

import com.google.gson.JsonObject;
import io.kelp.edged.internal.pod.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** Files and folders of the gateway as volumes. Nothing of them belongs to the pod: they stay when it goes. */
final class HostPaths {

    private static final int TYPE_MASK = 0170000;
    private static final int SOCKET = 0140000;
    private static final int CHARACTER_DEVICE = 0020000;
    private static final int BLOCK_DEVICE = 0060000;

    private final VolumeSettings settings;

    HostPaths(VolumeSettings settings) {
        this.settings = settings;
    }

    /** @throws IllegalArgumentException for a path that is not absolute or has a {@code ..} in it */
    static Path path(JsonObject source) {
        String text = Pod.text(source, "path");
        if (!text.startsWith("/") || List.of(text.split("/")).contains("..")) {
            throw new IllegalArgumentException("hostPath \"" + text + "\" is not an absolute path without \"..\"");
        }
        return Path.of(text).normalize();
    }

    /**
     * Checks the path and makes what is to be made.
     *
     * @throws IllegalArgumentException when it is not what the volume says, or not allowed
     */
    void prepare(JsonObject source) throws IOException {
        Path path = path(source);
        allow(path);
        String type = Pod.text(source, "type");
        switch (type) {
            case "" -> { }
            case "DirectoryOrCreate" -> {
                if (!Files.exists(path)) {
                    Files.createDirectories(path);
                    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
                }
                require(Files.isDirectory(path), path, "is not a directory");
            }
            case "Directory" -> require(Files.isDirectory(path), path, "is not a directory");
            case "FileOrCreate" -> {
                if (!Files.exists(path)) {
                    Files.createFile(path);
                    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r--r--"));
                }
                require(Files.isRegularFile(path), path, "is not a file");
            }
            case "File" -> require(Files.isRegularFile(path), path, "is not a file");
            case "Socket" -> require(is(path, SOCKET), path, "is not a socket file");
            case "CharDevice" -> require(is(path, CHARACTER_DEVICE), path, "is not a character device");
            case "BlockDevice" -> require(is(path, BLOCK_DEVICE), path, "is not a block device");
            default -> throw new IllegalArgumentException(type + " is an invalid volume type");
        }
    }

    private void allow(Path path) throws IOException {
        Path real = real(path);
        for (Path own : settings.ownFolders()) {
            if (real.startsWith(real(own))) {
                throw new IllegalArgumentException("hostPath " + path + " lies in the gateway's own folder " + own);
            }
        }
        boolean allowed = settings.hostPathAllowed().isEmpty();
        for (Path each : settings.hostPathAllowed()) {
            allowed |= real.startsWith(real(each));
        }
        if (!allowed) {
            throw new IllegalArgumentException("hostPath " + path + " is not allowed on this gateway, see hostPathAllowed of io.kelp.edged.pod");
        }
    }

    /** Where the path leads once all links are followed, also when its end is not there yet. */
    private static Path real(Path path) throws IOException {
        Path existing = path.toAbsolutePath().normalize();
        while (existing.getParent() != null && !Files.exists(existing, LinkOption.NOFOLLOW_LINKS)) {
            existing = existing.getParent();
        }
        Path rest = existing.relativize(path.toAbsolutePath().normalize());
        return existing.toRealPath().resolve(rest).normalize();
    }

    private static boolean is(Path path, int type) throws IOException {
        return Files.exists(path) && ((Integer) Files.getAttribute(path, "unix:mode") & TYPE_MASK) == type;
    }

    private static void require(boolean met, Path path, String what) {
        if (!met) {
            throw new IllegalArgumentException("hostPath type check failed: " + path + " " + what);
        }
    }
}
