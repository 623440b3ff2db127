package io.kelp.edged.internal.pod;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.kelp.edged.internal.Gateway;
import io.kelp.testkit.cloud.FakeCloud;
import io.kelp.testkit.cloud.FakeConnection;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * The cloud side of a stock KubeEdge with one pod: one push in flight until it is acknowledged, statuses merged as the API server
 * does, each patch coming back as a push, questions answered with what was recorded. Specification: channel 5 and 6.
 */
final class StockCloud {

    /** What stock clouds have been seen to do, or do by their source. */
    enum Oddity {
        /** The push that follows a patch overtakes the answer of the patch. */
        PUSH_BEFORE_ANSWER,
        /** Each push is written five times under one id, as when acknowledgements are late. */
        FIVE_WRITES,
        /** Objects of pushes have neither kind nor apiVersion. */
        NO_KIND,
        /** The answer of a patch has an empty Object. */
        ANSWER_WITHOUT_OBJECT,
        /** The first patch is written but its answer is lost; only the push shows it. */
        FIRST_PATCH_UNANSWERED,
        /** The last push of a pod has an empty spec. */
        EMPTY_SPEC_ON_DELETE,
        /** The last push of a pod is that of the stale pod clean-up: no uid, no resource version. */
        DELETE_WITHOUT_UID,
        /** The last push of a pod is that of the SyncController: path with node, only metadata, no kind. */
        DELETE_BY_SYNC_CONTROLLER,
        /** The first answer to each question is {@code {}}. */
        FIRST_ANSWER_EMPTY,
        /** The first answer to the question for a ConfigMap never comes. */
        FIRST_ANSWER_LOST,
        /** The first answer to each question is an error of the API server. */
        FIRST_ANSWER_ERROR
    }

    /** The one whose first answer is lost; a request waits for a minute, and one after another would make a long test. */
    private static final String LOST = "default/configmap/app-config";

    private final Set<Oddity> oddities;
    private final Map<String, JsonElement> answers = new HashMap<>();
    private final Map<String, Integer> asked = new HashMap<>();
    private final List<JsonObject> heard = new ArrayList<>();
    private final Deque<JsonObject> pushes = new ArrayDeque<>();
    private FakeConnection connection;
    private JsonObject inFlight;
    private JsonObject pod;
    private int version = 1200;

    StockCloud(FakeCloud cloud, Set<Oddity> oddities, List<String> recordings) throws IOException {
        this.oddities = oddities.isEmpty() ? EnumSet.noneOf(Oddity.class) : EnumSet.copyOf(oddities);
        for (String recording : recordings) {
            learn(recording);
        }
        cloud.onConnect = c -> connected(c);
        cloud.onMessage = (c, text) -> take(c, JsonParser.parseString(text).getAsJsonObject());
    }

    private void learn(String recording) throws IOException {
        Map<String, String> questions = new HashMap<>();
        for (JsonObject event : Gateway.recording(recording)) {
            JsonObject message = event.getAsJsonObject("msg");
            if (operation(message).equals("query")) {
                questions.put(text(message, "header", "msg_id"), resource(message));
            } else if (questions.containsKey(text(message, "header", "parent_msg_id"))) {
                answers.put(questions.get(text(message, "header", "parent_msg_id")), message.get("content"));
            }
        }
    }

    static String text(JsonObject message, String part, String member) {
        JsonElement value = message.getAsJsonObject(part).get(member);
        return value == null || value.isJsonNull() ? "" : value.getAsString();
    }

    static String operation(JsonObject message) {
        return text(message, "route", "operation");
    }

    static String resource(JsonObject message) {
        return text(message, "route", "resource");
    }

    // ---- what the operator does ----

    /** Somebody changes the API's objects; each change is pushed. */
    synchronized void create(JsonObject object) {
        pod = object.deepCopy();
        pushPod("insert");
    }

    /** As after an outage: the edge learns of the pod from the SyncController. */
    synchronized void createUnseen(JsonObject object) {
        pod = object.deepCopy();
        pushPod("update");
    }

    synchronized void change(Change change) {
        change.make(pod);
        pushPod("update");
    }

    interface Change {
        void make(JsonObject pod);
    }

    synchronized void order(boolean force) {
        JsonObject metadata = pod.getAsJsonObject("metadata");
        metadata.addProperty("deletionTimestamp", "2026-11-21T11:23:04Z");
        metadata.addProperty("deletionGracePeriodSeconds", force ? 0 : 2);
        pushPod("update");
        if (force) {
            remove();
        }
    }

    synchronized void push(JsonObject recorded) {
        JsonObject message = recorded.deepCopy();
        message.getAsJsonObject("header").addProperty("msg_id", UUID.randomUUID().toString());
        message.getAsJsonObject("header").addProperty("timestamp", System.currentTimeMillis()); // gateways set their clock by it
        enqueue(message);
    }

    /** The link ends as if a cable were pulled; the edge comes again by itself. */
    void cut() {
        FakeConnection last;
        synchronized (this) {
            last = connection;
            connection = null;
            inFlight = null;
        }
        last.reset();
    }

    // ---- what the test looks at ----

    synchronized boolean isGone() {
        return pod == null && pushes.isEmpty() && inFlight == null;
    }

    synchronized JsonObject status() {
        return pod == null ? new JsonObject() : pod.getAsJsonObject("status").deepCopy();
    }

    synchronized boolean isReady() {
        return status().toString().matches(".*\"status\":\"True\",\"type\":\"Ready\".*|.*\"type\":\"Ready\",\"status\":\"True\".*");
    }

    /** What the edge said, in order. */
    synchronized List<JsonObject> heard(Predicate<JsonObject> which) {
        return heard.stream().filter(which).toList();
    }

    synchronized void forget() {
        heard.clear();
    }

    synchronized boolean isQuiet() {
        return pushes.isEmpty() && inFlight == null;
    }

    // ---- the machine ----

    private synchronized void connected(FakeConnection c) {
        connection = c;
        inFlight = null;
        pump();
    }

    private void pushPod(String operation) {
        pod.getAsJsonObject("metadata").addProperty("resourceVersion", "" + ++version);
        JsonObject object = pod.deepCopy();
        if (oddities.contains(Oddity.NO_KIND)) {
            object.remove("kind");
            object.remove("apiVersion");
        }
        enqueue(message("", operation, "default/pod/" + name(), "" + version, object));
    }

    private String name() {
        return text(pod, "metadata", "name");
    }

    private void remove() {
        if (oddities.contains(Oddity.DELETE_WITHOUT_UID) || oddities.contains(Oddity.DELETE_BY_SYNC_CONTROLLER)) {
            JsonObject metadata = new JsonObject();
            metadata.addProperty("name", name());
            metadata.addProperty("namespace", "default");
            boolean sync = oddities.contains(Oddity.DELETE_BY_SYNC_CONTROLLER);
            if (sync) {
                metadata.add("uid", pod.getAsJsonObject("metadata").get("uid"));
            }
            JsonObject content = new JsonObject();
            content.add("metadata", metadata);
            enqueue(message("", "delete", "default/pod/" + name(), "", content));
        } else if (oddities.contains(Oddity.EMPTY_SPEC_ON_DELETE)) {
            pod.add("spec", new JsonObject());
            pushPod("delete");
        } else {
            pushPod("delete");
        }
        pod = null;
    }

    private static JsonObject message(String parent, String operation, String resource, String version, JsonElement content) {
        JsonObject header = new JsonObject();
        header.addProperty("msg_id", UUID.randomUUID().toString());
        if (!parent.isEmpty()) {
            header.addProperty("parent_msg_id", parent);
        }
        header.addProperty("timestamp", System.currentTimeMillis());
        if (!version.isEmpty()) {
            header.addProperty("resourceversion", version);
        }
        JsonObject route = new JsonObject();
        route.addProperty("source", "edgecontroller");
        route.addProperty("group", "resource");
        route.addProperty("operation", operation);
        route.addProperty("resource", resource);
        JsonObject message = new JsonObject();
        message.add("header", header);
        message.add("route", route);
        message.add("content", content);
        return message;
    }

    private void enqueue(JsonObject message) {
        pushes.add(message);
        pump();
    }

    private void pump() {
        if (inFlight == null && connection != null && !pushes.isEmpty()) {
            inFlight = pushes.peek();
            for (int i = 0; i < (oddities.contains(Oddity.FIVE_WRITES) ? 5 : 1); i++) {
                send(inFlight);
            }
        }
    }

    private void send(JsonObject message) {
        try {
            if (connection != null) {
                connection.send(message + "\n");
            }
        } catch (IOException e) {
            connection = null; // the link has ended; whatever was not acknowledged is sent on the next one
        }
    }

    private synchronized void take(FakeConnection from, JsonObject message) {
        if (from != connection) {
            return;
        }
        heard.add(message);
        if (operation(message).equals("response")) {
            if (inFlight != null && text(message, "header", "parent_msg_id").equals(text(inFlight, "header", "msg_id"))) {
                pushes.remove();
                inFlight = null;
                pump();
            }
        } else if (text(message, "route", "source").equals("edged")) {
            request(message);
        }
    }

    private void request(JsonObject message) {
        String[] path = resource(message).split("/");
        switch (operation(message) + " " + path[1]) {
            case "patch podpatch" -> patch(message);
            case "delete pod" -> delete(message);
            case "query configmap", "query secret", "query serviceaccounttoken" -> query(message);
            case "insert event", "patch event" -> { } // never answered
            default -> {
                JsonObject object = message.get("content") instanceof JsonObject o ? o.deepCopy() : new JsonObject();
                if (!object.has("metadata")) {
                    object.add("metadata", new JsonObject());
                }
                object.getAsJsonObject("metadata").addProperty("uid", "a5a7a7c6-2e5a-4d56-9a5c-eda8dadba91a");
                object.getAsJsonObject("metadata").addProperty("resourceVersion", "" + ++version);
                answer(message, "" + version, outcome(object, JsonNull.INSTANCE));
            }
        }
    }

    private static JsonObject outcome(JsonElement object, JsonElement error) {
        JsonObject outcome = new JsonObject();
        outcome.add("Object", object);
        outcome.add("Err", error);
        return outcome;
    }

    private static JsonObject error(String reason, int code, String text) {
        return JsonParser.parseString("{\"ErrStatus\":{\"metadata\":{},\"status\":\"Failure\",\"message\":\"" + text + "\",\"reason\":\"" + reason
                + "\",\"code\":" + code + "}}").getAsJsonObject();
    }

    private void answer(JsonObject request, String version, JsonElement content) {
        send(message(text(request, "header", "msg_id"), "response", resource(request), version, content));
    }

    private void query(JsonObject message) {
        int times = asked.merge(resource(message), 1, Integer::sum);
        JsonElement recorded = answers.getOrDefault(resource(message), error("NotFound", 404, "not found"));
        if (times == 1 && oddities.contains(Oddity.FIRST_ANSWER_LOST) && resource(message).equals(LOST)) {
            return;
        }
        if (times == 1 && oddities.contains(Oddity.FIRST_ANSWER_EMPTY)) {
            answer(message, "", new JsonObject());
        } else if (times == 1 && oddities.contains(Oddity.FIRST_ANSWER_ERROR)) {
            answer(message, "", error("InternalError", 500, "etcdserver: leader changed"));
        } else {
            answer(message, "", recorded);
        }
    }

    private void patch(JsonObject message) {
        JsonObject patch = JsonParser.parseString(message.get("content").getAsString()).getAsJsonObject();
        if (pod == null || !text(patch, "metadata", "uid").equals(text(pod, "metadata", "uid"))) {
            answer(message, "", outcome(JsonNull.INSTANCE, error("NotFound", 404, "pods not found")));
            return;
        }
        if (patch.has("status")) {
            merge(pod.getAsJsonObject("status"), patch.getAsJsonObject("status"));
        }
        boolean pushFirst = oddities.contains(Oddity.PUSH_BEFORE_ANSWER);
        if (pushFirst) {
            pushPod("update");
        } else {
            pod.getAsJsonObject("metadata").addProperty("resourceVersion", "" + (version + 1));
        }
        if (!oddities.contains(Oddity.FIRST_PATCH_UNANSWERED) || asked.merge("patch", 1, Integer::sum) > 1) {
            JsonObject shown = pod.deepCopy();
            shown.remove("kind");
            shown.remove("apiVersion");
            answer(message, text(pod, "metadata", "resourceVersion"),
                    outcome(oddities.contains(Oddity.ANSWER_WITHOUT_OBJECT) ? new JsonObject() : shown, JsonNull.INSTANCE));
        }
        if (!pushFirst) {
            pushPod("update");
        }
    }

    private void delete(JsonObject message) {
        JsonObject wanted = message.getAsJsonObject("content").getAsJsonObject("preconditions");
        if (pod == null || !wanted.get("uid").getAsString().equals(text(pod, "metadata", "uid"))) {
            answer(message, "", error("NotFound", 404, "pods not found"));
            return;
        }
        pod.getAsJsonObject("metadata").addProperty("deletionGracePeriodSeconds", 0);
        pushPod("update");
        answer(message, "", new JsonPrimitive("OK"));
        remove();
    }

    /** Strategic merge as far as a pod's status needs it: conditions by type, other lists whole. */
    static void merge(JsonObject into, JsonObject patch) {
        for (Map.Entry<String, JsonElement> member : patch.entrySet()) {
            JsonElement value = member.getValue();
            if (member.getKey().startsWith("$")) {
                continue;
            } else if (value.isJsonNull()) {
                into.remove(member.getKey());
            } else if (member.getKey().equals("conditions")) {
                JsonArray all = into.has("conditions") ? into.getAsJsonArray("conditions") : new JsonArray();
                value.getAsJsonArray().forEach(c -> mergeCondition(all, c.getAsJsonObject()));
                into.add("conditions", all);
            } else if (value.isJsonObject() && into.get(member.getKey()) instanceof JsonObject deeper) {
                merge(deeper, value.getAsJsonObject());
            } else {
                into.add(member.getKey(), value.deepCopy());
            }
        }
    }

    private static void mergeCondition(JsonArray all, JsonObject patch) {
        for (JsonElement each : all) {
            if (each.getAsJsonObject().get("type").equals(patch.get("type"))) {
                merge(each.getAsJsonObject(), patch);
                return;
            }
        }
        all.add(patch.deepCopy());
    }
}
