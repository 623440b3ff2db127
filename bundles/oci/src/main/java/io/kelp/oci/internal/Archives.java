package io.kelp.oci.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.oci.ImageBuild;
import io.kelp.oci.ImageReference;
import io.kelp.oci.ImageStore.StoredImage;
import io.kelp.oci.ImageStoreSettings;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Takes images from files: OCI image layouts and {@code docker save} archives (tar, also gzipped), and bare jars. */
public final class Archives {

    private static final Consumer<String> SILENT = sentence -> { };
    private static final int MAX_IMAGES = 256;
    private static final int MAX_LAYERS = 512;
    private static final int CHUNK = 64 << 10;

    private final Catalog catalog;
    private final Installer installer;
    private final ImageStoreSettings settings;
    private final ImageReference name;

    private Archives(Catalog catalog, Installer installer, ImageStoreSettings settings, ImageReference name) {
        this.catalog = catalog;
        this.installer = installer;
        this.settings = settings;
        this.name = name;
    }

    /** @param name for an archive that has none, and for a jar; may be {@code null} */
    public static List<StoredImage> load(Path file, ImageReference name, Catalog catalog, Installer installer, ImageStoreSettings settings)
            throws IOException, InterruptedException {
        Archives archives = new Archives(catalog, installer, settings, name);
        byte[] magic;
        try (InputStream in = Files.newInputStream(file)) {
            magic = in.readNBytes(2);
        }
        if (magic.length == 2 && magic[0] == 'P' && magic[1] == 'K') {
            return List.of(archives.jar(file));
        }
        if (magic.length == 2 && magic[0] == 0x1f && (magic[1] & 0xff) == 0x8b) {
            return archives.packed(file);
        }
        return archives.archive(file);
    }

    private StoredImage jar(Path file) throws IOException, InterruptedException {
        if (name == null) {
            throw new MalformedImageException("a jar has no image name; give one");
        }
        try (BuiltImage built = BuiltImage.make(ImageBuild.of(List.of(file)).asArtifact())) {
            BuiltImage.Document document = built.top();
            BlobSource source = new BlobSource() {
                @Override
                public byte[] small(Descriptor blob, int limit) throws IOException {
                    throw new MalformedImageException("an artifact has no configuration");
                }

                @Override
                public void download(Descriptor blob, Path to, Consumer<Long> progress) throws IOException {
                    try (InputStream in = Files.newInputStream(file); StorageOutput out = new StorageOutput(Files.newOutputStream(to))) {
                        in.transferTo(out);
                    }
                    if (!Sha256.of(to).equals(blob.digest())) {
                        throw new MalformedImageException(file + " changed while it was read");
                    }
                }
            };
            return install(document.digest(), document.text(), document.mediaType(), name.name() + ":" + tag(name), source);
        }
    }

    private List<StoredImage> packed(Path file) throws IOException, InterruptedException {
        Path unpacked = catalog.folder().fresh();
        long permitted = settings.maxBytes();
        try {
            try (InputStream in = new GZIPInputStream(new BufferedInputStream(Files.newInputStream(file), CHUNK), CHUNK);
                    StorageOutput out = new StorageOutput(Files.newOutputStream(unpacked))) {
                byte[] chunk = new byte[CHUNK];
                long sum = 0;
                for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                    sum += n;
                    if (sum > permitted || catalog.folder().usableBytes() < settings.reserveBytes()) {
                        throw new MalformedImageException("the archive takes more than there is room for, or more than " + permitted + " bytes, unpacked");
                    }
                    out.write(chunk, 0, n);
                }
            } catch (ZipException | EOFException e) {
                throw new MalformedImageException("the archive is damaged: " + e.getMessage(), e);
            }
            return archive(unpacked);
        } finally {
            Files.deleteIfExists(unpacked);
        }
    }

    private List<StoredImage> archive(Path file) throws IOException, InterruptedException {
        try (ArchiveFile archive = new ArchiveFile(file)) {
            Optional<byte[]> index = archive.read("index.json", Manifest.MAX_BYTES);
            Optional<byte[]> docker = archive.read("manifest.json", Manifest.MAX_BYTES);
            if (index.isPresent() && archive.read("oci-layout", 4096).isPresent()) {
                return layout(archive, index.get(), docker);
            }
            if (docker.isPresent()) {
                return docker(archive, docker.get());
            }
            throw new MalformedImageException("the archive is neither an OCI image layout (no index.json and oci-layout) nor made by docker save (no manifest.json)");
        }
    }

    private List<StoredImage> layout(ArchiveFile archive, byte[] index, Optional<byte[]> docker) throws IOException, InterruptedException {
        if (!(ManifestParser.parse(index, Manifest.OCI_INDEX) instanceof Manifest.Index parsed)) {
            throw new MalformedImageException("index.json of the archive is no index");
        }
        Map<String, List<Descriptor>> byName = new LinkedHashMap<>();
        parsed.manifests().forEach(each -> byName.computeIfAbsent(each.name(), key -> new ArrayList<>()).add(each));
        List<StoredImage> images = new ArrayList<>();
        for (Map.Entry<String, List<Descriptor>> each : byName.entrySet()) {
            // Docker's archives have the whole name only in their own list, and there only if it is a single image.
            List<String> tags = byName.size() == 1 && docker.isPresent() && !isName(each.getKey())
                    ? dockerImages(docker.get()).stream().flatMap(image -> image.tags.stream()).toList() : List.of();
            Descriptor chosen = each.getValue().size() == 1 ? each.getValue().get(0) : Platforms.choose(new Manifest.Index(each.getValue()), settings.platform());
            byte[] text = archive.small(chosen, Manifest.MAX_BYTES);
            if (ManifestParser.parse(text, chosen.mediaType()) instanceof Manifest.Index nested) {
                chosen = Platforms.choose(nested, settings.platform());
                text = archive.small(chosen, Manifest.MAX_BYTES);
            }
            for (String reference : tags.isEmpty() ? List.of(reference(each.getKey())) : tags) {
                images.add(install(chosen.digest(), text, chosen.mediaType(), canonical(reference), archive));
            }
        }
        if (images.isEmpty()) {
            throw new MalformedImageException("the archive has no image");
        }
        return images;
    }

    private List<StoredImage> docker(ArchiveFile archive, byte[] text) throws IOException, InterruptedException {
        List<StoredImage> images = new ArrayList<>();
        for (DockerImage each : dockerImages(text)) {
            JsonObject manifest = new JsonObject();
            manifest.addProperty("schemaVersion", 2);
            manifest.addProperty("mediaType", Manifest.OCI_MANIFEST);
            manifest.add("config", json(archive.describe(each.config, Manifest.OCI_CONFIG)));
            JsonArray layers = new JsonArray();
            for (String layer : each.layers) {
                layers.add(json(archive.describe(layer, "application/vnd.oci.image.layer.v1.tar")));
            }
            manifest.add("layers", layers);
            byte[] bytes = manifest.toString().getBytes(StandardCharsets.UTF_8);
            for (String reference : each.tags.isEmpty() ? List.of(reference("")) : each.tags) {
                images.add(install(Sha256.of(bytes), bytes, Manifest.OCI_MANIFEST, canonical(reference), archive));
            }
        }
        return images;
    }

    private StoredImage install(String id, byte[] text, String contentType, String reference, BlobSource source) throws IOException, InterruptedException {
        if (!(ManifestParser.parse(text, contentType) instanceof Manifest.Image image)) {
            throw new MalformedImageException("an index leads to another index");
        }
        return catalog.describe(installer.install(id, image, new Installer.Names(List.of(reference), ""), source, SILENT));
    }

    /** @param given name of the archive's, a whole one, a tag alone, or nothing */
    private String reference(String given) throws MalformedImageException {
        if (isName(given)) {
            return canonical(given);
        }
        if (name == null) {
            throw new MalformedImageException(given.isEmpty() ? "the archive does not name its image; give a name"
                    : "the archive names only the tag, " + given + "; give the whole name");
        }
        return name.name() + ":" + (given.isEmpty() || !name.tag().equals("latest") ? tag(name) : given);
    }

    private static boolean isName(String text) {
        return text.contains("/") || text.contains(":");
    }

    private static String tag(ImageReference reference) {
        return reference.tag().isEmpty() ? "latest" : reference.tag();
    }

    private static String canonical(String text) throws MalformedImageException {
        try {
            return ImageReference.parse(text).toString();
        } catch (IllegalArgumentException e) {
            throw new MalformedImageException("the archive has a name that is none: " + e.getMessage(), e);
        }
    }

    private static JsonObject json(Descriptor descriptor) {
        JsonObject json = new JsonObject();
        json.addProperty("mediaType", descriptor.mediaType());
        json.addProperty("digest", descriptor.digest());
        json.addProperty("size", descriptor.size());
        return json;
    }

    /** An entry of {@code manifest.json} of docker save. */
    private record DockerImage(String config, List<String> tags, List<String> layers) {}

    private static List<DockerImage> dockerImages(byte[] text) throws MalformedImageException {
        List<DockerImage> images = new ArrayList<>();
        // The document is a list; Json reads objects.
        byte[] wrapped = ("{\"images\":" + new String(text, StandardCharsets.UTF_8) + "}").getBytes(StandardCharsets.UTF_8);
        Json.document(wrapped, "manifest.json of the archive", (name, in) -> Json.list(in, MAX_IMAGES, element -> {
            String[] config = {""};
            List<String> tags = new ArrayList<>();
            List<String> layers = new ArrayList<>();
            Json.object(element, (field, value) -> {
                switch (field) {
                    case "Config" -> config[0] = value.nextString();
                    case "RepoTags" -> tags.addAll(Json.strings(value, MAX_IMAGES));
                    case "Layers" -> layers.addAll(Json.strings(value, MAX_LAYERS));
                    default -> value.skipValue();
                }
            });
            images.add(new DockerImage(config[0], List.copyOf(tags), List.copyOf(layers)));
        }));
        return images;
    }
}
