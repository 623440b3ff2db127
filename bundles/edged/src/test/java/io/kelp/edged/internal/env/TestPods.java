package io.kelp.edged.internal.env;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.edged.internal.pod.PodEvents;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Pods, a node and a recorder of Events for tests. */
public final class TestPods {

    private TestPods() {}

    /** A pod of uid {@code pod-1}; single quotes stand for double ones. */
    public static Pod pod(String spec) {
        return pod("pod-1", "{'app':'web','tier':'a'}", spec);
    }

    public static Pod pod(String uid, String labels, String spec) {
        JsonObject metadata = json("{'name':'web','namespace':'default','uid':'" + uid + "','resourceVersion':'7','labels':" + labels
                + ",'annotations':{'note':'line one\\nsays \\'hi\\''}}");
        JsonObject json = new JsonObject();
        json.add("metadata", metadata);
        json.add("spec", json(spec));
        return new Pod("default", "web", uid, "7", json);
    }

    public static JsonObject json(String text) {
        return JsonParser.parseString(text.replace("\\'", "\u0000").replace('\'', '"').replace("\u0000", "\\\"")).getAsJsonObject();
    }

    public static final NodeFacts NODE = new NodeFacts() {
        @Override
        public String name() {
            return "edge-1";
        }

        @Override
        public String address() {
            return "192.0.2.7";
        }

        @Override
        public long allocatableCpuMillis() {
            return 3900;
        }

        @Override
        public long allocatableMemoryBytes() {
            return 256L << 20;
        }

        @Override
        public long allocatableStorageBytes() {
            return 4L << 30;
        }
    };

    /** Events about pods as {@code type reason message}. */
    public static final class Events implements PodEvents {
        public final List<String> said = new CopyOnWriteArrayList<>();

        @Override
        public void pod(Pod pod, String container, String type, String reason, String message) {
            said.add(type + " " + reason + " " + message);
        }

        @Override
        public void node(String type, String reason, String message) {
            throw new AssertionError("nothing here concerns the Node");
        }

        @Override
        public void object(JsonObject reference, String type, String reason, String message) {
            throw new AssertionError("nothing here concerns other objects");
        }
    }
}
