package io.kelp.edged.internal;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import io.kelp.message.Message;
import io.kelp.message.Operation;

/**
 * An answer {@code {"Object":…,"Err":…}} of the cloud (channel specification section 6.4).
 *
 * @param object what was read or written, empty when there is none
 * @param reason the API server's reason for a failure, for example {@code NotFound}; empty on success
 * @param text the same in words
 */
public record ObjectAnswer(JsonObject object, String reason, String text) {

    public static ObjectAnswer of(Message answer) {
        JsonElement content;
        try {
            content = Operation.ERROR.equals(answer.operation()) ? answer.content() : answer.contentAsJson();
        } catch (JsonParseException e) {
            content = answer.content();
        }
        if (!content.isJsonObject()) {
            return new ObjectAnswer(new JsonObject(), "Unknown", content.toString());
        }
        JsonObject wrapper = content.getAsJsonObject();
        JsonElement object = wrapper.get("Object");
        JsonObject given = object != null && object.isJsonObject() ? object.getAsJsonObject() : new JsonObject();
        JsonElement failure = wrapper.get("Err");
        if (wrapper.has("Err") && failure.isJsonNull()) {
            return new ObjectAnswer(given, "", "");
        }
        JsonElement status = failure != null && failure.isJsonObject() ? failure.getAsJsonObject().get("ErrStatus") : wrapper.get("ErrStatus");
        if (status == null || !status.isJsonObject()) {
            return new ObjectAnswer(given, "Unknown", "the cloud gave no reason");
        }
        String reason = text(status.getAsJsonObject(), "reason");
        return new ObjectAnswer(given, reason.isEmpty() ? "Unknown" : reason, text(status.getAsJsonObject(), "message"));
    }

    public boolean ok() {
        return reason.isEmpty();
    }

    /** A text in the metadata of the object, empty when it is not there. */
    public String metadata(String member) {
        JsonElement metadata = object.get("metadata");
        return metadata != null && metadata.isJsonObject() ? text(metadata.getAsJsonObject(), member) : "";
    }

    private static String text(JsonObject json, String member) {
        JsonElement value = json.get(member);
        return value != null && value.isJsonPrimitive() ? value.getAsString() : "";
    }
}
