package io.kelp.cloud.workload;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.Optional;
import java.util.Set;

/**
 * Raises {@code tolerationSeconds} of the tolerations that admission gives to each pod, and puts back what was there. Adding a
 * toleration would do nothing: of all that tolerate a taint the shortest counts. The API server lets nothing else change in a
 * toleration of a living pod. A time that is set only after the taint came has no effect either, unless it is for ever, because
 * kube-controller-manager keeps the deadline that it has begun; so this is done as soon as a pod is bound.
 */
final class Tolerations {

    /** JSON of the seconds by key as they were, {@code null} for ever. */
    static final String ORIGINAL = "kelp.io/original-toleration-seconds";

    private static final Set<String> KEYS = Set.of("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable");
    private static final String SECONDS = "tolerationSeconds";

    private Tolerations() {}

    /**
     * The change that brings a pod to what is wanted.
     *
     * @param defaultSeconds what admission of this cluster gives
     * @return a merge patch; empty when the pod is as it should be
     */
    static Optional<JsonObject> patch(JsonObject pod, Autonomy wanted, long defaultSeconds) {
        JsonObject original = original(pod);
        JsonObject remembered = new JsonObject();
        JsonArray tolerations = new JsonArray();
        boolean changed = false;
        for (JsonObject toleration : Objects.list(Objects.object(pod, "spec"), "tolerations")) {
            String key = Objects.text(toleration, "key");
            JsonObject next = toleration.deepCopy();
            if (isOurs(toleration, key)) {
                JsonElement now = toleration.get(SECONDS);
                JsonElement first = original.has(key) ? original.get(key) : now == null ? JsonNull.INSTANCE : now;
                JsonElement seconds = raised(first, wanted, defaultSeconds);
                if (!seconds.equals(first)) {
                    remembered.add(key, first);
                }
                next.remove(SECONDS);
                if (!seconds.isJsonNull()) {
                    next.add(SECONDS, seconds);
                }
            }
            changed |= !next.equals(toleration);
            tolerations.add(next);
        }
        String annotation = Objects.text(pod, "metadata", "annotations", ORIGINAL);
        boolean forgotten = remembered.size() == 0 && !annotation.isEmpty();
        if (!changed && !forgotten && (remembered.size() == 0 || remembered.equals(original))) {
            return Optional.empty();
        }
        JsonObject metadata = new JsonObject();
        metadata.addProperty("uid", Objects.text(pod, "metadata", "uid"));
        metadata.addProperty("resourceVersion", Objects.text(pod, "metadata", "resourceVersion"));
        metadata.add("annotations", Objects.of(ORIGINAL, remembered.size() == 0 ? JsonNull.INSTANCE
                : new com.google.gson.JsonPrimitive(remembered.toString())));
        JsonObject patch = Objects.of("metadata", metadata);
        if (changed) {
            patch.add("spec", Objects.of("tolerations", tolerations));
        }
        return Optional.of(patch);
    }

    private static boolean isOurs(JsonObject toleration, String key) {
        return KEYS.contains(key) && Objects.text(toleration, "operator").equals("Exists") && Objects.text(toleration, "effect").equals("NoExecute");
    }

    /** @param first seconds without us, null for ever */
    private static JsonElement raised(JsonElement first, Autonomy wanted, long defaultSeconds) {
        boolean touched = !first.isJsonNull() && (wanted.all() || first.getAsLong() == defaultSeconds);
        if (!touched || wanted.seconds() <= first.getAsLong()) {
            return first;
        }
        return wanted.seconds() == Autonomy.FOREVER ? JsonNull.INSTANCE : new com.google.gson.JsonPrimitive(wanted.seconds());
    }

    private static JsonObject original(JsonObject pod) {
        String annotation = Objects.text(pod, "metadata", "annotations", ORIGINAL);
        JsonObject read = new JsonObject();
        try {
            if (!annotation.isEmpty() && JsonParser.parseString(annotation) instanceof JsonObject object) {
                object.entrySet().stream().filter(e -> KEYS.contains(e.getKey()) && e.getValue().toString().matches("-?\\d{1,15}"))
                        .forEach(e -> read.add(e.getKey(), e.getValue()));
            }
        } catch (JsonParseException e) {
            return new JsonObject(); // somebody else wrote into our annotation; what is there now is then the original
        }
        return read;
    }
}
