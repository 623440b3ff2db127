package io.kelp.cloud.edge;

import com.google.gson.JsonObject;
import io.kelp.cloud.hub.NodeSession;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeApi.PatchType;
import io.kelp.message.MalformedMessageException;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import io.kelp.message.Operation;
import io.kelp.message.ResourcePath;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Events of an edge; they are never answered. */
final class EventRequests {

    private static final Logger LOG = LoggerFactory.getLogger(EventRequests.class);

    private final KubeApi kube;

    EventRequests(KubeApi kube) {
        this.kube = kube;
    }

    void handle(NodeSession session, Message message, ResourcePath path) {
        try {
            JsonObject content = MessageCodec.object(message);
            write(message, path, content).exceptionally(failure -> {
                LOG.debug("Node {}: event {} not written: {}", session.node(), path, Causes.of(failure).getMessage());
                return null;
            });
        } catch (MalformedMessageException e) {
            session.complain("event " + path + " is malformed: " + e.getMessage());
        }
    }

    private CompletableFuture<JsonObject> write(Message message, ResourcePath path, JsonObject content)
            throws MalformedMessageException {
        return switch (message.operation()) {
            case Operation.INSERT -> kube.create(ApiPath.core(path.namespace(), "events"), typed(content));
            case Operation.UPDATE -> kube.update(ApiPath.core(path.namespace(), "events", path.name()), typed(content));
            case Operation.PATCH -> kube.patch(ApiPath.core(path.namespace(), "events", path.name()), PatchType.STRATEGIC,
                    Json.string(content, "patchData"));
            default -> throw new MalformedMessageException("operation " + message.operation() + " is not one of events");
        };
    }

    private static JsonObject typed(JsonObject event) {
        JsonObject copy = event.deepCopy();
        copy.addProperty("kind", "Event");
        copy.addProperty("apiVersion", "v1");
        return copy;
    }
}
