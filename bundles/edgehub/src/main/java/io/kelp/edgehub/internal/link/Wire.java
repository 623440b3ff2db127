package io.kelp.edgehub.internal.link;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.edgehub.CloudMessageHandler.StoredObject;
import io.kelp.message.Message;
import io.kelp.message.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The messages that the hub itself writes, and the rules by which it answers (specification sections 2.4, 4.3, 5.4). */
final class Wire {

    /** Group, source and resource of what only Kelp halves say to each other. */
    static final String KELP = "kelp";
    static final String HELLO = "hello";
    static final String RECONNECT = "reconnect";
    /** Member of {@code hello}: whether the cloud reads several messages, a line each, from one text of the WebSocket. */
    static final String LINES = "lines";

    /** An inventory is cut into messages of this many objects. */
    static final int INVENTORY_PART = 400;

    private static final Set<String> LIBRARY_OPERATIONS = Set.of("ping", "pong", "config");

    private Wire() {}

    static Message keepAlive() {
        return Message.create("websocket", "resource", Operation.KEEPALIVE, "node", new JsonPrimitive("ping"));
    }

    static boolean isKelp(Message message) {
        return KELP.equals(message.group());
    }

    /** Whether this is one of the three operations that the transport library of stock peers answers by itself. */
    static boolean isLibraryOperation(Message message) {
        return LIBRARY_OPERATIONS.contains(message.operation());
    }

    static Message goodbye() {
        return Message.create(KELP, KELP, "goodbye", KELP, JsonNull.INSTANCE);
    }

    /** All that is stored, in as many messages as needed; the last one says that it is complete. */
    static List<Message> inventory(List<StoredObject> objects) {
        List<Message> messages = new ArrayList<>();
        int from = 0;
        do {
            int to = Math.min(objects.size(), from + INVENTORY_PART);
            JsonArray items = new JsonArray();
            objects.subList(from, to).forEach(o -> items.add(item(o)));
            JsonObject content = new JsonObject();
            content.add("items", items);
            content.addProperty("complete", to == objects.size());
            messages.add(Message.create(KELP, KELP, "inventory", KELP, content));
            from = to;
        } while (from < objects.size());
        return messages;
    }

    private static JsonObject item(StoredObject object) {
        JsonObject item = new JsonObject();
        item.addProperty("apiVersion", object.apiVersion());
        item.addProperty("type", object.type());
        item.addProperty("namespace", object.namespace());
        item.addProperty("name", object.name());
        item.addProperty("uid", object.uid());
        item.addProperty("resourceVersion", object.resourceVersion());
        return item;
    }

    /**
     * Whether every cloud answers such a request once it has made a session for the node: those of the node agent (section
     * 6.3). What concerns devices is not answered when the cloud does not know them.
     */
    static boolean isAlwaysAnswered(Message request) {
        return "edged".equals(request.source()) && "meta".equals(request.group());
    }

    /** Whether the cloud keeps a push in flight until it is acknowledged: only objects, never twins and user data. */
    static boolean wantsAcknowledgement(Message push) {
        return "resource".equals(push.group()) || "func".equals(push.group());
    }

    /**
     * The acknowledgement in the form of a stock edge. Inserts and deletes of the device controller
     * are answered with the route that the stock edge has rewritten by then; recorded in all device vectors.
     */
    static Message acknowledgement(Message push) {
        Message ack = push.acknowledge();
        boolean rewritten = "devicecontroller".equals(push.source())
                && (Operation.INSERT.equals(push.operation()) || Operation.DELETE.equals(push.operation()));
        return rewritten ? ack.withSourceAndGroup("meta", "twin") : ack;
    }

    /**
     * Whether a stock edge acknowledges this answer: everything it asked the edge controller for, but
     * the answers to patches and to the deletion of a pod (trap 28; an ack too many does no harm).
     */
    static boolean isAcknowledgedAnswer(Message answer) {
        if (!"resource".equals(answer.group()) || !Operation.RESPONSE.equals(answer.operation())
                || !"edgecontroller".equals(answer.source())) {
            return false;
        }
        String resource = answer.resource();
        boolean podDeleted = resource.contains("/pod/") && answer.content().isJsonPrimitive();
        return !podDeleted && !resource.contains("/nodepatch/") && !resource.contains("/podpatch/");
    }
}
