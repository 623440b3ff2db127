package io.kelp.oci;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.testkit.registry.RegistryContent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Images, layers and archives made by hand, also such as no tool makes. */
public final class TestImages {

    public static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    public static final String INDEX = "application/vnd.oci.image.index.v1+json";
    public static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    public static final String TAR = "application/vnd.oci.image.layer.v1.tar";
    public static final String GZIP = TAR + "+gzip";

    private TestImages() {}

    /** A tar archive under construction. */
    public static final class Tar {

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        public Tar file(String name, byte[] content) {
            return entry(name, '0', content, "");
        }

        public Tar folder(String name) {
            return entry(name, '5', new byte[0], "");
        }

        public Tar symlink(String name, String target) {
            return entry(name, '2', new byte[0], target);
        }

        public Tar hardlink(String name, String target) {
            return entry(name, '1', new byte[0], target);
        }

        public Tar entry(String name, char type, byte[] content, String link) {
            return entry(name, type, content, link, content.length);
        }

        public Tar entry(String name, char type, byte[] content, String link, long size) {
            byte[] header = new byte[512];
            put(header, 0, name);
            put(header, 100, "0000644");
            put(header, 108, "0000000");
            put(header, 116, "0000000");
            put(header, 124, String.format("%011o", size));
            put(header, 136, "00000000000");
            put(header, 148, "        ");
            header[156] = (byte) type;
            put(header, 157, link);
            put(header, 257, "ustar\00000");
            long sum = 0;
            for (byte b : header) {
                sum += b & 0xff;
            }
            put(header, 148, String.format("%06o\0 ", sum));
            out.writeBytes(header);
            out.writeBytes(content);
            out.writeBytes(new byte[(512 - content.length % 512) % 512]);
            return this;
        }

        public byte[] bytes() {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.writeBytes(out.toByteArray());
            all.writeBytes(new byte[1024]);
            return all.toByteArray();
        }

        private static void put(byte[] header, int at, String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            System.arraycopy(bytes, 0, header, at, bytes.length);
        }
    }

    public static byte[] jar(int bytes, long seed) {
        try {
            Path file = Files.createTempFile("test", ".jar");
            try {
                return Files.readAllBytes(Jars.make(file, bytes, seed));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** @param title empty for none */
    public record Layer(String mediaType, byte[] content, String title) {

        public static Layer gzipped(byte[] tar) {
            return new Layer(GZIP, gzip(tar), "");
        }

        public static Layer plain(byte[] tar) {
            return new Layer(TAR, tar, "");
        }
    }

    public static JsonObject descriptor(String mediaType, byte[] content) {
        JsonObject json = new JsonObject();
        json.addProperty("mediaType", mediaType);
        json.addProperty("digest", RegistryContent.digest(content));
        json.addProperty("size", content.length);
        return json;
    }

    /** Text of a manifest whose blobs are put into the content. */
    public static String manifest(RegistryContent content, String configType, String config, List<Layer> layers) {
        byte[] configBytes = config.getBytes(StandardCharsets.UTF_8);
        content.blob(configBytes);
        JsonObject json = new JsonObject();
        json.addProperty("schemaVersion", 2);
        json.addProperty("mediaType", MANIFEST);
        json.add("config", descriptor(configType, configBytes));
        JsonArray list = new JsonArray();
        for (Layer layer : layers) {
            content.blob(layer.content());
            JsonObject descriptor = descriptor(layer.mediaType(), layer.content());
            if (!layer.title().isEmpty()) {
                JsonObject annotations = new JsonObject();
                annotations.addProperty("org.opencontainers.image.title", layer.title());
                descriptor.add("annotations", annotations);
            }
            list.add(descriptor);
        }
        json.add("layers", list);
        return json.toString();
    }

    /** An ordinary image. @return digest */
    public static String put(RegistryContent content, String repository, String tag, Layer... layers) {
        return content.manifest(repository, tag, MANIFEST, manifest(content, CONFIG, "{\"architecture\":\"amd64\",\"os\":\"linux\"}", List.of(layers)));
    }

    /** An image with one jar. @return digest */
    public static String putJar(RegistryContent content, String repository, String tag, byte[] jar) {
        return put(content, repository, tag, Layer.gzipped(new Tar().folder("bundles/").file("bundles/app.jar", jar).bytes()));
    }
}
