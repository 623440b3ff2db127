package io.kelp.oci.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Files of a store: {@code index.json}; {@code jars/}, named by digest; {@code partial/}, downloads on their way, named by
 * digest; {@code new/}, what is being written. A file gets its place in {@code jars/} only when it is on the disk as a whole.
 */
public final class StoreFolder {

    private final Path root;

    /** Makes the folders that are not there. What a crash left in {@code new/} is removed. */
    public StoreFolder(Path root) throws IOException {
        this.root = root;
        for (String name : List.of("jars", "partial", "new")) {
            Files.createDirectories(root.resolve(name));
        }
        for (Path left : list("new")) {
            Files.delete(left);
        }
    }

    Path index() {
        return root.resolve("index.json");
    }

    Path jar(String digest) {
        return root.resolve("jars").resolve(Sha256.hex(digest) + ".jar");
    }

    Path partial(String digest) {
        return root.resolve("partial").resolve(Sha256.hex(digest));
    }

    /** A file for something that is being written; made empty. */
    public Path fresh() throws IOException {
        return Files.createTempFile(root.resolve("new"), "", "");
    }

    long usableBytes() throws IOException {
        return Files.getFileStore(root).getUsableSpace();
    }

    List<Path> list(String name) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(root.resolve(name))) {
            all.forEach(files::add);
        }
        return files;
    }

    /** Gives a jar its place. */
    void keep(Path file, String digest) throws IOException {
        sync(file);
        Files.move(file, jar(digest), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(root.resolve("jars"));
    }

    void writeIndex(String text) throws IOException {
        Path next = root.resolve("index.json.new");
        try (FileChannel out = FileChannel.open(next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(next, index(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(root);
    }

    /** Size of a file, 0 if it is not there. */
    static long size(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    private static void sync(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
