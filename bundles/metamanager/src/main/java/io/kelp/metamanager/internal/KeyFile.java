package io.kelp.metamanager.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keys in a file that only the gateway's user can read: a line {@code <id> <base64>} per key, the newest
 * first, and the line {@code sealed-only} once all Secrets are sealed. A file that holds something else is put aside, never overwritten.
 */
final class KeyFile implements KeyProvider {

    private static final Logger LOG = LoggerFactory.getLogger(KeyFile.class);
    private static final int MAX_BYTES = 64 * 1024;
    private static final String SEALED_ONLY = "sealed-only";

    private final Path file;

    KeyFile(Path file) {
        this.file = file.toAbsolutePath();
    }

    @Override
    public String where() {
        return file.toString();
    }

    @Override
    public KeyRing load() throws IOException {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new IllegalArgumentException("it has more than " + MAX_BYTES + " bytes");
            }
            KeyRing ring = parse(Files.readString(file, StandardCharsets.ISO_8859_1));
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            return ring;
        } catch (NoSuchFileException e) {
            LOG.debug("{}: made, there was none", file);
        } catch (IllegalArgumentException e) {
            Path aside = file.resolveSibling(file.getFileName() + ".damaged-" + System.currentTimeMillis());
            Files.move(file, aside);
            LOG.warn("{} is no file of keys ({}); put aside as {}, a new one is made", file, e.getMessage(), aside.getFileName());
        }
        KeyRing fresh = new KeyRing(List.of(SealKey.random(new SecureRandom())), false);
        save(fresh);
        return fresh;
    }

    private static KeyRing parse(String text) {
        List<SealKey> keys = new ArrayList<>();
        boolean sealedOnly = false;
        for (String line : text.split("\n")) {
            if (line.strip().equals(SEALED_ONLY)) {
                sealedOnly = true;
            } else if (!line.isBlank() && !line.startsWith("#")) {
                String[] parts = line.strip().split(" ");
                if (parts.length != 2) {
                    throw new IllegalArgumentException("a line is not an id and a key");
                }
                keys.add(SealKey.of(parts[0], Base64.getDecoder().decode(parts[1])));
            }
        }
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("it holds no key");
        }
        return new KeyRing(keys, sealedOnly);
    }

    @Override
    public void save(KeyRing ring) throws IOException {
        Path folder = file.getParent();
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        StringBuilder text = new StringBuilder("# Keys of the Secrets in meta.db, see the meta manager's documentation. Keep secret, keep a copy apart.\n");
        for (SealKey key : ring.keys()) {
            text.append(key.id()).append(' ').append(Base64.getEncoder().encodeToString(key.key().getEncoded())).append('\n');
        }
        if (ring.sealedOnly()) {
            text.append(SEALED_ONLY).append('\n');
        }
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        try (FileChannel out = FileChannel.open(fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.ISO_8859_1));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel out = FileChannel.open(folder)) {
            out.force(true);
        }
    }
}
