package io.kelp.oci.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.oci.ImageBuild;
import io.kelp.oci.Platform;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** An image made of jars, ready to be sent or saved. */
public final class BuiltImage implements AutoCloseable {

    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";
    private static final String JAR = "application/java-archive";
    private static final String ARTIFACT = "application/vnd.kelp.bundles.v1";

    /** Content of a blob; {@code file} or {@code bytes}. */
    public record Blob(Descriptor descriptor, Path file, byte[] bytes) {

        public InputStream open() throws IOException {
            return file == null ? new ByteArrayInputStream(bytes) : Files.newInputStream(file);
        }
    }

    /** A manifest or index. */
    public record Document(String mediaType, String digest, byte[] text) {

        Document(String mediaType, JsonObject json) {
            this(mediaType, json.toString().getBytes(StandardCharsets.UTF_8));
        }

        private Document(String mediaType, byte[] text) {
            this(mediaType, Sha256.of(text), text);
        }
    }

    private final Map<String, Blob> blobs = new LinkedHashMap<>();
    private final List<Document> documents = new ArrayList<>();
    private final Path layer;

    private BuiltImage(Path layer) {
        this.layer = layer;
    }

    /** @throws MalformedImageException when a file is no jar, or two have the same name */
    public static BuiltImage make(ImageBuild build) throws IOException {
        TreeMap<String, Path> jars = new TreeMap<>();
        for (Path jar : build.jars()) {
            String name = jar.getFileName().toString();
            if (!LayerReader.isJarName(name)) {
                throw new MalformedImageException(jar + " is not named like a jar; rename it to something that ends with .jar");
            }
            if (jars.put(name, jar) != null) {
                throw new MalformedImageException("two jars are named " + name + "; rename one");
            }
            JarCheck.check(name, jar, Long.MAX_VALUE);
        }
        BuiltImage image = new BuiltImage(build.artifact() ? null : Files.createTempFile("kelp-image", ".tar"));
        try {
            if (build.artifact()) {
                image.artifact(jars);
            } else {
                image.container(jars, build);
            }
            return image;
        } catch (IOException | RuntimeException e) {
            image.close();
            throw e;
        }
    }

    private void artifact(Map<String, Path> jars) throws IOException {
        JsonObject manifest = document(Manifest.OCI_MANIFEST);
        manifest.addProperty("artifactType", ARTIFACT);
        manifest.add("config", blob(Manifest.EMPTY, "{}".getBytes(StandardCharsets.UTF_8)));
        JsonArray layers = new JsonArray();
        for (Map.Entry<String, Path> jar : jars.entrySet()) {
            Descriptor descriptor = new Descriptor(JAR, Sha256.of(jar.getValue()), Files.size(jar.getValue()));
            blobs.put(descriptor.digest(), new Blob(descriptor, jar.getValue(), null));
            JsonObject json = json(descriptor);
            JsonObject annotations = new JsonObject();
            annotations.addProperty(Manifest.TITLE, jar.getKey());
            json.add("annotations", annotations);
            layers.add(json);
        }
        manifest.add("layers", layers);
        documents.add(new Document(Manifest.OCI_MANIFEST, manifest));
    }

    private void container(Map<String, Path> jars, ImageBuild build) throws IOException {
        // Not compressed: jars are already, and what a compressor makes differs from one version to the next.
        String digest;
        try (DigestOutputStream out = new DigestOutputStream(new BufferedOutputStream(Files.newOutputStream(layer)), Sha256.start())) {
            TarWriter tar = new TarWriter(out);
            tar.folder("bundles");
            for (Map.Entry<String, Path> jar : jars.entrySet()) {
                try (InputStream in = Files.newInputStream(jar.getValue())) {
                    tar.file("bundles/" + jar.getKey(), Files.size(jar.getValue()), in);
                }
            }
            tar.end();
            digest = Sha256.end(out.getMessageDigest());
        }
        Descriptor descriptor = new Descriptor(LAYER, digest, Files.size(layer));
        blobs.put(digest, new Blob(descriptor, layer, null));
        JsonArray manifests = new JsonArray();
        for (Platform platform : build.platforms()) {
            JsonObject manifest = document(Manifest.OCI_MANIFEST);
            manifest.add("config", blob(Manifest.OCI_CONFIG, config(build, platform, digest).toString().getBytes(StandardCharsets.UTF_8)));
            JsonArray layers = new JsonArray();
            layers.add(json(descriptor));
            manifest.add("layers", layers);
            Document document = new Document(Manifest.OCI_MANIFEST, manifest);
            documents.add(document);
            JsonObject entry = json(new Descriptor(Manifest.OCI_MANIFEST, document.digest(), document.text().length));
            entry.add("platform", json(platform));
            manifests.add(entry);
        }
        if (manifests.size() > 1) {
            JsonObject index = document(Manifest.OCI_INDEX);
            index.add("manifests", manifests);
            documents.add(new Document(Manifest.OCI_INDEX, index));
        }
    }

    private static JsonObject config(ImageBuild build, Platform platform, String diffId) {
        JsonObject config = json(platform);
        JsonObject run = new JsonObject();
        addStrings(run, "Entrypoint", build.entrypoint());
        addStrings(run, "Cmd", build.cmd());
        addStrings(run, "Env", build.env().entrySet().stream().map(each -> each.getKey() + "=" + each.getValue()).toList());
        if (!build.labels().isEmpty()) {
            JsonObject labels = new JsonObject();
            build.labels().forEach(labels::addProperty);
            run.add("Labels", labels);
        }
        config.add("config", run);
        JsonObject rootfs = new JsonObject();
        rootfs.addProperty("type", "layers");
        addStrings(rootfs, "diff_ids", List.of(diffId));
        config.add("rootfs", rootfs);
        return config;
    }

    private static void addStrings(JsonObject to, String name, List<String> values) {
        if (!values.isEmpty()) {
            JsonArray array = new JsonArray();
            values.forEach(array::add);
            to.add(name, array);
        }
    }

    private static JsonObject document(String mediaType) {
        JsonObject json = new JsonObject();
        json.addProperty("schemaVersion", 2);
        json.addProperty("mediaType", mediaType);
        return json;
    }

    private JsonObject blob(String mediaType, byte[] bytes) {
        Descriptor descriptor = new Descriptor(mediaType, Sha256.of(bytes), bytes.length);
        blobs.put(descriptor.digest(), new Blob(descriptor, null, bytes));
        return json(descriptor);
    }

    private static JsonObject json(Descriptor descriptor) {
        JsonObject json = new JsonObject();
        json.addProperty("mediaType", descriptor.mediaType());
        json.addProperty("digest", descriptor.digest());
        json.addProperty("size", descriptor.size());
        return json;
    }

    private static JsonObject json(Platform platform) {
        JsonObject json = new JsonObject();
        json.addProperty("architecture", platform.architecture());
        json.addProperty("os", platform.os());
        if (!platform.variant().isEmpty()) {
            json.addProperty("variant", platform.variant());
        }
        return json;
    }

    public List<Blob> blobs() {
        return List.copyOf(blobs.values());
    }

    /** Manifests, and last what the name leads to. */
    public List<Document> documents() {
        return documents;
    }

    /** What the name leads to. */
    public Document top() {
        return documents.get(documents.size() - 1);
    }

    /** Writes an OCI image layout as a tar archive, which {@code ctr}, {@code docker}, {@code podman}, {@code skopeo} and gateways load. */
    public void save(String name, String tag, OutputStream out) throws IOException {
        TarWriter tar = new TarWriter(out);
        tar.folder("blobs");
        tar.folder("blobs/sha256");
        for (Blob blob : blobs.values()) {
            try (InputStream in = blob.open()) {
                tar.file("blobs/sha256/" + Sha256.hex(blob.descriptor().digest()), blob.descriptor().size(), in);
            }
        }
        for (Document document : documents) {
            tar.file("blobs/sha256/" + Sha256.hex(document.digest()), document.text());
        }
        JsonObject index = document(Manifest.OCI_INDEX);
        JsonObject entry = json(new Descriptor(top().mediaType(), top().digest(), top().text().length));
        JsonObject annotations = new JsonObject();
        annotations.addProperty(Manifest.IMAGE_NAME, name);
        annotations.addProperty(Manifest.REF_NAME, tag);
        entry.add("annotations", annotations);
        JsonArray manifests = new JsonArray();
        manifests.add(entry);
        index.add("manifests", manifests);
        tar.file("index.json", index.toString().getBytes(StandardCharsets.UTF_8));
        tar.file("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8));
        tar.end();
    }

    @Override
    public void close() throws IOException {
        if (layer != null) {
            Files.deleteIfExists(layer);
        }
    }
}
