package io.kelp.edged.internal.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.edged.internal.fake.FakeObjects;
import io.kelp.edged.internal.fake.FakeStore;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.edged.internal.pod.PodEvents;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeEventsTest {

    private final FakeStore store = new FakeStore();
    private final FakeObjects objects = new FakeObjects();
    private final List<String> made = new ArrayList<>();
    private final PodEvents events = new PodEvents() {
        @Override
        public void pod(Pod pod, String container, String type, String reason, String message) {
            throw new AssertionError("about the Node only");
        }

        @Override
        public void node(String type, String reason, String message) {
            made.add(type + " " + reason + " " + message);
        }

        @Override
        public void object(JsonObject reference, String type, String reason, String message) {
            throw new AssertionError("about the Node only");
        }
    };
    private int version;

    private List<String> made() {
        List<String> now = List.copyOf(made);
        made.clear();
        return now;
    }

    private NodeEvents start(String boot, String process) {
        return new NodeEvents(events, store, objects, "edge-t", boot, process);
    }

    private void show(String memory, String ready) {
        objects.push("node", JsonParser.parseString("{'metadata':{'name':'edge-t','namespace':'null','uid':'n1','resourceVersion':'" + ++version
                + "'},'status':{'conditions':[{'type':'MemoryPressure','status':'" + memory + "'},{'type':'Ready','status':'" + ready
                + "'},{'type':'CloudReachable','status':'True'}]}}").getAsJsonObject());
    }

    @Test
    void aStartIsToldOncePerRunAndARebootByItsId() {
        start("boot-1", "100").close();
        assertEquals(List.of("Normal Starting Starting Kelp."), made());
        start("boot-1", "100").close();
        assertEquals(List.of(), made());
        start("boot-1", "101").close();
        assertEquals(List.of("Normal Starting Starting Kelp."), made());
        start("boot-2", "7").close();
        assertEquals(List.of("Normal Starting Starting Kelp.", "Warning Rebooted Node edge-t has been rebooted, boot id: boot-2"), made());
    }

    @Test
    void conditionsThatChangeAreTold() {
        start("boot-1", "100");
        made();
        show("False", "True");
        show("False", "True");
        assertEquals(List.of(), made());
        show("True", "True");
        assertEquals(List.of("Normal NodeHasInsufficientMemory Node edge-t status is now: NodeHasInsufficientMemory"), made());
        show("True", "Unknown");
        show("False", "True");
        assertEquals(List.of("Normal NodeHasSufficientMemory Node edge-t status is now: NodeHasSufficientMemory"), made());
        show("False", "False");
        assertEquals(List.of("Normal NodeNotReady Node edge-t status is now: NodeNotReady"), made());
    }
}
