package io.kelp.runtime.osgi;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The container that a bundle runs in. Each container has a service of its own, visible only to its bundles.
 *
 * <p>Safe for use by several threads; does not block.
 */
@ProviderType
public interface PodContext {

    String namespace();

    /** Name of the pod. */
    String pod();

    String uid();

    /** Name of the container. */
    String container();

    Map<String, String> labels();

    Map<String, String> annotations();

    /** Environment variables: the pod's, above the image's. Unmodifiable, in order. */
    Map<String, String> env();

    /** Arguments: the pod's, else the image's. */
    List<String> args();

    /**
     * Where a path of the container is on the gateway: below a mount in that volume, else in the
     * container's own folder, which lasts as long as the container.
     *
     * @param containerPath absolute, for example {@code /etc/config/key}
     * @throws IllegalArgumentException for a path that is relative or leads out
     */
    Path path(String containerPath);

    /**
     * The port to listen on for a port that the pod declares: the same where that is fixed, else a
     * free one that was chosen for this container.
     *
     * @param name name of the port, or its number as text
     * @return empty when the container declares no such port
     */
    OptionalInt port(String name);

    /** Address to listen on and to be reached at: the node's. */
    String address();

    /** Ends the container with this code; the restart policy decides what follows. */
    void exit(int code);
}
