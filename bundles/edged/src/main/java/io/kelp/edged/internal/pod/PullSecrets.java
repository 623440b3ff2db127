package io.kelp.edged.internal.pod;

import io.kelp.edged.ImageCredentials;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Finds what a pod may use to get its images. Safe for use by several threads; does not block. */
public interface PullSecrets {

    /** The credentials in the pod's {@code imagePullSecrets}, best match for the image first; a missing secret is left out, as kubelet does. */
    CompletionStage<List<ImageCredentials>> of(Pod pod, String image);
}
