package io.kelp.cloud.edge;

import static io.kelp.cloud.edge.EdgeController.answer;

import com.google.gson.JsonObject;
import io.kelp.cloud.hub.Delivery;
import io.kelp.cloud.hub.NodeSession;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.message.MalformedMessageException;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import io.kelp.message.Operation;
import io.kelp.message.ResourcePath;

/** What pods refer to, asked for by name: config maps, secrets, volumes and account tokens. */
final class ObjectQueries {

    private final KubeApi kube;
    private final Delivery delivery;
    private final EdgeObjects objects;

    ObjectQueries(KubeApi kube, Delivery delivery, EdgeObjects objects) {
        this.kube = kube;
        this.delivery = delivery;
        this.objects = objects;
    }

    void handle(NodeSession session, Message message, ResourcePath path) {
        if (!EdgeController.is(message, Operation.QUERY)) {
            EdgeController.unsupported(session, message);
            return;
        }
        try {
            if (path.type().equals("serviceaccounttoken")) {
                token(session, message, path);
            } else {
                object(session, message, path);
            }
        } catch (MalformedMessageException e) {
            EdgeController.refuse(session, message, e.getMessage());
        }
    }

    private void object(NodeSession session, Message message, ResourcePath path) {
        if ((path.type().equals("configmap") || path.type().equals("secret"))
                && !objects.isReferenced(session.node(), path)) {
            if (!objects.isComplete()) { // this replica has just begun; its ignorance must not look like a refusal
                session.send(answer(message, Answers.error(Answers.status(503, "ServiceUnavailable",
                        "the cloud service does not know all pods yet; ask again", null))));
                return;
            }
            session.send(answer(message, Answers.error(Answers.status(403, "Forbidden",
                    path.type() + " \"" + path.name() + "\" is forbidden: no pod on node " + session.node() + " refers to it", null))));
            return;
        }
        kube.get(ApiPath.queried(path)).whenComplete((object, failure) -> {
            if (failure == null) {
                Message found = answer(message, object).withResourceVersion(Json.resourceVersion(object));
                delivery.answerReliably(session, found, EdgeObjects.object("edgecontroller", path.type(), path.namespace(), object));
                return;
            }
            Throwable cause = Causes.of(failure);
            session.send(answer(message, Answers.isNotFound(cause)
                    ? Answers.error(Answers.notFound(path.type(), "", path.name()))
                    : Answers.error(cause)));
        });
    }

    /** A token is given only for a pod that runs on the gateway that asks. */
    private void token(NodeSession session, Message message, ResourcePath path) throws MalformedMessageException {
        JsonObject request = MessageCodec.object(message).deepCopy();
        String pod = Json.string(request, "spec", "boundObjectRef", "name");
        String uid = Json.string(request, "spec", "boundObjectRef", "uid");
        if (!objects.runsOn(session.node(), path.namespace(), pod, uid, path.name())) {
            EdgeController.refuse(session, message, "no pod \"" + pod + "\" of account " + path.name() + " runs on this node");
            return;
        }
        request.addProperty("kind", "TokenRequest");
        request.addProperty("apiVersion", "authentication.k8s.io/v1");
        request.remove("status");
        kube.create(ApiPath.core(path.namespace(), "serviceaccounts", path.name()) + "/token", request)
                .whenComplete((token, failure) -> session.send(answer(message,
                        failure == null ? token : Answers.error(Causes.of(failure)))));
    }
}
