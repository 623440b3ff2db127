package io.kelp.oci;

import io.kelp.oci.internal.Archives;
import io.kelp.oci.internal.Catalog;
import io.kelp.oci.internal.Installer;
import io.kelp.oci.internal.MalformedImageException;
import io.kelp.oci.internal.Problems;
import io.kelp.oci.internal.Pulls;
import io.kelp.oci.internal.StoreFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * A store in a folder of its own.
 *
 * <p>Jars are kept once by their digest, whichever images have them; layers are not kept, only what they have in
 * {@code /bundles}. At most {@code parallelPulls} threads get images, named {@code kelp-images-…}; they end when there is nothing to do.
 */
public final class LocalImageStore implements ImageStore {

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

    private final ImageStoreSettings settings;
    private final Catalog catalog;
    private final Installer installer;
    private final Pulls pulls;

    /**
     * Opens a store; makes the folder if it is not there. Damaged images are not offered any more.
     *
     * @param folder nobody else's, also no other process's
     * @throws IOException when the folder cannot be read or written
     */
    public LocalImageStore(Path folder, ImageStoreSettings settings) throws IOException {
        this(folder, settings, InstantSource.system(), FIRST_PAUSE);
    }

    /** @param firstPause before the first repetition of what failed */
    LocalImageStore(Path folder, ImageStoreSettings settings, InstantSource clock, Duration firstPause) throws IOException {
        this.settings = settings;
        this.catalog = new Catalog(new StoreFolder(folder), settings, clock);
        this.installer = new Installer(catalog, settings);
        this.pulls = new Pulls(catalog, installer, settings, firstPause);
    }

    @Override
    public CompletionStage<StoredImage> pull(ImageReference reference, List<RegistryCredentials> credentials, Consumer<String> progress) {
        return pulls.pull(reference, credentials, progress);
    }

    @Override
    public Optional<StoredImage> find(ImageReference reference) {
        try {
            return catalog.find(reference);
        } catch (IOException e) {
            throw new UncheckedIOException("images cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public List<StoredImage> images() {
        return catalog.images();
    }

    @Override
    public void keep(Set<String> ids) {
        try {
            catalog.keep(ids);
        } catch (IOException e) {
            throw new UncheckedIOException("which images are in use cannot be written: " + e.getMessage(), e);
        }
    }

    @Override
    public CompletionStage<Long> free(long bytes) {
        try {
            return pulls.aside(() -> catalog.free(bytes));
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(Problems.closed());
        }
    }

    @Override
    public List<StoredImage> load(Path archive, ImageReference name) throws IOException, ImageException {
        try {
            return Archives.load(archive, name, catalog, installer, settings);
        } catch (MalformedImageException e) {
            throw new ImageException("ErrImagePull", archive.getFileName() + " cannot be loaded: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ImageException("ErrImagePull", archive.getFileName() + " was not loaded: interrupted", e);
        }
    }

    @Override
    public boolean remove(String referenceOrId) throws IOException, ImageException {
        try {
            return catalog.remove(canonical(referenceOrId));
        } catch (Catalog.InUse e) {
            throw new ImageException("ImageInUse", referenceOrId + " is in use by a pod; delete the pod first", e);
        }
    }

    private static String canonical(String referenceOrId) {
        if (referenceOrId.startsWith("sha256:")) {
            return referenceOrId;
        }
        try {
            return ImageReference.parse(referenceOrId).toString();
        } catch (IllegalArgumentException e) {
            return referenceOrId; // not to be found, then
        }
    }

    @Override
    public void close() {
        pulls.close();
    }
}
