package io.kelp.edged.internal.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.control.MetricSource.Sink;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodReportTest {

    @TempDir Path folder;

    @Test
    void metricsTellPhasesRestartsAndWhatContainersUse() {
        PodNode node = new PodNode(folder).start().apply(PodNode.simple("web", "u1")).pass(3);
        Map<String, Double> samples = new TreeMap<>();
        new PodReport(node.agent, node.loop::now, Duration.ofMinutes(5)).collect(new Sink() {
            @Override
            public void counter(String name, String help, double value, String... labels) {
                samples.put(name + String.join(",", labels), value);
            }

            @Override
            public void gauge(String name, String help, double value, String... labels) {
                samples.put(name + String.join(",", labels), value);
            }
        });
        String container = "namespace,default,pod,web,container,app";
        assertEquals(1, samples.get("kelp_podsphase,Running"));
        assertEquals(0, samples.get("kelp_pod_container_restarts_total" + container));
        for (String used : new String[] {"cpu_seconds_total", "allocated_bytes_total", "threads"}) {
            assertTrue(samples.containsKey("kelp_pod_container_" + used + container), samples.toString());
        }
    }
}
