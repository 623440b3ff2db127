package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiResponse;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.util.Set;

/** What a pod's node would have to be asked for. There is no way to the nodes here, so that this says so in words that help. */
final class PodStreams {

    private static final Set<String> PARTS = Set.of("log", "exec", "attach", "portforward");

    private final StoredObjects objects;

    PodStreams(StoredObjects objects) {
        this.objects = objects;
    }

    static boolean isMeant(ResourceType type, Target target) {
        return type.collection().equals("/pods") && !target.namespace().isEmpty() && PARTS.contains(target.subresource());
    }

    /** The log of a pod that no node has yet is empty, as elsewhere; the rest is refused. */
    void answer(ResourceType type, Target target, ApiResponse response) throws ApiException {
        JsonObject pod = objects.get(type, target.namespace(), target.name()).orElseThrow(() -> ApiException.notFound(type.qualified(), target.name()));
        JsonObject spec = Json.object(pod, "spec");
        String node = spec == null ? "" : Json.text(spec, "nodeName");
        if (!node.isEmpty()) {
            throw new ApiException(500, "", "this API server has no connection to node \"" + node + "\" for logs, exec, attach and port-forward;"
                    + " look on the node itself", null);
        }
        if (!target.subresource().equals("log")) {
            throw ApiException.badRequest("pod " + target.name() + " does not have a host assigned");
        }
        Answers.text(response, 200, "");
    }
}
