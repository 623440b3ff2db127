package io.kelp.cloud.edge;

import static io.kelp.cloud.edge.EdgeController.answer;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.kelp.cloud.hub.NodeSession;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.message.MalformedMessageException;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import io.kelp.message.Operation;
import io.kelp.message.ResourcePath;
import java.util.concurrent.CompletableFuture;

/** The Node's Lease: query, insert, update. */
final class LeaseRequests {

    private static final String NAMESPACE = "kube-node-lease";

    private final KubeApi kube;

    LeaseRequests(KubeApi kube) {
        this.kube = kube;
    }

    void handle(NodeSession session, Message message, ResourcePath path) {
        if (!path.namespace().equals(NAMESPACE)) {
            EdgeController.refuse(session, message, "leases of nodes are in namespace " + NAMESPACE);
            return;
        }
        try {
            switch (message.operation()) {
                case Operation.QUERY -> query(session, message);
                case Operation.INSERT -> write(session, message, kube.create(ApiPath.leases(NAMESPACE), lease(session, message)));
                case Operation.UPDATE -> write(session, message,
                        kube.update(ApiPath.lease(NAMESPACE, session.node()), lease(session, message)));
                default -> EdgeController.unsupported(session, message);
            }
        } catch (MalformedMessageException e) {
            EdgeController.refuse(session, message, e.getMessage());
        }
    }

    private void query(NodeSession session, Message message) {
        kube.get(ApiPath.lease(NAMESPACE, session.node())).whenComplete((lease, failure) -> {
            if (failure == null) {
                session.send(answer(message, Answers.result(lease)));
                return;
            }
            Throwable cause = Causes.of(failure);
            JsonObject refusal = Answers.isNotFound(cause)
                    ? Answers.error(Answers.notFound("lease", "coordination.k8s.io", session.node()))
                    : Answers.error(cause);
            JsonObject content = new JsonObject();
            content.add("Object", JsonNull.INSTANCE);
            content.add("Err", refusal);
            session.send(answer(message, content));
        });
    }

    private static void write(NodeSession session, Message message, CompletableFuture<JsonObject> written) {
        written.whenComplete((lease, failure) -> session.send(answer(message, failure == null
                ? Answers.typedResult(lease)
                : Answers.refusal(JsonNull.INSTANCE, Causes.of(failure)))));
    }

    private static JsonObject lease(NodeSession session, Message message) throws MalformedMessageException {
        JsonObject lease = MessageCodec.object(message).deepCopy();
        lease.addProperty("kind", "Lease");
        lease.addProperty("apiVersion", "coordination.k8s.io/v1");
        if (!Json.string(lease, "metadata", "name").equals(session.node())) {
            throw new MalformedMessageException("metadata.name must be " + session.node());
        }
        return lease;
    }
}
