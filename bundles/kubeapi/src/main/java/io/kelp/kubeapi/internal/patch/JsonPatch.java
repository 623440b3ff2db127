package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.ApiException;

/**
 * JSON patch (RFC 6902) with the habits of Kubernetes' implementation: a negative index counts from the end, {@code replace} of a
 * missing member adds it, {@code copy} of a missing member gives null, and a missing {@code value} is null.
 */
final class JsonPatch {

    private static final int MOST_OPERATIONS = 10_000;
    /** What copies may add in total, as long as the longest request of Kubernetes. */
    private static final long MOST_COPIED_BYTES = 3L * 1024 * 1024;

    private JsonElement document;
    private long copied;

    private JsonPatch(JsonObject document) {
        this.document = document;
    }

    static JsonObject apply(JsonObject current, JsonElement patch) throws ApiException {
        JsonObject copy = current.deepCopy();
        if (patch == null || patch.isJsonNull()) {
            return copy;
        }
        JsonArray operations = checked(patch);
        JsonPatch run = new JsonPatch(copy);
        try {
            for (JsonElement operation : operations) {
                run.apply(operation instanceof JsonObject object ? object : new JsonObject());
            }
        } catch (FailedException e) {
            throw rejected();
        }
        if (run.document instanceof JsonObject object) {
            return object;
        }
        throw rejected();
    }

    /** Kubernetes tells no more than this. */
    private static ApiException rejected() {
        return new ApiException(422, "Invalid", "the server rejected our request due to an error in our request", new JsonObject());
    }

    private static JsonArray checked(JsonElement patch) throws ApiException {
        if (!(patch instanceof JsonArray operations)) {
            throw undecodable(GoText.jsonType(patch) + " into Go value of type []handlers.jsonPatchOp");
        }
        for (JsonElement operation : operations) {
            if (operation instanceof JsonObject object) {
                checkText(object, "op");
                checkText(object, "from");
                checkText(object, "path");
            } else if (!operation.isJsonNull()) {
                throw undecodable(GoText.jsonType(operation) + " into Go value of type handlers.jsonPatchOp");
            }
        }
        if (operations.size() > MOST_OPERATIONS) {
            throw new ApiException(413, "RequestEntityTooLarge", "Request entity too large: The allowed maximum operations in a JSON patch is "
                    + MOST_OPERATIONS + ", got " + operations.size(), null);
        }
        return operations;
    }

    private static void checkText(JsonObject operation, String name) throws ApiException {
        JsonElement value = operation.get(name);
        if (value != null && !value.isJsonNull() && !(value instanceof JsonPrimitive primitive && primitive.isString())) {
            throw undecodable(GoText.jsonType(value) + " into Go struct field jsonPatchOp." + name + " of type string");
        }
    }

    private static ApiException undecodable(String what) {
        return ApiException.badRequest("error decoding patch: json: cannot unmarshal " + what);
    }

    private void apply(JsonObject operation) throws FailedException {
        JsonElement value = operation.has("value") ? operation.get("value").deepCopy() : JsonNull.INSTANCE;
        switch (text(operation, "op")) {
            case "add" -> add(text(operation, "path"), value);
            case "remove" -> remove(text(operation, "path"));
            case "replace" -> replace(text(operation, "path"), value);
            case "test" -> test(text(operation, "path"), value);
            case "move" -> {
                String from = text(operation, "from");
                JsonElement moved = get(from);
                remove(from);
                add(text(operation, "path"), moved);
            }
            case "copy" -> copy(text(operation, "from"), text(operation, "path"));
            default -> throw new FailedException();
        }
    }

    private static String text(JsonObject operation, String name) throws FailedException {
        if (operation.get(name) instanceof JsonPrimitive value) {
            return value.getAsString();
        }
        throw new FailedException();
    }

    private void add(String path, JsonElement value) throws FailedException {
        String key = last(path);
        JsonElement parent = parent(path);
        if (parent instanceof JsonObject object) {
            object.add(key, value);
            return;
        }
        JsonArray list = parent.getAsJsonArray();
        int size = list.size();
        int index = key.equals("-") ? size : index(key, size + 1);
        list.add(JsonNull.INSTANCE);
        for (int i = size; i > index; i--) {
            list.set(i, list.get(i - 1));
        }
        list.set(index, value);
    }

    private void remove(String path) throws FailedException {
        String key = last(path);
        JsonElement parent = parent(path);
        if (parent instanceof JsonObject object) {
            if (object.remove(key) == null) {
                throw new FailedException();
            }
        } else {
            JsonArray list = parent.getAsJsonArray();
            list.remove(index(key, list.size()));
        }
    }

    private void replace(String path, JsonElement value) throws FailedException {
        if (path.isEmpty()) {
            document = value;
            return;
        }
        String key = last(path);
        JsonElement parent = parent(path);
        if (parent instanceof JsonObject object) {
            object.add(key, value);
        } else {
            JsonArray list = parent.getAsJsonArray();
            list.set(index(key, list.size()), value);
        }
    }

    private void test(String path, JsonElement value) throws FailedException {
        if (!(path.isEmpty() ? document : get(path)).equals(value)) {
            throw new FailedException();
        }
    }

    private void copy(String from, String path) throws FailedException {
        JsonElement value = get(from).deepCopy();
        copied += value.isJsonPrimitive() ? value.getAsString().length() : StrictJson.write(value).length();
        if (copied > MOST_COPIED_BYTES) {
            throw new FailedException();
        }
        add(path, value);
    }

    /** A missing member of an object is null. */
    private JsonElement get(String path) throws FailedException {
        String key = last(path);
        return child(parent(path), key);
    }

    private static JsonElement child(JsonElement parent, String key) throws FailedException {
        if (parent instanceof JsonObject object) {
            JsonElement value = object.get(key);
            return value == null ? JsonNull.INSTANCE : value;
        }
        JsonArray list = parent.getAsJsonArray();
        return list.get(index(key, list.size()));
    }

    /** The object or list that holds what a path names. What precedes the first slash does not count. */
    private JsonElement parent(String path) throws FailedException {
        JsonElement node = document;
        int from = path.indexOf('/') + 1;
        for (int slash = path.indexOf('/', from); slash >= 0; slash = path.indexOf('/', from)) {
            node = container(child(container(node), unescape(path.substring(from, slash))));
            from = slash + 1;
        }
        return container(node);
    }

    private static JsonElement container(JsonElement node) throws FailedException {
        if (node.isJsonObject() || node.isJsonArray()) {
            return node;
        }
        throw new FailedException();
    }

    private static String last(String path) throws FailedException {
        int slash = path.lastIndexOf('/');
        if (slash < 0) {
            throw new FailedException();
        }
        return unescape(path.substring(slash + 1));
    }

    private static String unescape(String token) {
        return token.replace("~1", "/").replace("~0", "~");
    }

    private static int index(String token, int size) throws FailedException {
        try {
            int index = Integer.parseInt(token);
            int counted = index < 0 ? index + size : index;
            if (counted >= 0 && counted < size) {
                return counted;
            }
        } catch (NumberFormatException e) {
            throw new FailedException();
        }
        throw new FailedException();
    }

    /** An operation cannot be done; nobody is told which and why. */
    private static final class FailedException extends Exception {

        private static final long serialVersionUID = 1L;

        FailedException() {
            super(null, null, false, false);
        }
    }
}
