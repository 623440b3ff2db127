package io.kelp.testkit.registry;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Manifests and blobs, and the distribution specification's way to read and write them. Safe for use by several threads. */
public final class RegistryContent {

    private static final Pattern PATH = Pattern.compile("/v2/(.+)/(manifests|blobs|blobs/uploads)/([^/]*)");

    private record Manifest(String mediaType, byte[] text) {}

    private final Map<String, Manifest> manifests = new ConcurrentHashMap<>();
    private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
    private final Map<String, byte[]> uploads = new ConcurrentHashMap<>();

    /** @return digest */
    public static String digest(byte[] bytes) {
        try {
            return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** @return digest */
    public String blob(byte[] bytes) {
        blobs.put(digest(bytes), bytes);
        return digest(bytes);
    }

    /** Has something else under a digest. */
    public void lie(String digest, byte[] bytes) {
        blobs.put(digest, bytes);
    }

    public Optional<byte[]> blob(String digest) {
        return Optional.ofNullable(blobs.get(digest));
    }

    /** @return digest */
    public String manifest(String repository, String tag, String mediaType, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        manifests.put(repository + "@" + tag, new Manifest(mediaType, bytes));
        manifests.put(repository + "@" + digest(bytes), new Manifest(mediaType, bytes));
        return digest(bytes);
    }

    public Optional<String> manifest(String repository, String reference) {
        return Optional.ofNullable(manifests.get(repository + "@" + reference)).map(each -> new String(each.text, StandardCharsets.UTF_8));
    }

    public RegistryAnswer answer(RegistryRequest request) {
        Matcher match = PATH.matcher(request.path());
        if (!match.matches()) {
            return request.path().equals("/v2/") ? RegistryAnswer.json(200, "{}") : RegistryAnswer.error(404, "UNSUPPORTED", "no such address");
        }
        return switch (match.group(2)) {
            case "manifests" -> manifests(request, match.group(1), match.group(3));
            case "blobs" -> match.group(3).equals("uploads") ? uploads(request, match.group(1), "") : blob(request, match.group(3));
            default -> uploads(request, match.group(1), match.group(3));
        };
    }

    private RegistryAnswer manifests(RegistryRequest request, String repository, String reference) {
        if (request.method().equals("PUT")) {
            String digest = manifest(repository, reference, request.header("Content-Type"), new String(request.body(), StandardCharsets.UTF_8));
            return RegistryAnswer.of(201, "Location", "/v2/" + repository + "/manifests/" + digest, "Docker-Content-Digest", digest);
        }
        Manifest manifest = manifests.get(repository + "@" + reference);
        return manifest == null ? RegistryAnswer.error(404, "MANIFEST_UNKNOWN", "manifest unknown")
                : new RegistryAnswer(200, Map.of("Content-Type", manifest.mediaType, "Docker-Content-Digest", digest(manifest.text)), manifest.text);
    }

    private RegistryAnswer blob(RegistryRequest request, String digest) {
        byte[] bytes = blobs.get(digest);
        if (bytes == null) {
            return RegistryAnswer.error(404, "BLOB_UNKNOWN", "blob unknown to registry");
        }
        String range = request.header("Range");
        if (range.isEmpty()) {
            return new RegistryAnswer(200, Map.of("Content-Type", "application/octet-stream"), bytes);
        }
        int from = Integer.parseInt(range.replaceAll("bytes=([0-9]+)-", "$1"));
        return from >= bytes.length ? RegistryAnswer.of(416, "Content-Range", "bytes */" + bytes.length)
                : new RegistryAnswer(206, Map.of("Content-Range", "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length),
                        Arrays.copyOfRange(bytes, from, bytes.length));
    }

    private RegistryAnswer uploads(RegistryRequest request, String repository, String id) {
        switch (request.method()) {
            case "POST" -> {
                String mount = request.field("mount");
                if (!mount.isEmpty() && blobs.containsKey(mount)) {
                    return RegistryAnswer.of(201, "Location", "/v2/" + repository + "/blobs/" + mount);
                }
                String fresh = UUID.randomUUID().toString();
                uploads.put(fresh, new byte[0]);
                return RegistryAnswer.of(202, "Location", "/v2/" + repository + "/blobs/uploads/" + fresh + "?state=x");
            }
            case "PATCH" -> {
                byte[] before = uploads.getOrDefault(id, new byte[0]);
                if (!request.header("Content-Range").startsWith(before.length + "-")) {
                    return RegistryAnswer.error(416, "BLOB_UPLOAD_INVALID", "out of order");
                }
                uploads.put(id, joined(before, request.body()));
                return RegistryAnswer.of(202, "Location", "/v2/" + repository + "/blobs/uploads/" + id + "?state=y");
            }
            case "PUT" -> {
                byte[] all = joined(uploads.getOrDefault(id, new byte[0]), request.body());
                if (!digest(all).equals(request.field("digest"))) {
                    return RegistryAnswer.error(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
                }
                blob(all);
                return RegistryAnswer.of(201, "Location", "/v2/" + repository + "/blobs/" + digest(all));
            }
            default -> {
                return RegistryAnswer.error(405, "UNSUPPORTED", "not for uploads");
            }
        }
    }

    private static byte[] joined(byte[] one, byte[] other) {
        byte[] all = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, all, one.length, other.length);
        return all;
    }
}
