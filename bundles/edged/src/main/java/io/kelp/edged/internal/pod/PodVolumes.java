package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import io.kelp.edged.ContainerSpec.Mount;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** Makes the volumes of pods. Safe for use by several threads; does not block. */
public interface PodVolumes {

    /**
     * Makes all volumes of a pod and keeps them up to date until {@link #unmount}; once done, further calls complete at once.
     *
     * @return fails with {@link io.kelp.edged.WorkloadException} of reason {@code FailedMount}, after which it may be called again
     */
    CompletionStage<Void> mount(Pod pod);

    /**
     * The mounts of one container of a pod whose volumes are there.
     *
     * @throws io.kelp.edged.WorkloadException {@code CreateContainerConfigError} for a mount of no volume, a path out of it …
     */
    List<Mount> mounts(Pod pod, JsonObject container) throws io.kelp.edged.WorkloadException;

    /**
     * The same for a container whose environment is known, which {@code subPathExpr} refers to.
     *
     * @throws io.kelp.edged.WorkloadException as {@link #mounts(Pod, JsonObject)}
     */
    default List<Mount> mounts(Pod pod, JsonObject container, Map<String, String> env) throws io.kelp.edged.WorkloadException {
        return mounts(pod, container);
    }

    /** The pod is gone: removes what it had, but for what is not the pod's (hostPath). */
    CompletionStage<Void> unmount(String podUid);

    /** Bytes that the pod's own volumes (emptyDir) take. */
    long bytes(String podUid);

    /** Why the pod is to be evicted because of its volumes, in kubelet's words; none when it keeps its limits. */
    default List<String> overLimit(String podUid) {
        return List.of();
    }
}
