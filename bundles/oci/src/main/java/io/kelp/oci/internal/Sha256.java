package io.kelp.oci.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** Digests in the form {@code sha256:…}, the only one that registries use. */
public final class Sha256 {

    private static final Pattern TEXT = Pattern.compile("sha256:[0-9a-f]{64}");
    private static final int CHUNK = 64 << 10;

    private Sha256() {}

    public static MessageDigest start() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    public static String end(MessageDigest digest) {
        return "sha256:" + HexFormat.of().formatHex(digest.digest());
    }

    public static String of(byte[] bytes) {
        MessageDigest digest = start();
        digest.update(bytes);
        return end(digest);
    }

    public static String of(Path file) throws IOException {
        MessageDigest digest = start();
        update(digest, file);
        return end(digest);
    }

    /** Adds the content of a file. */
    public static void update(MessageDigest digest, Path file) throws IOException {
        byte[] chunk = new byte[CHUNK];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                digest.update(chunk, 0, n);
            }
        }
    }

    public static boolean isDigest(String text) {
        return TEXT.matcher(text).matches();
    }

    /** The hexadecimal part: a file name. */
    public static String hex(String digest) {
        if (!isDigest(digest)) {
            throw new IllegalArgumentException("no sha256 digest");
        }
        return digest.substring("sha256:".length());
    }
}
