package io.kelp.oci;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * The images of a gateway whose content are jars: pulled, verified, kept within bounds.
 *
 * <p>Safe for use by several threads. {@link #pull} and {@link #free} work on the store's own
 * threads; the others block on the disk at most for a moment.
 */
public interface ImageStore extends AutoCloseable {

    /**
     * Gets an image; one that is here already (same digest) is not got again. Several calls for one
     * image share one download; what a broken download left is continued.
     *
     * @param credentials tried in this order, then anonymously
     * @param progress told whole sentences now and then
     * @return fails with {@link ImageException}
     */
    CompletionStage<StoredImage> pull(ImageReference reference, List<RegistryCredentials> credentials, Consumer<String> progress);

    /** The image of this reference, if it is here whole. */
    Optional<StoredImage> find(ImageReference reference);

    List<StoredImage> images();

    /** Ids of images in use, which are never removed; replaces what was said before, and survives a restart. */
    void keep(Set<String> ids);

    /** Removes images not in use, the one used longest ago first; completes with the bytes freed. */
    CompletionStage<Long> free(long bytes);

    /**
     * Takes an image from a file: an OCI layout or a {@code docker save} archive (tar, also gzipped).
     *
     * @param name reference to give it when the archive has none; may be {@code null}
     * @throws ImageException when it is no such archive, damaged, or not for this platform
     */
    List<StoredImage> load(Path archive, ImageReference name) throws IOException, ImageException;

    /** Removes an image by reference or id; false when it is not here. @throws ImageException when it is in use */
    boolean remove(String referenceOrId) throws IOException, ImageException;

    /** Ends downloads; what has come so far is kept. */
    @Override
    void close();

    /**
     * One image.
     *
     * @param id digest {@code sha256:…} of its manifest (of the platform's, if it came through an index)
     * @param references by which it is known: {@code registry/repository:tag} and {@code registry/repository@digest}
     * @param repoDigest {@code registry/repository@sha256:…} by which it was pulled last, empty if it was loaded
     * @param bytes what it takes on disk, shared content counted in full
     * @param jars its jars in the order of their names; files of the store, not to be changed
     * @param entrypoint of the image's configuration, empty if none
     * @param cmd of the image's configuration, empty if none
     * @param env of the image's configuration, in order
     * @param labels of the image's configuration
     */
    record StoredImage(String id, List<String> references, String repoDigest, long bytes, List<Jar> jars,
            List<String> entrypoint, List<String> cmd, Map<String, String> env, Map<String, String> labels) {}

    /**
     * One jar.
     *
     * @param name file name in the image, for example {@code app.jar}
     * @param digest {@code sha256:…} of the file
     */
    record Jar(String name, String digest, Path file) {}
}
