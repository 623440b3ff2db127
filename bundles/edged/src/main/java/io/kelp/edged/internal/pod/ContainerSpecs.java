package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import io.kelp.edged.ContainerSpec;
import io.kelp.edged.ContainerSpec.Mount;
import io.kelp.edged.ContainerSpec.PodRef;
import io.kelp.edged.ContainerSpec.Port;
import io.kelp.edged.WorkloadException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Puts together what a runtime needs to start a container. */
final class ContainerSpecs {

    private ContainerSpecs() {}

    /** @throws WorkloadException when its mounts cannot be had */
    static ContainerSpec of(Seams seams, Pod pod, JsonObject container, int attempt, String image,
            ContainerEnvironment.Resolved resolved) throws WorkloadException {
        String name = Pod.text(container, "name");
        PodRef ref = new PodRef(pod.namespace(), pod.name(), pod.uid(), seams.address().get(), pod.labels(), pod.annotations(),
                seams.folders().of(pod.uid()));
        for (JsonObject port : Pod.objects(container, "ports")) {
            int host = HostPorts.number(port, "hostPort");
            if (host > 0 && host != HostPorts.number(port, "containerPort")) {
                throw new WorkloadException("CreateContainerConfigError", "hostPort " + host + " differs from containerPort "
                        + HostPorts.number(port, "containerPort") + "; containers here use the gateway's network, give both the same number");
            }
        }
        List<Port> ports = Pod.objects(container, "ports").stream()
                .filter(p -> HostPorts.number(p, "containerPort") > 0)
                .map(p -> new Port(Pod.text(p, "name"), HostPorts.number(p, "containerPort"), HostPorts.isFixed(pod, p),
                        Pod.text(p, "protocol").isEmpty() ? "TCP" : Pod.text(p, "protocol")))
                .toList();
        Path message = seams.folders().terminationMessage(pod, name, attempt);
        String messagePath = Pod.text(container, "terminationMessagePath");
        List<Mount> mounts = new ArrayList<>(seams.volumes().mounts(pod, container, resolved.env()));
        mounts.add(new Mount(messagePath.isEmpty() ? "/dev/termination-log" : messagePath, message, false));
        return new ContainerSpec(ref, name, attempt, image, resolved.command(), resolved.args(), resolved.env(), mounts, ports,
                PodResources.memoryRequest(container), PodResources.memoryLimit(container), PodResources.cpuLimitMillis(container),
                seams.folders().log(pod, name, attempt), message);
    }
}
