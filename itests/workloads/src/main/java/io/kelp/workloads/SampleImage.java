package io.kelp.workloads;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** An image as any builder makes it of {@code FROM scratch}, {@code COPY *.jar /bundles/}; written by hand, as a second opinion. */
public final class SampleImage {

    private static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
    private static final String CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";

    private final byte[] layer;
    private final byte[] config;
    private final byte[] manifest;

    public SampleImage(Path... jars) {
        this(0, jars);
    }

    /** @param padding bytes in a file beside the jars that cannot be compressed, so that its download takes a while */
    public SampleImage(int padding, Path... jars) {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try {
            entry(tar, "bundles/", new byte[0], '5');
            for (Path jar : jars) {
                entry(tar, "bundles/" + jar.getFileName(), Files.readAllBytes(jar), '0');
            }
            if (padding > 0) {
                byte[] noise = new byte[padding];
                new Random(padding).nextBytes(noise);
                entry(tar, "noise", noise, '0');
            }
            tar.write(new byte[1024]);
            try (GZIPOutputStream out = new GZIPOutputStream(zipped)) {
                out.write(tar.toByteArray());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        layer = zipped.toByteArray();
        config = """
                {"architecture":"amd64","os":"linux","config":{"Env":["FROM_IMAGE=yes"]},"rootfs":{"type":"layers","diff_ids":["%s"]}}"""
                .formatted(digest(tar.toByteArray())).getBytes(StandardCharsets.UTF_8);
        JsonObject json = new JsonObject();
        json.addProperty("schemaVersion", 2);
        json.addProperty("mediaType", MANIFEST_TYPE);
        json.add("config", descriptor(CONFIG_TYPE, config));
        JsonArray layers = new JsonArray();
        layers.add(descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer));
        json.add("layers", layers);
        manifest = json.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Digest of the manifest. */
    public String id() {
        return digest(manifest);
    }

    /** Writes it as an OCI layout in a tar file. @param reference its name, for example {@code example.com/app:1} */
    public void save(Path file, String reference) {
        JsonObject named = descriptor(MANIFEST_TYPE, manifest);
        JsonObject annotations = new JsonObject();
        annotations.addProperty("io.containerd.image.name", reference);
        annotations.addProperty("org.opencontainers.image.ref.name", reference);
        named.add("annotations", annotations);
        JsonArray manifests = new JsonArray();
        manifests.add(named);
        JsonObject index = new JsonObject();
        index.addProperty("schemaVersion", 2);
        index.add("manifests", manifests);
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        try {
            entry(tar, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8), '0');
            entry(tar, "index.json", index.toString().getBytes(StandardCharsets.UTF_8), '0');
            for (byte[] blob : new byte[][] {manifest, config, layer}) {
                entry(tar, "blobs/sha256/" + digest(blob).substring(7), blob, '0');
            }
            tar.write(new byte[1024]);
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.write(file, tar.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Pushes it over plain HTTP to a registry that lets everybody push.
     *
     * @param registry host and port
     * @return the reference by tag
     */
    public String push(String registry, String repository, String tag) {
        String base = "http://" + registry + "/v2/" + repository;
        try {
            HttpClient http = HttpClient.newHttpClient();
            for (byte[] blob : new byte[][] {config, layer}) {
                HttpResponse<String> begun = http.send(HttpRequest.newBuilder(URI.create(base + "/blobs/uploads/")).POST(BodyPublishers.noBody()).build(), BodyHandlers.ofString());
                URI upload = URI.create(base).resolve(begun.headers().firstValue("Location").orElseThrow(() -> new IOException("no Location: " + begun.body())));
                String query = (upload.getRawQuery() == null ? "?" : "&") + "digest=" + digest(blob);
                put(http, URI.create(upload + query), "application/octet-stream", blob);
            }
            put(http, URI.create(base + "/manifests/" + tag), MANIFEST_TYPE, manifest);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return registry + "/" + repository + ":" + tag;
    }

    private static void put(HttpClient http, URI to, String type, byte[] content) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(HttpRequest.newBuilder(to).header("Content-Type", type).PUT(BodyPublishers.ofByteArray(content)).build(), BodyHandlers.ofString());
        if (answer.statusCode() != 201) {
            throw new IOException("PUT " + to + ": " + answer.statusCode() + " " + answer.body());
        }
    }

    private static JsonObject descriptor(String type, byte[] content) {
        JsonObject json = new JsonObject();
        json.addProperty("mediaType", type);
        json.addProperty("digest", digest(content));
        json.addProperty("size", content.length);
        return json;
    }

    private static String digest(byte[] content) {
        try {
            return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** One entry in the format of POSIX.1-1988 (ustar). */
    private static void entry(ByteArrayOutputStream tar, String name, byte[] content, char type) throws IOException {
        byte[] header = new byte[512];
        put(header, 0, name);
        put(header, 100, type == '5' ? "0000755" : "0000644");
        put(header, 108, "0000000");
        put(header, 116, "0000000");
        put(header, 124, String.format("%011o", content.length));
        put(header, 136, "00000000000");
        put(header, 148, "        ");
        header[156] = (byte) type;
        put(header, 257, "ustar\00000");
        int sum = 0;
        for (byte each : header) {
            sum += each & 0xff;
        }
        put(header, 148, String.format("%06o\0 ", sum));
        tar.write(header);
        tar.write(content);
        tar.write(new byte[(512 - content.length % 512) % 512]);
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }
}
