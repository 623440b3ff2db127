package io.kelp.control.internal;

import io.kelp.control.ConsoleAccess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The console's password in {@code data/console.password}, mode 0600, as
 * {@code pbkdf2-sha256:ITERATIONS:SALT:HASH} in base 64. Passwords are made here, 100 random bits
 * each, so that moderate stretching (RFC 8018) is enough on a small processor.
 */
@Component(service = {ConsoleAccess.class, PasswordFile.class})
public final class PasswordFile implements ConsoleAccess {

    private static final Logger LOG = LoggerFactory.getLogger(PasswordFile.class);
    private static final String SCHEME = "pbkdf2-sha256";
    private static final int ITERATIONS = 50_000;
    private static final int MAX_LENGTH = 128;
    private static final String ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"; // nothing that looks like another
    private static final int LETTERS = 21;
    private static final long PAUSE_MILLIS = 500;

    private final Path file;
    private final SecureRandom random = new SecureRandom();
    private final Semaphore one = new Semaphore(1); // guessing costs one processor at most, and PAUSE_MILLIS per guess
    private volatile Known known;

    /** The password that was right last, as a digest with a salt of this process, to spare the stretching. */
    private record Known(String record, byte[] salt, byte[] digest) {}

    @Activate
    public PasswordFile(BundleContext context) {
        this(FrameworkFolders.data(context).resolve("console.password"));
    }

    PasswordFile(Path file) {
        this.file = file;
    }

    boolean exists() {
        return Files.exists(file);
    }

    /** Makes a new password, which is told here and never again. */
    String renew() throws IOException {
        StringBuilder password = new StringBuilder();
        for (int i = 0; i < LETTERS; i++) {
            password.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
            if (i % 7 == 6 && i < LETTERS - 1) {
                password.append('-');
            }
        }
        byte[] salt = new byte[16];
        random.nextBytes(salt);
        Base64.Encoder base64 = Base64.getEncoder();
        String record = SCHEME + ":" + ITERATIONS + ":" + base64.encodeToString(salt) + ":"
                + base64.encodeToString(stretch(password.toString().toCharArray(), salt, ITERATIONS));
        Path made = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(made);
        Files.createFile(made, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(made, record + "\n");
        Files.move(made, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        known = null;
        return password.toString();
    }

    @Override
    public boolean allows(String user, char[] password) {
        if (!USER.equals(user) || password.length == 0 || password.length > MAX_LENGTH) {
            return false;
        }
        try {
            String record = Files.readString(file).strip();
            Known last = known;
            if (last != null && last.record.equals(record) && MessageDigest.isEqual(last.digest, digest(password, last.salt))) {
                return true;
            }
            return stretched(record, password);
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("{} is not usable, make a new password with kelp console password: {}", file, e.toString());
            return false;
        }
    }

    private boolean stretched(String record, char[] password) {
        String[] parts = record.split(":");
        if (parts.length != 4 || !parts[0].equals(SCHEME)) {
            throw new IllegalArgumentException("not of the form " + SCHEME + ":ITERATIONS:SALT:HASH");
        }
        if (!one.tryAcquire()) {
            return false;
        }
        try {
            byte[] salt = Base64.getDecoder().decode(parts[2]);
            byte[] wanted = Base64.getDecoder().decode(parts[3]);
            if (MessageDigest.isEqual(wanted, stretch(password, salt, Integer.parseInt(parts[1])))) {
                byte[] own = new byte[16];
                random.nextBytes(own);
                known = new Known(record, own, digest(password, own));
                return true;
            }
            Thread.sleep(PAUSE_MILLIS); // the pause is the point: it slows guessing
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            one.release();
        }
    }

    private static byte[] digest(char[] password, byte[] salt) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(salt);
            return sha.digest(new String(password).getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static byte[] stretch(char[] password, byte[] salt, int iterations) {
        PBEKeySpec spec = new PBEKeySpec(password, salt, iterations, 256);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has PBKDF2WithHmacSHA256", e);
        } finally {
            spec.clearPassword();
        }
    }
}
