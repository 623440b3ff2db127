package io.kelp.cloud.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReferencesTest {

    private final References references = new References();

    @Test
    void anObjectStaysOnAGatewayAsLongAsOneOfItsPodsRefersToIt() {
        assertEquals(List.of("secret/n/s"), references.put(pod("1", "edge", "secret/n/s")));
        assertEquals(List.of(), references.put(pod("2", "edge", "secret/n/s")));
        assertEquals(List.of("secret/n/s"), references.put(pod("3", "other", "secret/n/s")));
        assertEquals(List.of(), references.remove(pod("1", "edge", "secret/n/s")));
        assertEquals(Set.of("edge", "other"), references.nodes("secret/n/s"));
        assertEquals(List.of(), references.remove(pod("2", "edge", "secret/n/s")));
        assertEquals(Set.of("other"), references.nodes("secret/n/s"));
        assertEquals(List.of("secret/n/s"), references.remove(pod("3", "other", "secret/n/s")));
        assertFalse(references.has("secret/n/s"));
    }

    @Test
    void aPodThatChangesCountsOnce() {
        references.put(pod("1", "edge", "secret/n/s"));
        assertEquals(List.of("configmap/n/c"), references.put(pod("1", "edge", "configmap/n/c")));
        assertFalse(references.has("secret/n/s"));
        references.remove(pod("1", "edge", "configmap/n/c"));
        assertEquals(List.of(), references.remove(pod("1", "edge", "configmap/n/c")));
        assertFalse(references.has("configmap/n/c"));
    }

    private static PodView pod(String uid, String node, String... references) {
        return new PodView(new HeldObject("Pod", "pod", "n", "p" + uid, uid, "1", new byte[0]), node, "default", Set.of(references));
    }
}
