package io.kelp.edged.internal.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.kelp.edged.internal.pod.Pod;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The strategic merge patch from the status of a pod that the cloud has to the one that it should
 * have, in the form of stock edges (channel specification section 6.3; vectors of {@code 03-pod}):
 * conditions merged by type, {@code podIPs} by ip, other lists replaced, members in the order of their names.
 */
final class StatusPatch {

    /** What may vanish from a status. Whatever else we do not state belongs to others or cannot go away. */
    private static final List<String> ENDING = List.of("containerStatuses", "initContainerStatuses", "message", "reason");
    /** Conditions that the node states; those of others are left alone. */
    private static final Set<String> OURS =
            Set.of("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled", "HeldUpgrade");
    private static final Map<String, String> MERGED = Map.of("conditions", "type", "podIPs", "ip");

    private StatusPatch() {}

    /**
     * The patch as JSON text, empty when there is nothing to change.
     *
     * @param uid precondition
     * @param before the pod as the cloud has it, {@code null} when that is not known
     * @param annotations to be set; others stay
     */
    static String between(String uid, JsonObject before, JsonObject status, Map<String, String> annotations) {
        JsonObject change = before == null ? whole(status) : change(Pod.object(before, "status"), status);
        JsonObject metadata = new JsonObject();
        metadata.addProperty("uid", uid);
        JsonObject names = annotations(before, annotations);
        if (!names.isEmpty()) {
            metadata.add("annotations", names);
        }
        if (change.isEmpty() && names.isEmpty()) {
            return "";
        }
        JsonObject patch = new JsonObject();
        patch.add("metadata", metadata);
        if (!change.isEmpty()) {
            patch.add("status", change);
        }
        return patch.toString();
    }

    private static JsonObject annotations(JsonObject before, Map<String, String> wanted) {
        JsonObject has = before == null ? new JsonObject() : Pod.object(Pod.object(before, "metadata"), "annotations");
        JsonObject names = new JsonObject();
        new TreeMap<>(wanted).forEach((key, value) -> {
            if (!value.equals(Pod.text(has, key))) {
                names.addProperty(key, value);
            }
        });
        return names;
    }

    /** All of a status, and that there is no more than this. */
    private static JsonObject whole(JsonObject status) {
        JsonObject change = sorted(status);
        ENDING.forEach(name -> {
            if (isNothing(change.get(name))) {
                change.add(name, JsonNull.INSTANCE);
            }
        });
        JsonArray conditions = new JsonArray();
        for (JsonObject condition : Pod.objects(status, "conditions")) {
            JsonObject explicit = condition.deepCopy();
            List.of("message", "reason").stream().filter(name -> !explicit.has(name)).forEach(name -> explicit.add(name, JsonNull.INSTANCE));
            conditions.add(sorted(explicit));
        }
        if (!conditions.isEmpty()) {
            change.add("conditions", conditions);
        }
        if (change.get("podIPs") instanceof JsonArray addresses) {
            addresses.add(only("$patch", "replace"));
        }
        return change;
    }

    private static JsonObject change(JsonObject before, JsonObject now) {
        JsonObject change = new JsonObject();
        TreeSet<String> names = new TreeSet<>(now.keySet());
        ENDING.stream().filter(before::has).forEach(names::add);
        for (String name : names) {
            JsonElement old = before.get(name);
            JsonElement wanted = now.get(name);
            if (isNothing(wanted)) {
                if (!isNothing(old) && ENDING.contains(name)) {
                    change.add(name, JsonNull.INSTANCE);
                }
            } else if (MERGED.containsKey(name) && old instanceof JsonArray has && wanted instanceof JsonArray list) {
                merge(change, name, MERGED.get(name), has, list);
            } else if (!same(old, wanted)) {
                change.add(name, wanted);
            }
        }
        return sorted(change);
    }

    /** The change of a list whose items are found by one of their members. */
    private static void merge(JsonObject change, String name, String key, JsonArray before, JsonArray now) {
        Map<String, JsonObject> old = byKey(before, key);
        Map<String, JsonObject> wanted = byKey(now, key);
        JsonArray items = new JsonArray();
        JsonArray order = new JsonArray();
        wanted.forEach((id, item) -> {
            JsonObject known = old.get(id);
            JsonObject difference = known == null ? item.deepCopy() : members(known, item);
            if (!difference.isEmpty()) {
                difference.addProperty(key, id);
                items.add(difference);
            }
            order.add(only(key, id));
        });
        old.keySet().stream().filter(id -> !wanted.containsKey(id)).forEach(id -> {
            if (name.equals("conditions") && !OURS.contains(id)) {
                order.add(only(key, id));
            } else {
                JsonObject gone = only(key, id);
                gone.addProperty("$patch", "delete");
                items.add(gone);
            }
        });
        if (!items.isEmpty()) {
            change.add("$setElementOrder/" + name, order);
            change.add(name, items);
        }
    }

    private static JsonObject only(String key, String id) {
        JsonObject object = new JsonObject();
        object.addProperty(key, id);
        return object;
    }

    private static JsonObject members(JsonObject before, JsonObject now) {
        JsonObject change = new JsonObject();
        TreeSet<String> names = new TreeSet<>(before.keySet());
        names.addAll(now.keySet());
        for (String name : names) {
            JsonElement wanted = now.get(name);
            if (!same(before.get(name), wanted)) {
                change.add(name, isNothing(wanted) ? JsonNull.INSTANCE : wanted);
            }
        }
        return change;
    }

    private static Map<String, JsonObject> byKey(JsonArray list, String key) {
        Map<String, JsonObject> found = new LinkedHashMap<>();
        for (JsonElement each : list) {
            if (each instanceof JsonObject object && object.get(key) != null && object.get(key).isJsonPrimitive()) {
                found.put(object.get(key).getAsString(), object);
            }
        }
        return found;
    }

    private static JsonObject sorted(JsonObject object) {
        JsonObject sorted = new JsonObject();
        new TreeSet<>(object.keySet()).forEach(name -> sorted.add(name, sorted(object.get(name))));
        return sorted;
    }

    private static JsonElement sorted(JsonElement value) {
        if (value instanceof JsonObject object) {
            return sorted(object);
        }
        if (value instanceof JsonArray array) {
            JsonArray items = new JsonArray(array.size());
            array.forEach(item -> items.add(sorted(item)));
            return items;
        }
        return value;
    }

    /** Equal, where the API server leaves out or adds what is empty. */
    static boolean same(JsonElement one, JsonElement other) {
        if (isNothing(one) || isNothing(other)) {
            return isNothing(one) && isNothing(other);
        }
        if (one instanceof JsonObject left && other instanceof JsonObject right) {
            TreeSet<String> names = new TreeSet<>(left.keySet());
            names.addAll(right.keySet());
            return names.stream().allMatch(name -> same(left.get(name), right.get(name)));
        }
        if (one instanceof JsonArray left && other instanceof JsonArray right) {
            for (int i = 0; i < left.size() && left.size() == right.size(); i++) {
                if (!same(left.get(i), right.get(i))) {
                    return false;
                }
            }
            return left.size() == right.size();
        }
        return one.equals(other);
    }

    private static boolean isNothing(JsonElement value) {
        return value == null || value.isJsonNull() || value instanceof JsonObject object && object.isEmpty()
                || value instanceof JsonArray array && array.isEmpty()
                || value.isJsonPrimitive() && value.getAsJsonPrimitive().isString() && value.getAsString().isEmpty();
    }
}
