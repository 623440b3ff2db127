package io.kelp.cloud.edge;

import static io.kelp.cloud.edge.EdgeController.answer;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.cloud.hub.Delivery;
import io.kelp.cloud.hub.NodeSession;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeApi.PatchType;
import io.kelp.message.MalformedMessageException;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import io.kelp.message.ResourcePath;

/** Status, mirror and end of pods that are bound to the gateway that asks. */
final class PodRequests {

    private final KubeApi kube;
    private final Delivery delivery;
    private final EdgeObjects objects;

    PodRequests(KubeApi kube, Delivery delivery, EdgeObjects objects) {
        this.kube = kube;
        this.delivery = delivery;
        this.objects = objects;
    }

    void handle(NodeSession session, Message message, ResourcePath path) {
        try {
            switch (path.type() + " " + message.operation()) {
                case "podpatch patch" -> patch(session, message, path);
                case "pod insert" -> mirror(session, message, path);
                case "pod delete" -> delete(session, message, path);
                case "podstatus update" -> statuses(session, message, path);
                default -> EdgeController.unsupported(session, message);
            }
        } catch (MalformedMessageException e) {
            EdgeController.refuse(session, message, e.getMessage());
        }
    }

    private void patch(NodeSession session, Message message, ResourcePath path) throws MalformedMessageException {
        if (!message.content().isJsonPrimitive()) {
            EdgeController.refuse(session, message, "the content must be the patch as a string");
            return;
        }
        PodRules.checkStatusPatch(message.content().getAsString());
        if (isForeign(session, path)) {
            EdgeController.refuse(session, message, "the pod is bound to another node");
            return;
        }
        kube.patch(ApiPath.core(path.namespace(), "pods", path.name()) + "/status", PatchType.STRATEGIC,
                message.content().getAsString()).whenComplete((pod, failure) -> {
                    if (failure == null) {
                        session.send(answer(message, Answers.typedResult(pod)).withResourceVersion(Json.resourceVersion(pod)));
                    } else {
                        session.send(answer(message, Answers.refusal(JsonNull.INSTANCE, Causes.of(failure))));
                    }
                });
    }

    private void mirror(NodeSession session, Message message, ResourcePath path) throws MalformedMessageException {
        JsonObject pod = MessageCodec.object(message).deepCopy();
        PodRules.checkMirror(pod, session.node());
        pod.addProperty("kind", "Pod");
        pod.addProperty("apiVersion", "v1");
        kube.create(ApiPath.core(path.namespace(), "pods"), pod).whenComplete((created, failure) -> {
            if (failure == null) {
                session.send(answer(message, Answers.typedResult(created)).withResourceVersion(Json.resourceVersion(created)));
            } else {
                session.send(answer(message, Answers.refusal(JsonNull.INSTANCE, Causes.of(failure))));
            }
        });
    }

    /** Content: DeleteOptions, or, from old edges, the uid as plain text. */
    private void delete(NodeSession session, Message message, ResourcePath path) throws MalformedMessageException {
        if (isForeign(session, path)) {
            EdgeController.refuse(session, message, "the pod is bound to another node");
            return;
        }
        JsonElement options = message.content();
        if (options.isJsonPrimitive()) {
            JsonObject preconditions = new JsonObject();
            preconditions.add("uid", options);
            JsonObject made = new JsonObject();
            made.addProperty("gracePeriodSeconds", 0);
            made.add("preconditions", preconditions);
            options = made;
        } else if (!options.isJsonObject()) {
            throw new MalformedMessageException("the content must be DeleteOptions or a uid");
        }
        kube.delete(ApiPath.core(path.namespace(), "pods", path.name()), options).whenComplete((gone, failure) ->
                session.send(answer(message, failure == null ? new JsonPrimitive("OK") : Answers.error(Causes.of(failure)))));
    }

    /** The deprecated status message: one {@code {"UID","Name","Status"}} or several, one answer each. */
    private void statuses(NodeSession session, Message message, ResourcePath path) throws MalformedMessageException {
        JsonElement content = message.contentAsJson();
        JsonArray all = new JsonArray();
        if (content.isJsonArray()) {
            all = content.getAsJsonArray();
        } else {
            all.add(content);
        }
        for (JsonElement each : all) {
            if (!(each instanceof JsonObject one)) {
                throw new MalformedMessageException("a pod status must be an object");
            }
            status(session, message, path, one);
        }
    }

    private void status(NodeSession session, Message message, ResourcePath path, JsonObject one) {
        String name = Json.string(one, "Name");
        String uid = Json.string(one, "UID");
        JsonObject metadata = new JsonObject();
        metadata.addProperty("uid", uid);
        JsonObject patch = new JsonObject();
        patch.add("metadata", metadata);
        patch.add("status", one.get("Status") == null ? new JsonObject() : one.get("Status"));
        if (name.isEmpty() || isForeign(session, new ResourcePath(path.namespace(), "pod", name))) {
            EdgeController.refuse(session, message, "pod \"" + name + "\" is not bound to this node");
            return;
        }
        kube.patch(ApiPath.core(path.namespace(), "pods", name) + "/status", PatchType.STRATEGIC, patch.toString())
                .whenComplete((pod, failure) -> {
                    Throwable cause = failure == null ? null : Causes.of(failure);
                    boolean gone = Answers.isNotFound(cause) || isConflict(cause);
                    session.send(answer(message, cause == null || gone ? new JsonPrimitive("OK") : Answers.error(cause)));
                    if (gone) {
                        delivery.deliver(session.node(), Delivery.Change.DELETE,
                                EdgeObjects.tombstone("v1", "Pod", "pod", path.namespace(), name, uid));
                    }
                });
    }

    private static boolean isConflict(Throwable cause) {
        return cause instanceof io.kelp.cloud.kube.KubeException refused && refused.code() == 409;
    }

    /** Whether the pod is known to run elsewhere; an unknown one is left to the API server, which knows better. */
    private boolean isForeign(NodeSession session, ResourcePath path) {
        return objects.nodeOfPod(path.namespace(), path.name()).filter(n -> !n.equals(session.node())).isPresent();
    }
}
