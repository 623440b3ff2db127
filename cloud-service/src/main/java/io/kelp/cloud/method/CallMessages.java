package io.kelp.cloud.method;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import io.kelp.message.Message;

/** Calls on the wire, between Kelp halves only. */
final class CallMessages {

    private static final String KELP = "kelp";
    private static final String DEVICE = "device";

    private CallMessages() {}

    /** @param nowMillis Unix time */
    static Message call(MethodCall call, long nowMillis) {
        JsonObject arguments = new JsonObject();
        call.arguments().forEach(arguments::addProperty);
        JsonObject content = new JsonObject();
        content.addProperty("id", call.uid());
        content.add("arguments", arguments);
        content.addProperty("deadline", call.deadlineMillis());
        content.addProperty("timeoutMillis", call.deadlineMillis() - nowMillis);
        return Message.create(KELP, DEVICE, "call", call.resource(), content);
    }

    /** The gateway need not repeat a result any more. */
    static Message confirmed(String resource, String id) {
        JsonObject content = new JsonObject();
        content.addProperty("id", id);
        return Message.create(KELP, DEVICE, "confirmed", resource, content);
    }

    static boolean isResult(Message message) {
        return message.source().equals(KELP) && message.group().equals(DEVICE) && message.operation().equals("called");
    }

    /** The content, empty when it is no object. */
    static JsonObject content(Message message) {
        try {
            JsonElement content = message.contentAsJson();
            return content instanceof JsonObject object ? object : new JsonObject();
        } catch (JsonParseException e) {
            return new JsonObject();
        }
    }
}
