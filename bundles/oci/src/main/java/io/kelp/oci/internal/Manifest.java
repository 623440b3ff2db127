package io.kelp.oci.internal;

import java.util.List;

/** What a reference leads to: an image, or an index of images for several platforms. */
public sealed interface Manifest {

    String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
    String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
    String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
    String OCI_CONFIG = "application/vnd.oci.image.config.v1+json";
    String DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json";
    String EMPTY = "application/vnd.oci.empty.v1+json";
    String TITLE = "org.opencontainers.image.title";
    String REF_NAME = "org.opencontainers.image.ref.name";
    String IMAGE_NAME = "io.containerd.image.name";

    /** Limit for manifests and configurations: what the distribution specification asks registries to accept. */
    int MAX_BYTES = 4 << 20;

    /** One image. */
    record Image(Descriptor config, List<Descriptor> layers) implements Manifest {

        /** Whether the configuration is that of a container image; else this is an artifact. */
        boolean container() {
            return config.mediaType().equals(OCI_CONFIG) || config.mediaType().equals(DOCKER_CONFIG);
        }
    }

    /** One image per platform. */
    record Index(List<Descriptor> manifests) implements Manifest {}
}
