package io.kelp.edged.internal.pod;

import static io.kelp.edged.internal.pod.PodNode.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.edged.internal.eviction.Pressure;
import io.kelp.edged.internal.eviction.Signal;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvictorTest {

    @TempDir Path folder;
    private final Pressure pressure = new Pressure();
    private final Pod asking = pod("asking", "u1", "{'priority':5,'containers':[{'name':'m','image':'a:1','resources':{'requests':{'memory':'1Mi'}}}]}");
    private final Pod modest = pod("modest", "u2", "{'priority':5,'containers':[{'name':'m','image':'a:1'}]}");
    private final Pod important = pod("important", "u3", "{'priority':2000000000,'containers':[{'name':'m','image':'a:1'}]}");
    private PodNode node;
    private Evictor evictor;

    @BeforeEach
    void threePodsRun() {
        node = new PodNode(folder).start().apply(asking).apply(modest).apply(important).pass(3);
        evictor = new Evictor(node.agent, node.volumes, node.recorder, () -> List.of(node.runtime));
    }

    private void look(Set<Signal> missing) {
        pressure.observe(missing, 0);
        evictor.look(pressure);
        node.pass(1);
    }

    @Test
    void aRuntimeThatIsGoingDoesNotEndTheCareForTheDisk() {
        evictor = new Evictor(node.agent, node.volumes, node.recorder, () -> List.of(new FakeRuntime(node.loop) {
            @Override
            public java.util.concurrent.CompletionStage<Long> freeImages(long bytes) {
                throw new java.util.concurrent.RejectedExecutionException("stopped");
            }
        }));
        look(EnumSet.of(Signal.DISK));
        look(EnumSet.of(Signal.DISK));
        assertEquals(1, node.runtime.alive.size(), "both looks have made room by ending a pod");
    }

    @Test
    void nothingGoesWhileNothingIsShort() {
        look(Set.of());
        assertEquals(3, node.runtime.alive.size());
    }

    @Test
    void ofMemoryThePodWithoutARequestGoesFirstAndOnlyOneAtALook() {
        look(EnumSet.of(Signal.MEMORY));
        assertEquals("Failed", node.phase(modest));
        assertEquals("Evicted", Pod.text(node.status(modest), "reason"));
        assertEquals("Running", node.phase(asking));

        look(EnumSet.of(Signal.MEMORY));
        assertEquals("Failed", node.phase(asking));

        look(EnumSet.of(Signal.MEMORY));
        assertEquals("Running", node.phase(important));
        assertTrue(node.events().contains("node Warning EvictionThresholdMet: Attempting to reclaim memory"));
    }

    @Test
    void ofDiskUnusedImagesGoBeforeAnyPod() {
        node.runtime.unusedBytes = 4096;
        look(EnumSet.of(Signal.DISK));
        assertEquals(3, node.runtime.alive.size());

        look(EnumSet.of(Signal.DISK));
        assertEquals(2, node.runtime.alive.size());
    }

    @Test
    void anEmptyDirAboveItsLimitCostsItsPodItsPlace() {
        node.volumes.over.put("u1", "Usage of EmptyDir volume \"tmp\" exceeds the limit \"1Mi\". ");
        look(Set.of());
        assertEquals("Failed", node.phase(asking));
        assertEquals("Running", node.phase(modest));
    }
}
