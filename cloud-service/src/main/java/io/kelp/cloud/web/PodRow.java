package io.kelp.cloud.web;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** A pod as the page lists it, in the words of {@code kubectl get pods}. */
final class PodRow {

    private PodRow() {}

    /** {@code namespace, name, status, message, ready, containers, restarts, images[], created}. */
    static JsonObject of(JsonObject pod) {
        JsonObject metadata = NodeView.object(pod, "metadata");
        JsonObject spec = NodeView.object(pod, "spec");
        JsonObject status = NodeView.object(pod, "status");
        String word = NodeView.text(status, "reason").isEmpty() ? NodeView.text(status, "phase") : NodeView.text(status, "reason");
        String message = NodeView.text(status, "message");
        int ready = 0;
        int restarts = 0;
        List<JsonObject> containers = new ArrayList<>(list(status, "initContainerStatuses"));
        int init = containers.size();
        containers.addAll(list(status, "containerStatuses"));
        for (int i = containers.size() - 1; i >= 0; i--) { // the first that waits or has ended has the word
            JsonObject container = containers.get(i);
            restarts += number(container, "restartCount");
            ready += i >= init && NodeView.text(container, "ready").equals("true") ? 1 : 0;
            JsonObject state = NodeView.object(container, "state");
            JsonObject ended = NodeView.object(state, "terminated");
            JsonObject why = state.has("waiting") ? NodeView.object(state, "waiting") : ended;
            boolean done = i < init && state.has("terminated") && number(ended, "exitCode") == 0;
            if (!done && !NodeView.text(why, "reason").isEmpty()) {
                word = (i < init ? "Init:" : "") + NodeView.text(why, "reason");
                message = NodeView.text(why, "message");
            }
        }
        if (metadata.has("deletionTimestamp")) {
            word = "Terminating";
        }
        JsonArray images = new JsonArray();
        list(spec, "containers").forEach(container -> images.add(NodeView.text(container, "image")));
        JsonObject row = new JsonObject();
        row.addProperty("namespace", NodeView.text(metadata, "namespace"));
        row.addProperty("name", NodeView.text(metadata, "name"));
        row.addProperty("status", word);
        row.addProperty("message", message);
        row.addProperty("ready", ready);
        row.addProperty("containers", images.size());
        row.addProperty("restarts", restarts);
        row.add("images", images);
        row.addProperty("created", NodeView.text(metadata, "creationTimestamp"));
        return row;
    }

    private static List<JsonObject> list(JsonObject parent, String name) {
        List<JsonObject> found = new ArrayList<>();
        if (parent.get(name) instanceof JsonArray array) {
            for (JsonElement element : array) {
                if (element instanceof JsonObject object) {
                    found.add(object);
                }
            }
        }
        return found;
    }

    private static int number(JsonObject parent, String name) {
        String text = NodeView.text(parent, name);
        return text.matches("-?\\d{1,9}") ? Integer.parseInt(text) : 0;
    }
}
