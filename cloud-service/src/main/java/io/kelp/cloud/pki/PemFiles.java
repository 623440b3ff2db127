package io.kelp.cloud.pki;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Certificates and keys given as files, which come before those in the Secrets (channel
 * specification 1.1): {@code ca.crt} with {@code ca.key}, {@code server.crt} with {@code server.key}.
 * Only the first PEM block of a file counts.
 */
public final class PemFiles {

    private static final Pattern BLOCK = Pattern.compile("-----BEGIN [A-Z0-9 ]+-----([A-Za-z0-9+/=\\s]+)-----END [A-Z0-9 ]+-----");

    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private PemFiles() {}

    /**
     * Reads a pair.
     *
     * @param folder may be {@code null}: then there is none
     * @return empty when neither file exists
     * @throws PkiException when only one exists, or one cannot be read
     */
    static Optional<KeyPairDer> read(Path folder, String name) throws PkiException {
        if (folder == null) {
            return Optional.empty();
        }
        Path certificate = folder.resolve(name + ".crt");
        Path key = folder.resolve(name + ".key");
        boolean hasCertificate = Files.exists(certificate);
        boolean hasKey = Files.exists(key);
        if (!hasCertificate && !hasKey) {
            return Optional.empty();
        }
        if (!hasCertificate || !hasKey) {
            throw new PkiException((hasKey ? certificate : key) + " is missing beside "
                    + (hasKey ? key : certificate) + "; give both or neither");
        }
        return Optional.of(KeyPairDer.parse(der(certificate), der(key), certificate + " and " + key));
    }

    private static byte[] der(Path file) throws PkiException {
        try {
            Matcher block = BLOCK.matcher(Files.readString(file));
            if (!block.find()) {
                throw new PkiException(file + " contains no PEM block");
            }
            return Base64.getMimeDecoder().decode(block.group(1));
        } catch (IOException e) {
            throw new PkiException("Cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** Replaces a file so that it is either the old or the new one after a power cut; only its owner may read it. */
    public static void write(Path file, String text) throws PkiException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.deleteIfExists(next);
            try (FileChannel channel = FileChannel.open(next, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OWNER_ONLY)) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel folder = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
                folder.force(true);
            }
        } catch (IOException e) {
            throw new PkiException(file + " cannot be written (" + e.getMessage() + "); check the rights on its folder and the space left", e);
        }
    }
}
