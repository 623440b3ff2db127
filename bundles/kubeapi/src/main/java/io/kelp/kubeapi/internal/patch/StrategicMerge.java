package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.internal.schema.Schema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Kubernetes' strategic merge patch of objects; its lists are in {@link StrategicLists}. */
final class StrategicMerge {

    static final String PATCH = "$patch";
    static final String SET_ORDER = "$setElementOrder/";

    private static final String RETAIN_KEYS = "$retainKeys";
    private static final String DELETE_PRIMITIVES = "$deleteFromPrimitiveList/";

    private StrategicMerge() {
    }

    static JsonObject apply(JsonObject current, JsonObject patch, Schema schema) throws ApiException {
        return merge(current.deepCopy(), patch.deepCopy(), schema);
    }

    /** Both are used up. @param schema {@code null} when nothing is known */
    static JsonObject merge(JsonObject original, JsonObject patch, Schema schema) throws ApiException {
        JsonElement directive = patch.get(PATCH);
        if (directive != null) {
            return direct(directive, patch);
        }
        retainKeys(original, patch);
        setOrders(original, patch, schema);
        for (Map.Entry<String, JsonElement> entry : List.copyOf(patch.entrySet())) {
            String key = entry.getKey();
            boolean deletes = key.startsWith(DELETE_PRIMITIVES);
            mergeMember(original, deletes ? key.substring(DELETE_PRIMITIVES.length()) : key, entry.getValue(), deletes, schema);
        }
        return original;
    }

    private static JsonObject direct(JsonElement directive, JsonObject patch) throws ApiException {
        if (is(directive, "replace")) {
            patch.remove(PATCH);
            return patch;
        }
        if (is(directive, "delete")) {
            return new JsonObject();
        }
        throw unknownDirective(directive, patch);
    }

    static boolean is(JsonElement directive, String word) {
        return directive.isJsonPrimitive() && directive.getAsJsonPrimitive().isString() && directive.getAsString().equals(word);
    }

    static ApiException unknownDirective(JsonElement directive, JsonObject patch) {
        String shown = directive.isJsonPrimitive() && directive.getAsJsonPrimitive().isString() ? directive.getAsString()
                : "%!s(" + GoText.type(directive) + "=" + GoText.plain(directive) + ")";
        return failed("unknown patch type: " + shown + " in map: " + GoText.plain(patch));
    }

    /** Kubernetes answers so to what it did not foresee. */
    static ApiException failed(String message) {
        return new ApiException(500, "", message, null);
    }

    private static void mergeMember(JsonObject original, String key, JsonElement change, boolean deletes, Schema schema) throws ApiException {
        if (change.isJsonNull()) {
            original.remove(key);
            return;
        }
        JsonElement old = original.get(key);
        if (old == null || !GoText.sameKind(old, change)) {
            if (!deletes) {
                put(original, key, withoutDirectives(withoutNulls(change)));
            }
            return;
        }
        Schema member = schema == null ? null : schema.member(key);
        if (old instanceof JsonObject object) {
            original.add(key, strategy(member, "replace") ? plain(change) : merge(object, change.getAsJsonObject(), member));
        } else if (old instanceof JsonArray list) {
            original.add(key, StrategicLists.mergeByStrategy(list, change.getAsJsonArray(), member, deletes));
        } else {
            original.add(key, change);
        }
    }

    private static void put(JsonObject object, String key, JsonElement value) {
        if (value == null) {
            object.remove(key);
        } else {
            object.add(key, plain(value));
        }
    }

    static boolean strategy(Schema schema, String word) {
        return schema != null && List.of(schema.patchStrategy().split(",")).contains(word);
    }

    /** {@code $retainKeys} names all members that may be there afterwards. */
    private static void retainKeys(JsonObject original, JsonObject patch) throws ApiException {
        JsonElement directive = patch.remove(RETAIN_KEYS);
        if (directive == null) {
            return;
        }
        if (!(directive instanceof JsonArray list)) {
            throw badRetainKeys();
        }
        Set<JsonElement> keep = new HashSet<>(list.asList());
        for (Map.Entry<String, JsonElement> entry : patch.entrySet()) {
            String key = entry.getKey();
            if (!entry.getValue().isJsonNull() && !key.startsWith(DELETE_PRIMITIVES) && !key.startsWith(SET_ORDER)
                    && !keep.contains(new JsonPrimitive(key))) {
                throw badRetainKeys();
            }
        }
        for (String key : new ArrayList<>(original.keySet())) {
            if (!keep.contains(new JsonPrimitive(key))) {
                original.remove(key);
            }
        }
    }

    private static ApiException badRetainKeys() {
        return ApiException.badRequest("invalid patch format of retainKeys");
    }

    /** {@code $setElementOrder/x} orders the list {@code x} after it was merged. */
    private static void setOrders(JsonObject original, JsonObject patch, Schema schema) throws ApiException {
        for (String key : new ArrayList<>(patch.keySet())) {
            if (!key.startsWith(SET_ORDER)) {
                continue;
            }
            JsonArray order = list(patch.remove(key));
            String name = key.substring(SET_ORDER.length());
            JsonArray old = original.has(name) ? list(original.get(name)) : null;
            JsonArray change = patch.has(name) ? list(patch.remove(name)) : null;
            Schema member = schema == null ? null : schema.member(name);
            if (member == null) {
                throw failed("unable to find api field for the json field \"" + name + "\"");
            }
            JsonArray merged = StrategicLists.mergeInOrder(old, change, order, member);
            if (merged != null) {
                original.add(name, merged);
            }
        }
    }

    private static JsonArray list(JsonElement value) throws ApiException {
        if (value instanceof JsonArray list) {
            return list;
        }
        throw failed("expected a []interface {}, but received a " + GoText.type(value));
    }

    /** @return {@code null} for an object that only has something to say about what is not there */
    static JsonElement withoutDirectives(JsonElement value) {
        if (value instanceof JsonObject object) {
            if (object.has(PATCH)) {
                return null;
            }
            for (Map.Entry<String, JsonElement> entry : List.copyOf(object.entrySet())) {
                put(object, entry.getKey(), withoutDirectives(entry.getValue()));
            }
        } else if (value instanceof JsonArray list) {
            JsonArray rest = new JsonArray();
            for (JsonElement item : list) {
                JsonElement kept = withoutDirectives(item);
                if (kept != null) {
                    rest.add(kept);
                }
            }
            return rest;
        }
        return value;
    }

    /** What is taken as it is has nothing to be directed; in place. */
    static JsonElement plain(JsonElement value) {
        if (value instanceof JsonObject object) {
            object.keySet().removeIf(key -> key.equals(PATCH) || key.equals(RETAIN_KEYS) || key.startsWith(SET_ORDER)
                    || key.startsWith(DELETE_PRIMITIVES));
            object.entrySet().forEach(entry -> plain(entry.getValue()));
        } else if (value instanceof JsonArray list) {
            list.forEach(StrategicMerge::plain);
        }
        return value;
    }

    /** In place. */
    static JsonElement withoutNulls(JsonElement value) {
        if (value instanceof JsonObject object) {
            object.entrySet().removeIf(entry -> entry.getValue() instanceof JsonNull);
            object.entrySet().forEach(entry -> withoutNulls(entry.getValue()));
        } else if (value instanceof JsonArray list) {
            list.forEach(StrategicMerge::withoutNulls);
        }
        return value;
    }
}
