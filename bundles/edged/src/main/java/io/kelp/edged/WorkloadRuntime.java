package io.kelp.edged;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Runs containers of one kind. Registered as a service; pods whose {@code runtimeClassName} is its
 * {@link #handler} are given to it. The division of work is that of the container runtime interface
 * (CRI): edged decides what runs, with which environment and volumes; the runtime has the images and
 * runs what it is told.
 *
 * <p>Safe for use by several threads. No method blocks; stages may complete on any thread of the
 * runtime. When the service goes, its containers have ended.
 */
@ConsumerType
public interface WorkloadRuntime {

    /** Handler of the RuntimeClass, for example {@code osgi}. */
    String handler();

    /** Name and version as {@code containerRuntimeVersion} of the Node has it, for example {@code kelp-osgi://0.1.0}. */
    String version();

    /** Memory that containers of this runtime may request together, in bytes. */
    long memoryBytes();

    /**
     * Gets an image, from a registry if it must. Several calls for one image share one download.
     *
     * @param reference as in the container's {@code image}
     * @param credentials in the order in which they are to be tried; empty for anonymous access
     * @param progress told whole sentences now and then, for people
     * @return fails with {@link WorkloadException}: {@code InvalidImageName}, {@code ErrImagePull}, {@code RegistryUnavailable}
     */
    CompletionStage<Image> pull(String reference, List<ImageCredentials> credentials, Consumer<String> progress);

    /** The image of this reference, if it is here. */
    Optional<Image> image(String reference);

    List<Image> images();

    /** Ids of images that must not be removed to make room; replaces what was said before. */
    void keepImages(Set<String> ids);

    /** Removes images that need not be kept, oldest use first, until so many bytes are freed or none is left; completes with the bytes freed. */
    CompletionStage<Long> freeImages(long bytes);

    /**
     * Starts a container. Several containers of a pod share what the runtime gives to a pod.
     *
     * @return completes when all of it has been started, which does not mean that it is ready; fails
     *     with {@link WorkloadException} and has then left nothing behind
     */
    CompletionStage<WorkloadContainer> start(ContainerSpec spec);

    /**
     * Ends a start that is in progress; its stage fails with {@code RunContainerError} once nothing is left of the
     * container. Has no effect on one that has been started.
     */
    default void cancel(String podUid, String container) {
        // A runtime that starts at once has nothing to end.
    }

    /**
     * The containers that run, also those that were started before edged itself was exchanged: edged takes
     * them over instead of starting them again.
     */
    default List<Running> running() {
        return List.of();
    }

    /**
     * How a container ended that brought the whole runtime down, as far as that could be found out
     * afterwards. Asked once for each container that ran when the gateway ended; the container is then held back.
     *
     * @return empty when the container had no part in the end of the runtime
     */
    default Optional<WorkloadContainer.Exit> lastEnd(String podUid, String container) {
        return Optional.empty();
    }

    /** Lets go of whatever the runtime still has of other pods than these (uids). */
    void retain(Set<String> podUids);

    /** A pod is gone for good: what was kept for the next start of its containers is not needed any more. */
    default void forget(String podUid) {
        // A runtime that keeps nothing has nothing to forget.
    }

    /** A container that runs, and what it was started with. */
    record Running(ContainerSpec spec, WorkloadContainer container) {}

    /**
     * One image.
     *
     * @param id digest, {@code sha256:…}, of what runs; the same for the same content
     * @param references by which it is known here, tags and digests
     * @param repoDigest reference with digest for {@code imageID} of container statuses, for example {@code host/name@sha256:…}
     * @param bytes on disk
     */
    record Image(String id, List<String> references, String repoDigest, long bytes) {
        public Image {
            references = List.copyOf(references);
        }
    }
}
