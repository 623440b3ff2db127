package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How refusals show what a patch would have made. */
final class PatchOutcome {

    /** The order in which Kubernetes writes metadata. */
    private static final List<String> METADATA = List.of("name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation",
            "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers", "managedFields");
    private static final Pattern UNMARSHAL = Pattern.compile("json: cannot unmarshal (\\w+) into Go struct field \\S+ of type (\\S+)");

    private PatchOutcome() {
    }

    /** As JSON: what the patch touched in the order of names, the rest in the order of its kind. */
    static String text(ResourceType type, JsonObject outcome, JsonElement patch) {
        if (type.custom()) {
            return sorted(outcome).toString();
        }
        JsonObject shown = new JsonObject();
        outcome.keySet().stream().sorted().forEach(member -> {
            JsonElement value = outcome.get(member);
            boolean touched = patch instanceof JsonObject object && object.has(member);
            shown.add(member, touched ? sorted(value) : member.equals("metadata") && value instanceof JsonObject metadata ? inOrder(metadata) : value);
        });
        return shown.toString();
    }

    private static JsonObject inOrder(JsonObject metadata) {
        JsonObject result = new JsonObject();
        METADATA.stream().filter(metadata::has).forEach(field -> result.add(field, metadata.get(field)));
        return result;
    }

    private static JsonElement sorted(JsonElement tree) {
        if (tree instanceof JsonObject object) {
            JsonObject result = new JsonObject();
            object.keySet().stream().sorted().forEach(name -> result.add(name, sorted(object.get(name))));
            return result;
        }
        if (tree instanceof JsonArray array) {
            JsonArray result = new JsonArray();
            array.forEach(item -> result.add(sorted(item)));
            return result;
        }
        return tree;
    }

    /** Strategic merge patches are not decoded from text but converted from a tree, which has other words for a wrong type. */
    static String conversion(String why) {
        Matcher matcher = UNMARSHAL.matcher(why);
        if (!matcher.matches()) {
            return why;
        }
        String from = switch (matcher.group(1)) {
            case "number" -> "int64";
            case "array" -> "[]interface {}";
            case "object" -> "map[string]interface {}";
            default -> matcher.group(1);
        };
        String to = matcher.group(2);
        if (to.startsWith("map[")) {
            return "cannot restore map from " + from;
        }
        if (to.startsWith("[]")) {
            return "cannot restore slice from " + from;
        }
        return to.contains(".") ? "cannot restore struct from: " + from : "cannot convert " + from + " to " + to;
    }
}
