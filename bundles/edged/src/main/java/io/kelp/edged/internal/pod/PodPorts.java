package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import java.util.Map;

/** Tells the world which ports of the gateway a pod's containers listen on. */
final class PodPorts {

    static final String ANNOTATION = "kelp.io/ports";

    private PodPorts() {}

    /** {@code {"<container>":{"<containerPort>":<number>}}} in an annotation; none while no container has ports. */
    static Map<String, String> annotations(PodView pod) {
        JsonObject all = new JsonObject();
        for (ContainerView container : pod.containers()) {
            if (!container.ports().isEmpty()) {
                JsonObject ports = new JsonObject();
                container.ports().forEach((number, real) -> ports.addProperty(number.toString(), real));
                all.add(container.name(), ports);
            }
        }
        return all.size() == 0 ? Map.of() : Map.of(ANNOTATION, all.toString());
    }
}
