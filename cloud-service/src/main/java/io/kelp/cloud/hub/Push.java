package io.kelp.cloud.hub;

import com.google.gson.JsonObject;
import io.kelp.cloud.hub.Delivery.Change;
import io.kelp.message.Message;
import io.kelp.message.Operation;
import io.kelp.message.ResourcePath;

/**
 * One object on its way to a gateway.
 *
 * @param answer the message to send, when the gateway asked for the object; otherwise {@code null}
 */
record Push(Change change, GatewayObject object, Message answer) {

    static final String GROUP = "resource";

    /** The deletion of an object of which only the identity is known (channel specification 5.6). */
    static Push deletion(Held held) {
        GatewayObject gone = new GatewayObject("edgecontroller", held.apiVersion(), held.kind(), held.type(), held.namespace(),
                held.name(), held.uid(), "", () -> identity(held));
        return new Push(Change.DELETE, gone, null);
    }

    private static JsonObject identity(Held held) {
        JsonObject metadata = new JsonObject();
        if (!held.namespace().equals(ResourcePath.CLUSTER)) {
            metadata.addProperty("namespace", held.namespace());
        }
        metadata.addProperty("name", held.name());
        metadata.addProperty("uid", held.uid());
        JsonObject object = new JsonObject();
        object.add("metadata", metadata);
        return object;
    }

    /** What at most one push waits for: the uid, or the place of an object whose uid nobody knows. */
    String key() {
        return object.uid().isEmpty() ? object.namespace() + "/" + object.type() + "/" + object.name() : object.uid();
    }

    /** The message, with a new id unless it is an answer. */
    Message toMessage() {
        if (answer != null) {
            return answer;
        }
        String operation = switch (change) {
            case INSERT -> Operation.INSERT;
            case UPDATE -> Operation.UPDATE;
            case DELETE -> Operation.DELETE;
        };
        String resource = object.namespace() + "/" + object.type() + "/" + object.name();
        return Message.ofObject(object.source(), GROUP, operation, resource, object.resourceVersion(), object.json().get());
    }
}
