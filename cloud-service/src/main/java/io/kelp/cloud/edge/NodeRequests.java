package io.kelp.cloud.edge;

import static io.kelp.cloud.edge.EdgeController.answer;

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
import io.kelp.message.Operation;
import io.kelp.message.ResourcePath;

/** Registration and status of the Node (operations specification, section 1.3). */
final class NodeRequests {

    private final KubeApi kube;
    private final Delivery delivery;
    private final String cloudAddress;

    NodeRequests(KubeApi kube, Delivery delivery, String cloudAddress) {
        this.kube = kube;
        this.delivery = delivery;
        this.cloudAddress = cloudAddress;
    }

    void handle(NodeSession session, Message message, ResourcePath path) {
        try {
            switch (path.type() + " " + message.operation()) {
                case "node insert" -> register(session, message);
                case "node query" -> query(session, message);
                case "node update" -> updateLabels(session, message);
                case "nodepatch patch" -> patchStatus(session, message);
                case "nodestatus insert", "nodestatus update" -> replaceStatus(session, message);
                default -> EdgeController.unsupported(session, message);
            }
        } catch (MalformedMessageException e) {
            EdgeController.refuse(session, message, e.getMessage());
        }
    }

    private void register(NodeSession session, Message message) throws MalformedMessageException {
        JsonObject node = MessageCodec.object(message).deepCopy();
        node.addProperty("kind", "Node");
        node.addProperty("apiVersion", "v1");
        JsonObject metadata = child(node, "metadata");
        metadata.addProperty("name", session.node());
        child(metadata, "labels").addProperty("node-role.kubernetes.io/edge", "");
        child(metadata, "annotations").addProperty("cloudcore", cloudAddress);
        if (!delivery.replica().isEmpty()) {
            child(metadata, "annotations").addProperty("kelp.io/cloud-replica", delivery.replica());
        }
        kube.create(ApiPath.NODES, node).whenComplete((created, failure) -> {
            if (failure == null) {
                session.send(answer(message, Answers.typedResult(created)));
                return;
            }
            Throwable cause = Causes.of(failure);
            session.send(answer(message, Answers.refusal(emptyNode(metadata), cause)));
            if (cause instanceof io.kelp.cloud.kube.KubeException refused && refused.reason().equals("AlreadyExists")) {
                pushExisting(session);
            }
        });
    }

    /** An edge that lost its database reads the Node only from a push (trap 44), so one follows the refusal. */
    private void pushExisting(NodeSession session) {
        kube.get(ApiPath.node(session.node())).thenAccept(node ->
                delivery.redeliver(session.node(), EdgeObjects.object("edgecontroller", "node", "", node)));
    }

    /** What the stock cloud puts beside an error: the zero value of its type with the labels of the request. */
    private static JsonObject emptyNode(JsonObject requested) {
        JsonObject metadata = new JsonObject();
        metadata.add("creationTimestamp", JsonNull.INSTANCE);
        metadata.add("labels", child(requested, "labels").deepCopy());
        JsonObject endpoint = new JsonObject();
        endpoint.addProperty("Port", 0);
        JsonObject endpoints = new JsonObject();
        endpoints.add("kubeletEndpoint", endpoint);
        JsonObject info = new JsonObject();
        for (String name : new String[] {"machineID", "systemUUID", "bootID", "kernelVersion", "osImage",
            "containerRuntimeVersion", "kubeletVersion", "kubeProxyVersion", "operatingSystem", "architecture"}) {
            info.addProperty(name, "");
        }
        JsonObject status = new JsonObject();
        status.add("daemonEndpoints", endpoints);
        status.add("nodeInfo", info);
        JsonObject node = new JsonObject();
        node.add("metadata", metadata);
        node.add("spec", new JsonObject());
        node.add("status", status);
        return node;
    }

    private void query(NodeSession session, Message message) {
        kube.get(ApiPath.node(session.node())).whenComplete((node, failure) ->
                session.send(answer(message, failure == null ? node : Answers.error(Causes.of(failure)))));
    }

    private void patchStatus(NodeSession session, Message message) {
        if (!message.content().isJsonPrimitive()) {
            EdgeController.refuse(session, message, "the content must be the patch as a string");
            return;
        }
        kube.patch(ApiPath.node(session.node()) + "/status", PatchType.STRATEGIC, message.content().getAsString())
                .whenComplete((node, failure) -> {
                    if (failure == null) {
                        session.send(answer(message, Answers.typedResult(node)).withResourceVersion(Json.resourceVersion(node)));
                    } else {
                        session.send(answer(message, Answers.refusal(JsonNull.INSTANCE, Causes.of(failure))));
                    }
                });
    }

    /** The way of edges before the kubelet bridge: labels and annotations only. */
    private void updateLabels(NodeSession session, Message message) throws MalformedMessageException {
        JsonObject sent = child(MessageCodec.object(message), "metadata");
        JsonObject metadata = new JsonObject();
        for (String member : new String[] {"labels", "annotations"}) {
            if (sent.get(member) instanceof JsonObject map) {
                metadata.add(member, map);
            }
        }
        JsonObject patch = new JsonObject();
        patch.add("metadata", metadata);
        acknowledgePatch(session, message, ApiPath.node(session.node()), patch);
    }

    /** The deprecated status message; its content is a Node or {@code {"Status":…}}. */
    private void replaceStatus(NodeSession session, Message message) throws MalformedMessageException {
        JsonObject content = MessageCodec.object(message);
        JsonElement status = content.has("Status") ? content.get("Status") : content.get("status");
        JsonObject patch = new JsonObject();
        patch.add("status", status == null ? new JsonObject() : status);
        acknowledgePatch(session, message.withResource(message.resource().replace("/nodestatus/", "/node/")),
                ApiPath.node(session.node()) + "/status", patch);
    }

    private void acknowledgePatch(NodeSession session, Message message, String path, JsonObject patch) {
        kube.patch(path, PatchType.STRATEGIC, patch.toString()).whenComplete((node, failure) -> {
            if (failure == null) {
                session.send(answer(message, new JsonPrimitive("OK")).withResourceVersion(Json.resourceVersion(node)));
            } else {
                session.send(answer(message, new JsonPrimitive(String.valueOf(Causes.of(failure).getMessage()))));
            }
        });
    }

    private static JsonObject child(JsonObject parent, String name) {
        if (parent.get(name) instanceof JsonObject present) {
            return present;
        }
        JsonObject made = new JsonObject();
        parent.add(name, made);
        return made;
    }
}
