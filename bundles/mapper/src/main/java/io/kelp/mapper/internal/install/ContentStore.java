package io.kelp.mapper.internal.install;

import io.kelp.mapper.MapperRefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Jars under the digest of their content. A file is there whole and on the disk, or not at all. */
final class ContentStore {

    private static final Logger LOG = LoggerFactory.getLogger(ContentStore.class);
    private static final String PART = ".part";
    private static final String JAR = ".jar";

    private final Path folder;
    private final long mostBytes;

    /** @param mostBytes of one jar */
    ContentStore(Path folder, long mostBytes) {
        this.folder = folder;
        this.mostBytes = mostBytes;
    }

    /** A jar that was received and is not kept yet. Close to drop it, unless it was kept. */
    record Received(Path file, String sha256) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            Files.deleteIfExists(file);
        }
    }

    /** Makes the folder; files that were being received when the gateway died go. */
    void open() throws IOException {
        Files.createDirectories(folder);
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "*" + PART)) {
            for (Path part : parts) {
                Files.deleteIfExists(part);
            }
        }
    }

    /** Reads a jar to its end. Any thread may call. */
    Received receive(InputStream in) throws IOException, MapperRefusedException {
        Path part = Files.createTempFile(folder, "received-", PART);
        boolean whole = false;
        try (FileChannel out = FileChannel.open(part, StandardOpenOption.WRITE)) {
            MessageDigest digest = sha256();
            byte[] buffer = new byte[16 * 1024];
            long bytes = 0;
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                bytes += n;
                if (bytes > mostBytes) {
                    throw new MapperRefusedException("the jar has more than " + mostBytes + " bytes; raise mostMebibytes of io.kelp.mapper.install");
                }
                digest.update(buffer, 0, n);
                for (ByteBuffer rest = ByteBuffer.wrap(buffer, 0, n); rest.hasRemaining(); ) {
                    out.write(rest);
                }
            }
            out.force(true);
            whole = true;
            return new Received(part, HexFormat.of().formatHex(digest.digest()));
        } finally {
            if (!whole) {
                Files.deleteIfExists(part);
            }
        }
    }

    /** Keeps what was received; durable when this returns. */
    Path keep(Received received) throws IOException {
        Path kept = path(received.sha256());
        Files.move(received.file(), kept, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        syncFolder(folder);
        return kept;
    }

    Path path(String sha256) {
        return folder.resolve(sha256 + JAR);
    }

    /** Whether the jar is there and is what its name says. */
    boolean intact(String sha256) {
        MessageDigest digest = sha256();
        try (InputStream in = Files.newInputStream(path(sha256))) {
            byte[] buffer = new byte[16 * 1024];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest()).equals(sha256);
        } catch (IOException e) {
            LOG.debug("Jar {} cannot be read: {}", sha256, e.toString());
            return false;
        }
    }

    /** All jars, in the order in which they came. */
    List<String> digestsOldestFirst() throws IOException {
        SortedMap<FileTime, List<String>> byTime = new TreeMap<>();
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "*" + JAR)) {
            for (Path jar : jars) {
                String name = jar.getFileName().toString();
                byTime.computeIfAbsent(Files.getLastModifiedTime(jar), t -> new ArrayList<>())
                        .add(name.substring(0, name.length() - JAR.length()));
            }
        }
        return byTime.values().stream().flatMap(List::stream).toList();
    }

    /** Deletes all jars but these. */
    void retain(Set<String> digests) {
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "*" + JAR)) {
            for (Path jar : jars) {
                String name = jar.getFileName().toString();
                if (!digests.contains(name.substring(0, name.length() - JAR.length()))) {
                    Files.deleteIfExists(jar);
                }
            }
        } catch (IOException e) {
            LOG.warn("Jars in {} that nobody needs any more could not be deleted: {}", folder, e.toString());
        }
    }

    /** Makes the names in a folder durable. */
    static void syncFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
