package io.kelp.cloud.web;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;

/**
 * What the page shows of a Node.
 *
 * @param state {@code Ready}, {@code NotReady} or {@code Unknown}
 * @param reason of the Ready condition, with its message; may be empty
 * @param since RFC 3339, when the state began; empty when unknown
 * @param created RFC 3339
 * @param version of Kelp or KubeEdge, as the Node tells it
 * @param system operating system and architecture; may be empty
 * @param address the first internal address; may be empty
 * @param link status of condition {@code CloudReachable}, empty when there is none
 */
record NodeView(String name, String state, String reason, String message, String since, String created, String version,
        String system, String address, String link, String linkMessage) {

    static NodeView of(JsonObject node) {
        JsonObject metadata = object(node, "metadata");
        JsonObject status = object(node, "status");
        JsonObject info = object(status, "nodeInfo");
        JsonObject ready = first(status, "conditions", "type", "Ready");
        JsonObject link = first(status, "conditions", "type", "CloudReachable");
        String state = switch (text(ready, "status")) {
            case "True" -> "Ready";
            case "False" -> "NotReady";
            default -> "Unknown";
        };
        return new NodeView(text(metadata, "name"), state, ready.isEmpty() ? "NeverReported" : text(ready, "reason"), text(ready, "message"),
                text(ready, "lastTransitionTime"), text(metadata, "creationTimestamp"), version(info),
                (text(info, "operatingSystem") + " " + text(info, "architecture")).strip(),
                text(first(status, "addresses", "type", "InternalIP"), "address"), text(link, "status"), text(link, "message"));
    }

    /** Kelp names itself as the runtime of pods; KubeEdge puts its version behind that of the kubelet. */
    private static String version(JsonObject info) {
        String runtime = text(info, "containerRuntimeVersion");
        String kubelet = text(info, "kubeletVersion");
        if (runtime.matches("kelp(-[a-z0-9]+)?://.*")) {
            return "Kelp " + runtime.substring(runtime.indexOf("://") + "://".length());
        }
        int edge = kubelet.indexOf("-kubeedge-");
        return edge < 0 ? kubelet : "KubeEdge " + kubelet.substring(edge + "-kubeedge-".length());
    }

    /** @param connected whether its gateway is connected to this cloud service */
    JsonObject json(boolean connected, int devices) {
        JsonObject json = new JsonObject();
        json.addProperty("name", name);
        json.addProperty("state", state);
        json.addProperty("reason", reason);
        json.addProperty("message", message);
        json.addProperty("since", since);
        json.addProperty("created", created);
        json.addProperty("version", version);
        json.addProperty("system", system);
        json.addProperty("address", address);
        json.addProperty("connected", connected);
        json.addProperty("link", link);
        json.addProperty("linkMessage", linkMessage);
        json.addProperty("devices", devices);
        return json;
    }

    static JsonObject object(JsonObject parent, String name) {
        return parent.get(name) instanceof JsonObject object ? object : new JsonObject();
    }

    static String text(JsonObject parent, String name) {
        return parent.get(name) instanceof JsonPrimitive value ? value.getAsString() : "";
    }

    private static JsonObject first(JsonObject parent, String list, String key, String value) {
        if (parent.get(list) instanceof JsonArray array) {
            for (JsonElement element : array) {
                if (element instanceof JsonObject object && text(object, key).equals(value)) {
                    return object;
                }
            }
        }
        return new JsonObject();
    }
}
