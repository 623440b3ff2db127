package io.kelp.cloud.edge;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.kelp.message.MalformedMessageException;
import java.util.Set;

/**
 * What a gateway may say about pods. The cloud service writes with rights of its own, so what the admission plug-in NodeRestriction
 * forbids a kubelet has to be forbidden here: else a gateway could have pods made for it that read any Secret.
 */
final class PodRules {

    private static final String MIRROR = "kubernetes.io/config.mirror";
    private static final Set<String> PARTS = Set.of("apiVersion", "kind", "metadata", "status");
    private static final Set<String> METADATA = Set.of("uid", "name", "namespace", "resourceVersion", "annotations");

    private PodRules() {}

    /** A patch of the status may bring annotations with it; labels and owners are not the gateway's. */
    static void checkStatusPatch(String patch) throws MalformedMessageException {
        JsonElement element;
        try {
            element = JsonParser.parseString(patch);
        } catch (JsonParseException | StackOverflowError e) { // deep nesting has no other limit
            throw new MalformedMessageException("the patch is no JSON");
        }
        if (!(element instanceof JsonObject object)) {
            throw new MalformedMessageException("the patch is no JSON object");
        }
        only(PARTS, object, "");
        JsonElement metadata = object.get("metadata");
        if (metadata instanceof JsonObject m) {
            only(METADATA, m, "metadata.");
        } else if (metadata != null) {
            throw new MalformedMessageException("metadata of the patch is no object");
        }
    }

    private static void only(Set<String> allowed, JsonObject object, String prefix) throws MalformedMessageException {
        for (String name : object.keySet()) {
            if (!allowed.contains(name)) {
                throw new MalformedMessageException("a patch of the status of a pod must not touch " + prefix + name);
            }
        }
    }

    /** A pod made by a gateway shows one that it runs from a file: its own, with nothing of the cluster in it. */
    static void checkMirror(JsonObject pod, String node) throws MalformedMessageException {
        require(Json.string(pod, "spec", "nodeName").equals(node), "spec.nodeName of a mirror pod must be " + node);
        require(!Json.string(pod, "metadata", "annotations", MIRROR).isEmpty(), "a gateway may only make mirror pods, with annotation " + MIRROR);
        JsonObject spec = pod.getAsJsonObject("spec");
        require(Json.string(spec, "serviceAccountName").isEmpty() && Json.string(spec, "serviceAccount").isEmpty(),
                "a mirror pod cannot have a service account");
        require(PodView.of(pod).references().isEmpty(), "a mirror pod cannot refer to config maps or secrets");
        for (JsonElement volume : spec.get("volumes") instanceof JsonArray volumes ? volumes : new JsonArray()) {
            require(!volume.isJsonObject() || !volume.getAsJsonObject().has("persistentVolumeClaim") && !volume.toString().contains("\"serviceAccountToken\""),
                    "a mirror pod cannot have claims or tokens as volumes");
        }
        require(!spec.has("resourceClaims"), "a mirror pod cannot have resource claims");
        JsonElement owners = pod.getAsJsonObject("metadata").get("ownerReferences");
        for (JsonElement owner : owners instanceof JsonArray list ? list : new JsonArray()) {
            require(owner instanceof JsonObject o && Json.string(o, "kind").equals("Node") && Json.string(o, "name").equals(node),
                    "a mirror pod can belong to the Node " + node + " alone");
        }
    }

    private static void require(boolean holds, String sentence) throws MalformedMessageException {
        if (!holds) {
            throw new MalformedMessageException(sentence);
        }
    }
}
