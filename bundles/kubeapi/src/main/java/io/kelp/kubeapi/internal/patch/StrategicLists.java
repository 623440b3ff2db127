package io.kelp.kubeapi.internal.patch;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.internal.schema.Schema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Lists in a strategic merge patch: objects are told apart by the merge key of the list, scalars by their value. */
final class StrategicLists {

    private static final String DELETE = "delete";

    private StrategicLists() {
    }

    /** @param deletes whether the change names scalars to be removed */
    static JsonArray mergeByStrategy(JsonArray original, JsonArray change, Schema schema, boolean deletes) throws ApiException {
        return deletes || StrategicMerge.strategy(schema, "merge") ? merge(original, change, schema, deletes)
                : StrategicMerge.plain(change).getAsJsonArray();
    }

    private static JsonArray merge(JsonArray original, JsonArray change, Schema schema, boolean deletes) throws ApiException {
        if (original.isEmpty() && change.isEmpty()) {
            return original;
        }
        if (!areObjects(original, change)) {
            if (deletes) {
                Set<JsonElement> gone = new HashSet<>(change.asList());
                return array(original.asList().stream().filter(item -> !gone.contains(item)).toList());
            }
            Set<JsonElement> all = new LinkedHashSet<>(original.asList());
            all.addAll(change.asList());
            return order(new ArrayList<>(all), change.asList(), original.asList(), "");
        }
        String key = schema == null ? "" : schema.patchMergeKey();
        if (key.isEmpty()) {
            throw StrategicMerge.failed("cannot merge lists without merge key for this list");
        }
        List<JsonElement> kept = new ArrayList<>(original.asList());
        List<JsonElement> plain = new ArrayList<>();
        if (direct(change, key, kept, plain)) {
            return array(plain);
        }
        List<JsonElement> merged = new ArrayList<>(kept);
        for (JsonElement item : plain) {
            mergeItem(merged, item.getAsJsonObject(), key, schema.items());
        }
        return order(merged, plain, kept, key);
    }

    /** Follows the directives among the items. @return whether the list is replaced */
    private static boolean direct(JsonArray change, String key, List<JsonElement> kept, List<JsonElement> plain) throws ApiException {
        boolean replace = false;
        for (JsonElement element : change) {
            JsonObject item = element.getAsJsonObject();
            JsonElement directive = item.get(StrategicMerge.PATCH);
            if (directive == null) {
                plain.add(item);
            } else if (StrategicMerge.is(directive, DELETE)) {
                JsonElement value = key(item, key);
                kept.removeIf(old -> value.equals(old.getAsJsonObject().get(key)));
            } else if (StrategicMerge.is(directive, "replace")) {
                replace = true;
            } else if (StrategicMerge.is(directive, "merge")) {
                throw StrategicMerge.failed("merging lists cannot yet be specified in the patch");
            } else {
                throw StrategicMerge.unknownDirective(directive, item);
            }
        }
        return replace;
    }

    private static void mergeItem(List<JsonElement> merged, JsonObject item, String key, Schema items) throws ApiException {
        JsonElement value = key(item, key);
        for (int i = 0; i < merged.size(); i++) {
            JsonObject old = merged.get(i).getAsJsonObject();
            if (value.equals(old.get(key))) {
                merged.set(i, StrategicMerge.merge(old, item, items));
                return;
            }
        }
        merged.add(StrategicMerge.plain(StrategicMerge.withoutNulls(item)));
    }

    private static JsonElement key(JsonObject item, String key) throws ApiException {
        JsonElement value = item.get(key);
        if (value == null) {
            throw StrategicMerge.failed("map: " + GoText.plain(item) + " does not contain declared merge key: " + key);
        }
        return value;
    }

    /** All values must be of one kind, and not lists. */
    private static boolean areObjects(JsonArray original, JsonArray change) throws ApiException {
        JsonElement first = null;
        for (JsonArray list : List.of(original, change)) {
            for (JsonElement item : list) {
                if (first != null && !GoText.sameKind(first, item)) {
                    throw StrategicMerge.failed("list element types are not identical: [" + GoText.plain(original) + " " + GoText.plain(change) + "]");
                }
                first = item;
            }
        }
        if (first instanceof JsonArray) {
            throw new ApiException(422, "Invalid", "the server rejected our request due to an error in our request", new JsonObject());
        }
        return first instanceof JsonObject;
    }

    /**
     * For a list with a {@code $setElementOrder}.
     *
     * @param original {@code null} when absent
     * @param change {@code null} when absent
     * @return {@code null} when there is nothing to order
     */
    static JsonArray mergeInOrder(JsonArray original, JsonArray change, JsonArray wanted, Schema schema) throws ApiException {
        String key = schema.patchMergeKey();
        if (!key.isEmpty() && (original != null || change != null)) {
            for (JsonElement item : wanted) {
                if (item instanceof JsonObject object) {
                    key(object, key);
                }
            }
        }
        if (change != null) {
            checkOrder(change, wanted, key);
        }
        JsonArray merged;
        if (original != null && change != null) {
            merged = mergeByStrategy(original.deepCopy(), change, schema, false);
        } else if (original != null) {
            merged = original;
        } else if (change != null) {
            merged = StrategicMerge.plain(StrategicMerge.withoutDirectives(change)).getAsJsonArray();
        } else {
            return null;
        }
        return order(merged.asList(), wanted.asList(), original == null ? List.of() : original.asList(), key);
    }

    private static void checkOrder(JsonArray change, JsonArray wanted, String key) throws ApiException {
        if (wanted.isEmpty()) {
            return;
        }
        List<JsonElement> present = change.asList().stream().filter(item -> !isDeletion(item)).toList();
        int found = 0;
        for (JsonElement element : wanted) {
            if (found < present.size() && identity(present.get(found), key).equals(identity(element, key))) {
                found++;
            }
        }
        if (found < present.size()) {
            throw StrategicMerge.failed("The order in patch list:\n" + GoText.plain(change) + "\n doesn't match $setElementOrder list:\n"
                    + GoText.plain(wanted) + "\n");
        }
    }

    private static boolean isDeletion(JsonElement item) {
        return item instanceof JsonObject object && object.has(StrategicMerge.PATCH) && StrategicMerge.is(object.get(StrategicMerge.PATCH), DELETE);
    }

    private static JsonElement identity(JsonElement item, String key) {
        return !key.isEmpty() && item instanceof JsonObject object && object.has(key) ? object.get(key) : item;
    }

    /**
     * Items that the patch names come in its order; those only the server has keep theirs, and their place before a named item
     * where the server had them before it.
     */
    private static JsonArray order(List<JsonElement> merged, List<JsonElement> named, List<JsonElement> server, String key) {
        Map<JsonElement, Integer> byName = positions(named, key);
        Map<JsonElement, Integer> byServer = positions(server, key);
        List<JsonElement> fromPatch = new ArrayList<>();
        List<JsonElement> fromServer = new ArrayList<>();
        for (JsonElement item : merged) {
            (byName.containsKey(identity(item, key)) ? fromPatch : fromServer).add(item);
        }
        fromPatch.sort((a, b) -> byName.get(identity(a, key)) - byName.get(identity(b, key)));
        JsonArray result = new JsonArray(merged.size());
        int s = 0;
        int p = 0;
        while (s < fromServer.size() || p < fromPatch.size()) {
            boolean serverFirst = p >= fromPatch.size();
            if (!serverFirst && s < fromServer.size()) {
                Integer left = byServer.get(identity(fromServer.get(s), key));
                Integer right = byServer.get(identity(fromPatch.get(p), key));
                serverFirst = left != null && right != null && left < right;
            }
            result.add(serverFirst ? fromServer.get(s++) : fromPatch.get(p++));
        }
        return result;
    }

    private static Map<JsonElement, Integer> positions(List<JsonElement> items, String key) {
        Map<JsonElement, Integer> positions = new HashMap<>();
        for (int i = 0; i < items.size(); i++) {
            positions.putIfAbsent(identity(items.get(i), key), i);
        }
        return positions;
    }

    private static JsonArray array(List<JsonElement> items) {
        JsonArray list = new JsonArray(items.size());
        items.forEach(list::add);
        return list;
    }
}
