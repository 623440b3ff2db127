package io.kelp.edged;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A container to be started.
 *
 * @param pod the pod it belongs to
 * @param name of the container, unique in the pod
 * @param attempt how often it was started before, 0 the first time
 * @param image id of an image that the runtime has
 * @param command entry point instead of the image's; empty for the image's
 * @param args arguments instead of the image's; empty for the image's
 * @param env environment, in order, complete with what the pod says; the image's own come below it
 * @param mounts volumes, as paths of the container and of the gateway
 * @param ports as the pod declares them
 * @param memoryRequest bytes, 0 when not said
 * @param memoryLimit bytes, 0 when not said
 * @param cpuLimitMillis thousandths of a processor, 0 when not said
 * @param log file for what it writes, in kubelet's format; the folder exists
 * @param terminationMessage file whose content explains its end; the folder exists
 */
public record ContainerSpec(PodRef pod, String name, int attempt, String image, List<String> command, List<String> args,
        Map<String, String> env, List<Mount> mounts, List<Port> ports, long memoryRequest, long memoryLimit,
        long cpuLimitMillis, Path log, Path terminationMessage) {

    public ContainerSpec {
        command = List.copyOf(command);
        args = List.copyOf(args);
        env = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(env));
        mounts = List.copyOf(mounts);
        ports = List.copyOf(ports);
    }

    /**
     * A pod.
     *
     * @param uid the pod's uid, or its static pod hash; safe as a file name
     * @param ip address of the pod, which is the node's
     * @param labels of the pod
     * @param annotations of the pod
     * @param folder private to the pod, exists, gone when the pod is
     */
    public record PodRef(String namespace, String name, String uid, String ip, Map<String, String> labels,
            Map<String, String> annotations, Path folder) {
        public PodRef {
            labels = Map.copyOf(labels);
            annotations = Map.copyOf(annotations);
        }

        @Override
        public String toString() {
            return namespace + "/" + name;
        }
    }

    /**
     * A volume or a part of it.
     *
     * @param containerPath {@code mountPath} of the container
     * @param hostPath file or folder of the gateway
     */
    public record Mount(String containerPath, Path hostPath, boolean readOnly) {}

    /**
     * A port the container listens on.
     *
     * @param name may be empty
     * @param number {@code containerPort}, 1 to 65535
     * @param fixed whether it must be this number ({@code hostNetwork} or {@code hostPort}); otherwise the
     *     runtime finds a free one and tells the container
     * @param protocol {@code TCP} or {@code UDP}
     */
    public record Port(String name, int number, boolean fixed, String protocol) {}
}
