package io.kelp.edgehub.internal.pki;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;

/**
 * The files {@code ca.crt}, {@code edge.crt} and {@code edge.key} of a joined gateway.
 *
 * <p>Certificate and key are two files and cannot be renamed at once, so a power cut between the two
 * renames leaves a pair that does not match. {@link #load} finds out and finishes the exchange: the
 * new pair is complete in {@code *.new} before the first rename, the old one in {@code *.old}.
 */
public final class IdentityFiles {

    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> PRIVATE_DIRECTORY = PosixFilePermissions.fromString("rwx------");

    /** In the order in which they are tried: what is in use, then an exchange that was cut short, then the pair before. */
    private static final String[][] PAIRS = {{"edge.crt", "edge.key"}, {"edge.crt.new", "edge.key"},
        {"edge.crt", "edge.key.old"}, {"edge.crt.old", "edge.key.old"}, {"edge.crt.new", "edge.key.new"}};

    private final Path directory;

    /** @param directory for example {@code data/certs}; made when something is written */
    public IdentityFiles(Path directory) {
        this.directory = directory;
    }

    /** Whether the gateway has joined a cloud. */
    public boolean exist() {
        return Files.exists(directory.resolve("ca.crt"));
    }

    /** Reads the pair that belongs together and repairs an exchange that was cut short. */
    public Identity load() throws IOException, GeneralSecurityException {
        X509Certificate ca = certificate("ca.crt");
        GeneralSecurityException mismatch = new GeneralSecurityException(
                directory + "/edge.crt and edge.key do not belong together; run \"kelp reset\" and join again");
        for (String[] pair : PAIRS) {
            try {
                X509Certificate certificate = certificate(pair[0]);
                PrivateKey key = key(pair[1]);
                if (Identity.belongTogether(certificate, key)) {
                    if (pair != PAIRS[0]) {
                        install(certificate, key);
                    }
                    return new Identity(ca, certificate, key);
                }
            } catch (IOException | GeneralSecurityException e) {
                mismatch.addSuppressed(e);
            }
        }
        throw mismatch;
    }

    /** Writes all three files of a gateway that joins. */
    public void create(Identity identity) throws IOException {
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(directory, PRIVATE_DIRECTORY);
        install(identity.certificate(), identity.key());
        write("ca.crt.new", Pem.encode(identity.ca())); // last: it is what says "joined"
        rename("ca.crt.new", "ca.crt");
        syncDirectory();
    }

    /** Replaces certificate and key; the ones before are kept as {@code *.old}. */
    public void replace(X509Certificate certificate, PrivateKey key) throws IOException {
        for (String name : List.of("edge.crt", "edge.key")) {
            write(name + ".old", Files.readString(directory.resolve(name)));
        }
        install(certificate, key);
    }

    private void install(X509Certificate certificate, PrivateKey key) throws IOException {
        write("edge.key.new", Pem.encode(key));
        write("edge.crt.new", Pem.encode(certificate));
        syncDirectory();
        rename("edge.key.new", "edge.key");
        rename("edge.crt.new", "edge.crt");
        syncDirectory();
    }

    private X509Certificate certificate(String name) throws IOException, GeneralSecurityException {
        try {
            return Pem.certificate(Files.readString(directory.resolve(name)));
        } catch (GeneralSecurityException e) {
            throw new GeneralSecurityException(directory.resolve(name) + " is no certificate: " + e.getMessage(), e);
        }
    }

    private PrivateKey key(String name) throws IOException, GeneralSecurityException {
        try {
            return Pem.privateKey(Files.readString(directory.resolve(name)));
        } catch (GeneralSecurityException e) {
            throw new GeneralSecurityException(directory.resolve(name) + " is no private key: " + e.getMessage(), e);
        }
    }

    private void write(String name, String text) throws IOException {
        writeSynced(directory.resolve(name), text);
    }

    /** Writes a file that only its owner may read, and waits until it is on the disk. */
    static void writeSynced(Path file, String text) throws IOException {
        Files.deleteIfExists(file);
        try (FileChannel out = FileChannel.open(file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PosixFilePermissions.asFileAttribute(PRIVATE))) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
    }

    private void rename(String from, String to) throws IOException {
        Files.move(directory.resolve(from), directory.resolve(to), StandardCopyOption.ATOMIC_MOVE);
    }

    private void syncDirectory() throws IOException {
        try (FileChannel out = FileChannel.open(directory)) {
            out.force(true);
        }
    }

    /** Writes a file in one step: readers see the old text or the new one. */
    public static void writeAtomically(Path file, String text) throws IOException {
        Path temporary = file.resolveSibling(file.getFileName() + ".new");
        writeSynced(temporary, text);
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel out = FileChannel.open(file.getParent())) {
            out.force(true);
        }
    }
}
