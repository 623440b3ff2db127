package io.kelp.oci;

import io.kelp.oci.internal.BuiltImage;
import io.kelp.oci.internal.MalformedImageException;
import io.kelp.oci.internal.Problems;
import io.kelp.oci.internal.StorageException;
import io.kelp.oci.internal.registry.RegistryUpload;
import io.kelp.oci.internal.registry.Transport;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** Makes images of jars and brings them to a registry or into a file, without a container engine. Blocks; safe for use by several threads. */
public final class ImagePusher {

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final int THREADS = 2;

    private final RegistrySettings settings;

    public ImagePusher(RegistrySettings settings) {
        this.settings = settings;
    }

    /**
     * Makes and pushes an image.
     *
     * @param mountFrom repository of the same registry that may have the layer already; empty if none is known
     * @param progress told whole sentences now and then
     * @return what it can be pulled by exactly: {@code registry/repository@sha256:…}
     * @throws ImageException when a jar is none or the registry does not take it
     */
    public String push(ImageBuild build, ImageReference target, List<RegistryCredentials> credentials, String mountFrom, Consumer<String> progress)
            throws ImageException, InterruptedException {
        if (!target.digest().isEmpty()) {
            throw new ImageException("InvalidImageName", target + " has a digest, which only the content gives; push to a tag");
        }
        ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "kelp-image-push");
            thread.setDaemon(true);
            return thread;
        });
        try (BuiltImage image = BuiltImage.make(build)) {
            RegistryUpload upload = new RegistryUpload(new Transport(settings, threads), target, credentials, FIRST_PAUSE);
            for (BuiltImage.Blob blob : image.blobs()) {
                boolean sent = upload.blob(blob, mountFrom);
                progress.accept(blob.descriptor().digest() + ": " + (sent ? "pushed, " + blob.descriptor().size() + " bytes" : "already there"));
            }
            for (BuiltImage.Document document : image.documents()) {
                upload.manifest(document, document == image.top() ? target.tag() : document.digest());
            }
            return target.name() + "@" + image.top().digest();
        } catch (IOException e) {
            throw Problems.of("push", target, e);
        } finally {
            threads.shutdown();
        }
    }

    /**
     * Makes an image and writes it as an OCI image layout in a tar archive.
     *
     * @param file made or replaced, never left half written
     * @return digest of the image
     * @throws ImageException when a jar is none or the file cannot be written
     */
    public static String save(ImageBuild build, ImageReference name, Path file) throws ImageException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try (BuiltImage image = BuiltImage.make(build)) {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(next))) {
                image.save(name.toString(), name.tag().isEmpty() ? "latest" : name.tag(), out);
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return image.top().digest();
        } catch (MalformedImageException e) {
            throw Problems.of("save", name, e);
        } catch (IOException e) {
            throw Problems.of("save", name, new StorageException(e));
        }
    }
}
