package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiRequest;
import java.util.Map;

/**
 * How large an object may get by many writes, none of which is too large by itself: patches add to it, and so does each
 * manager that applies. Whoever reads it needs the memory.
 */
final class ObjectSize {

    /** With the managed fields, which are about as many as the values themselves. */
    private static final int MAX_VALUES = 3 * Body.MAX_VALUES;

    private int values;
    private long characters;

    private ObjectSize() {
    }

    /** @throws ApiException 413 */
    static void check(JsonObject object) throws ApiException {
        ObjectSize size = new ObjectSize();
        size.add(object);
        if (size.values > MAX_VALUES || size.characters > ApiRequest.MAX_BODY) {
            throw new ApiException(413, "RequestEntityTooLarge", "Request entity too large: the object would have "
                    + (size.values > MAX_VALUES ? "more than " + MAX_VALUES + " values" : "more than " + ApiRequest.MAX_BODY + " characters"), new JsonObject());
        }
    }

    private void add(JsonElement value) {
        values++;
        if (values > MAX_VALUES || characters > ApiRequest.MAX_BODY) {
            return;
        }
        if (value instanceof JsonObject object) {
            for (Map.Entry<String, JsonElement> member : object.entrySet()) {
                characters += member.getKey().length();
                add(member.getValue());
            }
        } else if (value instanceof JsonArray array) {
            array.forEach(this::add);
        } else if (!value.isJsonNull()) {
            characters += value.getAsString().length();
        }
    }
}
