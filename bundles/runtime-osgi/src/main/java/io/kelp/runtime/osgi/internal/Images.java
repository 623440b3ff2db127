package io.kelp.runtime.osgi.internal;

import io.kelp.edged.ImageCredentials;
import io.kelp.edged.WorkloadException;
import io.kelp.edged.WorkloadRuntime.Image;
import io.kelp.oci.ImageException;
import io.kelp.oci.ImageReference;
import io.kelp.oci.ImageStore;
import io.kelp.oci.ImageStore.StoredImage;
import io.kelp.oci.ImageStoreSettings;
import io.kelp.oci.RegistryCredentials;
import io.kelp.oci.RegistrySettings;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.net.URI;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The image store in the terms of {@link io.kelp.edged.WorkloadRuntime}. Safe for use by several threads. */
final class Images {

    private static final Logger LOG = LoggerFactory.getLogger(Images.class);
    private static final long MIB = 1 << 20;

    private final ImageStore store;

    Images(ImageStore store) {
        this.store = store;
    }

    ImageStore store() {
        return store;
    }

    /** @throws IllegalArgumentException when the proxy is no URI */
    static ImageStoreSettings settings(OsgiRuntimeConfig config) {
        RegistrySettings registries = RegistrySettings.defaults().withPlainHttp(Set.of(config.plainHttpRegistries()))
                .withAuthorities(config.caFile().isBlank() ? null : Path.of(config.caFile().strip()));
        if (!config.proxy().isBlank()) {
            registries = registries.withProxy(URI.create(config.proxy().strip()), List.of(config.noProxy()));
        }
        ImageStoreSettings defaults = ImageStoreSettings.defaults();
        return new ImageStoreSettings(config.imagesMebibytes() * MIB, config.reserveMebibytes() * MIB, config.imageMebibytes() * MIB,
                defaults.minAge(), Duration.ofDays(config.unusedDays()), config.parallelPulls(), defaults.platform(), registries);
    }

    CompletionStage<Image> pull(String text, List<ImageCredentials> credentials, Consumer<String> progress) {
        ImageReference reference;
        try {
            reference = ImageReference.parse(text);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(new WorkloadException("InvalidImageName", e.getMessage(), e));
        }
        List<RegistryCredentials> known = credentials.stream()
                .map(c -> new RegistryCredentials(c.registry(), c.username(), c.password(), c.identityToken())).toList();
        CompletableFuture<Image> pulled = new CompletableFuture<>();
        store.pull(reference, known, progress).whenComplete((image, failure) -> {
            if (failure == null) {
                pulled.complete(image(image));
            } else {
                Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
                pulled.completeExceptionally(cause instanceof ImageException e ? new WorkloadException(e.reason(), e.getMessage(), e)
                        : new WorkloadException("ErrImagePull", "image " + reference + " cannot be pulled: " + cause, cause));
            }
        });
        return pulled;
    }

    Optional<Image> find(String text) {
        try {
            return store.find(ImageReference.parse(text)).map(Images::image);
        } catch (IllegalArgumentException e) {
            LOG.debug("No image can be called that: {}", e.getMessage());
            return Optional.empty();
        }
    }

    List<Image> all() {
        return store.images().stream().map(Images::image).toList();
    }

    Optional<StoredImage> byId(String id) {
        return store.images().stream().filter(i -> i.id().equals(id)).findFirst();
    }

    private static Image image(StoredImage image) {
        return new Image(image.id(), image.references(), image.repoDigest().isEmpty() ? image.id() : image.repoDigest(), image.bytes());
    }

    /**
     * Loads the archives of a folder, in the order of their names; one that cannot be loaded is left
     * out with a warning.
     */
    void loadAll(Path folder) {
        for (Path archive : archives(folder)) {
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
            try {
                List<StoredImage> loaded = store.load(archive, null);
                LOG.info("Loaded {} from {}", loaded.stream().flatMap(i -> i.references().stream()).toList(), archive);
            } catch (ClosedByInterruptException e) {
                return; // the runtime is being stopped
            } catch (ImageException | IOException e) {
                LOG.warn("Images of {} are not loaded: {}", archive, e.getMessage());
            }
        }
    }

    private static List<Path> archives(Path folder) {
        Set<Path> found = new TreeSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "[!.]*.{tar,tar.gz,tgz}")) {
            files.forEach(found::add);
        } catch (NoSuchFileException e) {
            LOG.debug("There is no folder {} with images", folder);
        } catch (IOException | DirectoryIteratorException e) {
            LOG.warn("Folder {} with images cannot be read: {}", folder, e.getMessage());
        }
        return new ArrayList<>(found);
    }
}
