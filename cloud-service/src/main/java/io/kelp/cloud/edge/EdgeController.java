package io.kelp.cloud.edge;

import io.kelp.cloud.hub.Delivery;
import io.kelp.cloud.hub.NodeSession;
import io.kelp.cloud.hub.UpstreamHandler;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.message.Message;
import io.kelp.message.Operation;
import io.kelp.message.ResourcePath;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/**
 * Answers what the kubelet part of an edge asks (channel specification, section 6.3): nodes,
 * leases, pods and what pods refer to. A gateway reaches only its own Node and Lease, the pods bound
 * to it and what these refer to.
 *
 * <p>Safe for use by several threads; nothing blocks, answers go out when the API server has answered.
 */
public final class EdgeController implements UpstreamHandler {

    private static final Set<String> TYPES = Set.of("node", "nodestatus", "nodepatch", "pod", "podstatus", "podpatch",
            "lease", "event", "configmap", "secret", "persistentvolume", "persistentvolumeclaim", "volumeattachment",
            "serviceaccounttoken");

    private final NodeRequests nodes;
    private final LeaseRequests leases;
    private final PodRequests pods;
    private final EventRequests events;
    private final ObjectQueries queries;

    /** @param nodeOfDevice the node of a Device by namespace and name; nothing when there is no such Device */
    public EdgeController(KubeApi kube, Delivery delivery, EdgeObjects objects, BiFunction<String, String, Optional<String>> nodeOfDevice,
            String cloudAddress) {
        this.nodes = new NodeRequests(kube, delivery, cloudAddress);
        this.leases = new LeaseRequests(kube);
        this.pods = new PodRequests(kube, delivery, objects);
        this.events = new EventRequests(kube, objects, nodeOfDevice);
        this.queries = new ObjectQueries(kube, delivery, objects);
    }

    @Override
    public boolean claims(Message message) {
        return !message.source().equals("twin") && !message.source().equals("metaserver")
                && ResourcePath.parse(message.resource()).filter(p -> TYPES.contains(p.type())).isPresent();
    }

    @Override
    public void handle(NodeSession session, Message message) {
        Optional<ResourcePath> path = ResourcePath.parse(message.resource());
        if (path.isEmpty()) {
            refuse(session, message, "the resource is not <namespace>/<type>/<name>");
            return;
        }
        switch (path.get().type()) {
            case "node", "nodestatus", "nodepatch" -> ownOnly(session, message, path.get(), nodes::handle);
            case "lease" -> ownOnly(session, message, path.get(), leases::handle);
            case "pod", "podstatus", "podpatch" -> pods.handle(session, message, path.get());
            case "event" -> events.handle(session, message, path.get());
            default -> queries.handle(session, message, path.get());
        }
    }

    private static void ownOnly(NodeSession session, Message message, ResourcePath path, Request request) {
        if (path.name().equals(session.node())) {
            request.handle(session, message, path);
        } else {
            refuse(session, message, "a gateway may use only its own " + path.type());
        }
    }

    /** Says no in the form that makes a stock edge try again instead of believing an empty object. */
    static void refuse(NodeSession session, Message message, String reason) {
        session.complain(message.operation() + " of " + message.resource() + " refused: " + reason);
        session.send(message.refuse("edgecontroller", reason).withSourceAndGroup("edgecontroller", "resource"));
    }

    /** The answer to a request of an edge: source and group are the cloud's, path and parent id the request's. */
    static Message answer(Message request, com.google.gson.JsonElement content) {
        return request.respond(content).withSourceAndGroup("edgecontroller", "resource");
    }

    static boolean is(Message message, String operation) {
        return operation.equals(message.operation());
    }

    static void unsupported(NodeSession session, Message message) {
        refuse(session, message, "operation " + (message.operation().isEmpty() ? "(none)" : message.operation())
                + " is not served for this type; expected one of " + Operation.INSERT + ", " + Operation.UPDATE + ", "
                + Operation.PATCH + ", " + Operation.DELETE + ", " + Operation.QUERY);
    }

    @FunctionalInterface
    private interface Request {
        void handle(NodeSession session, Message message, ResourcePath path);
    }
}
