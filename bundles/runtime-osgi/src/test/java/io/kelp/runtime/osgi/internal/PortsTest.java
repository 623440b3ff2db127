package io.kelp.runtime.osgi.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.edged.ContainerSpec;
import io.kelp.edged.ContainerSpec.PodRef;
import io.kelp.edged.ContainerSpec.Port;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PortsTest {

    private static final Port WEB = new Port("web", 8080, false, "TCP");

    private final Ports ports = new Ports();

    @Test
    void aContainerGetsTheNumberItHadUntilItsPodIsForgotten() throws Exception {
        int first = once("a");
        assertEquals(first, once("a"));
        ports.forget("uid-b");
        assertEquals(first, once("a"));
        Set<Integer> later = new HashSet<>();
        for (int i = 0; i < 5; i++) {
            ports.forget("uid-a");
            later.add(once("a"));
        }
        assertTrue(later.size() > 1, "always " + later); // five times the same of some 28 000 by chance
    }

    private int once(String pod) throws Exception {
        PodRef ref = new PodRef("default", pod, "uid-" + pod, "127.0.0.1", Map.of(), Map.of(), Path.of(pod));
        ContainerSpec spec = new ContainerSpec(ref, "main", 0, "image", List.of(), List.of(), Map.of(), List.of(), List.of(WEB), 0, 0, 0,
                Path.of("log"), Path.of("termination"));
        int number = ports.take(spec).get(8080);
        ports.release(spec);
        return number;
    }
}
