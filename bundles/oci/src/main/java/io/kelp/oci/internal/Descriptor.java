package io.kelp.oci.internal;

import io.kelp.oci.Platform;

/**
 * Names content by what it is (OCI image specification, descriptor).
 *
 * @param mediaType may be empty
 * @param digest {@code sha256:…}
 * @param size in bytes, as its manifest says
 * @param title annotation {@code org.opencontainers.image.title}, empty if there is none
 * @param name annotation {@code io.containerd.image.name} or {@code org.opencontainers.image.ref.name}, empty if there is none
 * @param platform {@code null} if none is given
 * @param attestation whether it is a statement about an image (BuildKit) rather than one
 */
public record Descriptor(String mediaType, String digest, long size, String title, String name, Platform platform, boolean attestation) {

    public Descriptor(String mediaType, String digest, long size) {
        this(mediaType, digest, size, "", "", null, false);
    }
}
