package io.kelp.oci.internal;

import io.kelp.oci.ImageStoreSettings;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Makes an image of the store out of a manifest and a source of blobs. Safe for use by several threads; blocks. */
public final class Installer {

    private static final Set<String> JAR_TYPES = Set.of("application/java-archive", "application/x-java-archive", "application/jar",
            "application/vnd.osgi.bundle", "application/vnd.osgi.bundle.v1", "application/vnd.osgi.bundle.v1+jar", "application/vnd.osgi.bundle+jar");
    /** More than what a deflated text shrinks by is made to harm. */
    private static final long MAX_RATIO = 200;
    private static final long FREE_RATIO = 16 << 20;
    private static final int CHUNK = 64 << 10;

    /** Under which names an image is known. @param repoDigest may be empty */
    public record Names(List<String> references, String repoDigest) {}

    private final Catalog catalog;
    private final ImageStoreSettings settings;
    private final Map<String, CountDownLatch> blobs = new ConcurrentHashMap<>();

    public Installer(Catalog catalog, ImageStoreSettings settings) {
        this.catalog = catalog;
        this.settings = settings;
    }

    /**
     * Installs an image, or gives one that is here new names.
     *
     * @param id digest of the manifest
     * @param progress told whole sentences
     */
    Index.Image install(String id, Manifest.Image manifest, Names names, BlobSource source, Consumer<String> progress)
            throws IOException, InterruptedException {
        Optional<Index.Image> here = catalog.byId(id);
        if (here.isPresent()) {
            Index.Image known = here.get();
            return catalog.add(known.named(names.references(), names.repoDigest()), Map.of());
        }
        Set<String> session = new HashSet<>();
        try {
            return new Installation(manifest, source, progress, session).run(id, names);
        } finally {
            catalog.unpin(session);
        }
    }

    /** One image. */
    private final class Installation implements LayerReader.Jars {

        private final Manifest.Image manifest;
        private final BlobSource source;
        private final Consumer<String> progress;
        private final Set<String> session;
        private long unpackedBytes;

        Installation(Manifest.Image manifest, BlobSource source, Consumer<String> progress, Set<String> session) {
            this.manifest = manifest;
            this.source = source;
            this.progress = progress;
            this.session = session;
        }

        Index.Image run(String id, Names names) throws IOException, InterruptedException {
            List<Descriptor> wanted = new ArrayList<>();
            long packed = 0;
            for (Descriptor layer : manifest.layers()) {
                if (isJar(layer) || isArchive(layer)) {
                    wanted.add(layer);
                    packed += layer.size();
                    if (packed > settings.maxImageBytes() || packed < 0) {
                        throw new MalformedImageException("the image has more than the " + settings.maxImageBytes() + " bytes permitted");
                    }
                }
            }
            ImageConfig config = manifest.container() ? ImageConfig.parse(source.small(manifest.config(), Manifest.MAX_BYTES)) : ImageConfig.NONE;
            BundlesFolder folder = new BundlesFolder();
            Map<String, List<LayerEntry>> layers = new HashMap<>();
            SortedMap<String, String> jars = new TreeMap<>();
            for (Descriptor layer : wanted) {
                if (isJar(layer)) {
                    if (jars.put(jarName(layer), layer.digest()) != null) {
                        throw new MalformedImageException("the image has two jars named " + jarName(layer));
                    }
                    exclusively(layer.digest(), () -> jar(layer));
                } else {
                    String diffId = config.diffIds().size() == manifest.layers().size() ? config.diffIds().get(manifest.layers().indexOf(layer)) : "";
                    List<LayerEntry> entries = exclusively(layer.digest(), () -> archive(layer, diffId));
                    layers.put(layer.digest(), entries);
                    folder.add(entries);
                }
            }
            for (Map.Entry<String, String> each : folder.jars().entrySet()) {
                if (jars.put(each.getKey(), each.getValue()) != null) {
                    throw new MalformedImageException("the image has two jars named " + each.getKey());
                }
            }
            if (jars.isEmpty()) {
                throw new MalformedImageException("the image has no jar: neither /bundles/*.jar in a layer nor a layer that is one; "
                        + "build it with COPY app.jar /bundles/, or with \"kelp-cloud image push\"");
            }
            return catalog.add(new Index.Image(id, names.references(), names.repoDigest(), jars, List.copyOf(layers.keySet()),
                    config.entrypoint(), config.cmd(), config.env(), config.labels(), 0, 0), layers);
        }

        private boolean isJar(Descriptor layer) {
            return JAR_TYPES.contains(layer.mediaType()) || layer.title().endsWith(".jar");
        }

        private boolean isArchive(Descriptor layer) throws MalformedImageException {
            String type = layer.mediaType();
            if (type.endsWith("zstd")) {
                throw new MalformedImageException("a layer is packed with zstd, which gateways do not unpack; build the image with gzip layers "
                        + "(buildx: --output type=image,compression=gzip,force-compression=true)");
            }
            if (type.endsWith(".tar") || type.endsWith(".tar+gzip") || type.endsWith(".tar.gzip") || type.endsWith("/x-tar") || type.endsWith("/gzip")) {
                return true;
            }
            if (manifest.container()) {
                throw new MalformedImageException("a layer is \"" + type + "\", which is neither a tar archive nor a jar");
            }
            return false; // an artifact may carry a licence or a readme
        }

        private String jarName(Descriptor layer) throws MalformedImageException {
            if (layer.title().isEmpty()) {
                return Sha256.hex(layer.digest()).substring(0, 12) + ".jar";
            }
            String name = layer.title().substring(layer.title().lastIndexOf('/') + 1);
            if (layer.title().contains("..") || layer.title().startsWith("/") || !LayerReader.isJarName(name)) {
                throw new MalformedImageException("a layer is titled \"" + layer.title().replaceAll("\\p{Cntrl}", "?") + "\", which is no name of a jar");
            }
            return name;
        }

        private Void jar(Descriptor layer) throws IOException, InterruptedException {
            if (!catalog.jar(layer.digest(), session)) {
                Path file = catalog.startDownload(layer);
                try {
                    download(layer, file);
                    JarCheck.check(jarName(layer), file, FREE_RATIO + MAX_RATIO * layer.size());
                    catalog.keepJar(file, layer.digest(), session);
                } catch (MalformedImageException e) {
                    Files.deleteIfExists(file);
                    throw e;
                } finally {
                    catalog.space().endDownload(layer.digest());
                }
            }
            return null;
        }

        private List<LayerEntry> archive(Descriptor layer, String diffId) throws IOException, InterruptedException {
            Optional<List<LayerEntry>> known = catalog.layer(layer.digest(), session);
            if (known.isPresent()) {
                return known.get();
            }
            Path file = catalog.startDownload(layer);
            try {
                download(layer, file);
                try (InputStream packed = new BufferedInputStream(Files.newInputStream(file), CHUNK)) {
                    List<LayerEntry> entries = unpack(packed, layer, diffId);
                    catalog.unpacked(layer.digest(), entries);
                    Files.deleteIfExists(file);
                    return entries;
                }
            } catch (MalformedImageException e) {
                Files.deleteIfExists(file);
                throw e;
            } finally {
                catalog.space().endDownload(layer.digest());
            }
        }

        private List<LayerEntry> unpack(InputStream packed, Descriptor layer, String diffId) throws IOException {
            packed.mark(4);
            byte[] magic = packed.readNBytes(4);
            packed.reset();
            if (magic.length == 4 && magic[0] == 0x28 && (magic[1] & 0xff) == 0xb5 && magic[2] == 0x2f && (magic[3] & 0xff) == 0xfd) {
                throw new MalformedImageException("a layer is packed with zstd, which gateways do not unpack; build the image with gzip layers");
            }
            boolean gzip = magic.length >= 2 && magic[0] == 0x1f && (magic[1] & 0xff) == 0x8b;
            long permitted = Math.min(settings.maxImageBytes() - unpackedBytes, FREE_RATIO + MAX_RATIO * layer.size());
            try {
                BoundedStream bounded = new BoundedStream(gzip ? new GZIPInputStream(packed, CHUNK) : packed, permitted);
                DigestInputStream unpacked = new DigestInputStream(bounded, Sha256.start());
                List<LayerEntry> entries = LayerReader.read(unpacked, this);
                unpacked.transferTo(java.io.OutputStream.nullOutputStream());
                unpackedBytes += bounded.count();
                if (!diffId.isEmpty() && !Sha256.end(unpacked.getMessageDigest()).equals(diffId)) {
                    throw new MalformedImageException("layer " + layer.digest() + " is not the one that the image's configuration means");
                }
                return entries;
            } catch (ZipException | java.io.EOFException e) {
                throw new MalformedImageException("layer " + layer.digest() + " is damaged: " + e.getMessage(), e);
            }
        }

        @Override
        public String keep(String name, long size, InputStream content) throws IOException {
            if (size > settings.maxImageBytes()) {
                throw new MalformedImageException("bundles/" + name + " has " + size + " bytes, permitted are " + settings.maxImageBytes());
            }
            catalog.claim(size);
            Path file = null;
            try {
                file = catalog.folder().fresh();
                DigestInputStream in = new DigestInputStream(content, Sha256.start());
                try (var out = new StorageOutput(Files.newOutputStream(file))) {
                    in.transferTo(out);
                }
                JarCheck.check("bundles/" + name, file, FREE_RATIO + MAX_RATIO * size);
                String digest = Sha256.end(in.getMessageDigest());
                if (!catalog.jar(digest, session)) {
                    catalog.keepJar(file, digest, session);
                }
                return digest;
            } finally {
                catalog.space().release(size);
                if (file != null) {
                    Files.deleteIfExists(file);
                }
            }
        }

        private void download(Descriptor blob, Path file) throws IOException, InterruptedException {
            source.download(blob, file, bytes -> progress.accept(
                    String.format("%s: %.1f of %.1f MiB", blob.digest().substring(0, 19), bytes / 1048576.0, blob.size() / 1048576.0)));
        }
    }

    /** Work on one blob. */
    private interface Work<T> {
        T run() throws IOException, InterruptedException;
    }

    /** Only one at a time works on a blob; who waited finds it done, or does it with credentials of its own. */
    private <T> T exclusively(String digest, Work<T> work) throws IOException, InterruptedException {
        CountDownLatch mine = new CountDownLatch(1);
        for (CountDownLatch other = blobs.putIfAbsent(digest, mine); other != null; other = blobs.putIfAbsent(digest, mine)) {
            other.await(); // its owner is at work, with a deadline of its own
        }
        try {
            return work.run();
        } finally {
            blobs.remove(digest);
            mine.countDown();
        }
    }
}
