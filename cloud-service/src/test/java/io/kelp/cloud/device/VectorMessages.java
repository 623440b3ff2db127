package io.kelp.cloud.device;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Compares recorded messages with ours: ids, times and versions are free, but versions must agree with each other. */
final class VectorMessages {

    /** What followed one stimulus. */
    record Group(String stimulus, List<JsonObject> recorded, List<JsonObject> ours) {}

    private VectorMessages() {}

    /** Whether the recorded message is one of the device controller or of the scan for devices. */
    static boolean isOurs(JsonObject message) {
        String source = route(message, "source");
        String resource = route(message, "resource");
        return source.equals("devicecontroller")
                || source.equals("edgecontroller") && (resource.contains("/device/") || resource.contains("/devicemodel/"));
    }

    static boolean answers(JsonObject message, String id) {
        JsonElement parent = message.get("header") instanceof JsonObject header ? header.get("parent_msg_id") : null;
        return parent != null && parent.getAsString().equals(id);
    }

    /** One message per line, for a comparison that people can read. */
    static String lines(List<JsonObject> messages) {
        return String.join("\n", normal(messages).stream().map(m -> canonical(m).toString()).toList());
    }

    /** Updates by the scan of the original; their moment is free. */
    static boolean isScan(JsonObject message) {
        return route(message, "source").equals("edgecontroller") && route(message, "operation").equals("update");
    }

    static List<String> scans(List<Group> groups) {
        return groups.stream().flatMap(group -> group.ours().stream()).filter(VectorMessages::isScan)
                .map(m -> route(m, "operation") + " " + route(m, "resource")).toList();
    }

    static void removeDeviations(String file, Group group, Collection<String> deviations) {
        for (String deviation : deviations) {
            String[] parts = deviation.split("#", 2);
            remove(parts[0].strip(), file + " recorded ", parts, group.stimulus(), group.recorded());
            remove(parts[0].strip(), file + " ours ", parts, group.stimulus(), group.ours());
            removeStatus(parts[0].strip(), file + " status of ", parts, group);
        }
    }

    private static void remove(String deviation, String prefix, String[] parts, String stimulus, List<JsonObject> messages) {
        if (deviation.startsWith(prefix) && (parts.length == 1 || stimulus.contains(parts[1]))) {
            String label = deviation.substring(prefix.length());
            messages.removeIf(m -> label(m).endsWith(label));
        }
    }

    private static void removeStatus(String deviation, String prefix, String[] parts, Group group) {
        if (deviation.startsWith(prefix) && (parts.length == 1 || group.stimulus().contains(parts[1]))) {
            String label = deviation.substring(prefix.length());
            for (List<JsonObject> side : List.of(group.recorded(), group.ours())) {
                side.stream().filter(m -> label(m).endsWith(label)).forEach(m -> {
                    m.getAsJsonObject("content").remove("status");
                    m.getAsJsonObject("content").getAsJsonObject("metadata").remove("generation");
                });
            }
        }
    }

    private static String label(JsonObject message) {
        return route(message, "source") + " " + route(message, "operation") + " " + route(message, "resource");
    }

    /** Keys in order and numbers in one form; neither means anything in JSON. */
    static JsonElement canonical(JsonElement element) {
        if (element instanceof JsonObject object) {
            JsonObject sorted = new JsonObject();
            new TreeMap<>(object.asMap()).forEach((key, value) -> sorted.add(key, canonical(value)));
            return sorted;
        }
        if (element instanceof JsonArray array) {
            JsonArray copy = new JsonArray();
            array.forEach(item -> copy.add(canonical(item)));
            return copy;
        }
        return element instanceof JsonPrimitive number && number.isNumber()
                ? new JsonPrimitive(new BigDecimal(new BigDecimal(number.getAsString()).stripTrailingZeros().toPlainString()))
                : element;
    }

    static List<JsonObject> normal(List<JsonObject> messages) {
        Map<String, String> versions = new HashMap<>();
        List<JsonObject> normal = new ArrayList<>();
        for (JsonObject message : messages) {
            if (!isScan(message)) {
                normal.add(message.deepCopy());
            }
        }
        normal.sort(Comparator.comparing(m -> String.valueOf(m.get("route"))));
        normal.forEach(m -> normalise(m, "", versions));
        return normal;
    }

    private static void normalise(JsonObject object, String path, Map<String, String> versions) {
        for (String key : List.copyOf(object.keySet())) {
            JsonElement value = object.get(key);
            String here = path + "/" + key;
            if (key.equals("managedFields")) {
                object.remove(key);
            } else if (value instanceof JsonObject child) {
                normalise(child, here, versions);
            } else if (value instanceof JsonArray array) {
                array.forEach(element -> {
                    if (element instanceof JsonObject child) {
                        normalise(child, here, versions);
                    }
                });
            } else if (isVersion(here)) {
                object.addProperty(key, versions.computeIfAbsent(value.getAsString(), v -> "version " + versions.size()));
            } else if (isFree(here, value)) {
                object.addProperty(key, "free");
            }
        }
    }

    private static boolean isVersion(String path) {
        return path.equals("/header/resourceversion") || path.equals("/content/metadata/resourceVersion")
                || path.endsWith("/expected_version/cloud");
    }

    private static boolean isFree(String path, JsonElement value) {
        boolean number = value instanceof JsonPrimitive primitive && primitive.isNumber();
        return path.equals("/header/msg_id") || path.equals("/content/event_id") || path.equals("/content/metadata/uid")
                || path.equals("/content/metadata/creationTimestamp") || path.endsWith("/timestamp") && number;
    }

    /** All lists of messages that differ from these in one field that is not free: changed or left out. */
    static List<JsonArray> mutants(List<JsonObject> messages) {
        List<JsonArray> mutants = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            if (!isScan(messages.get(i))) {
                mutate(messages, i, messages.get(i), new ArrayList<>(), mutants);
            }
        }
        return mutants;
    }

    private static void mutate(List<JsonObject> messages, int index, JsonElement at, List<Object> path, List<JsonArray> mutants) {
        if (at instanceof JsonObject object) {
            for (String key : object.keySet()) {
                List<Object> here = with(path, key);
                mutants.add(changed(messages, index, here, null));
                mutate(messages, index, object.get(key), here, mutants);
            }
        } else if (at instanceof JsonArray array) {
            for (int i = 0; i < array.size(); i++) {
                mutate(messages, index, array.get(i), with(path, i), mutants);
            }
        } else if (!isFree(text(path), at)) {
            mutants.add(changed(messages, index, path, new JsonPrimitive("mutant")));
        }
    }

    private static JsonArray changed(List<JsonObject> messages, int index, List<Object> path, JsonElement value) {
        JsonArray copy = new JsonArray();
        messages.forEach(m -> copy.add(m.deepCopy()));
        JsonElement parent = copy.get(index);
        for (Object step : path.subList(0, path.size() - 1)) {
            parent = step instanceof Integer i ? parent.getAsJsonArray().get(i) : parent.getAsJsonObject().get((String) step);
        }
        Object last = path.get(path.size() - 1);
        if (value == null) {
            parent.getAsJsonObject().remove((String) last);
        } else if (last instanceof Integer i) {
            parent.getAsJsonArray().set(i, value);
        } else {
            parent.getAsJsonObject().add((String) last, value);
        }
        return copy;
    }

    private static List<Object> with(List<Object> path, Object step) {
        List<Object> longer = new ArrayList<>(path);
        longer.add(step);
        return longer;
    }

    private static String text(List<Object> path) {
        StringBuilder text = new StringBuilder();
        path.stream().filter(String.class::isInstance).forEach(step -> text.append('/').append(step));
        return text.toString();
    }

    private static String route(JsonObject message, String part) {
        JsonElement value = message.get("route") instanceof JsonObject route ? route.get(part) : null;
        return value == null ? "" : value.getAsString();
    }
}
