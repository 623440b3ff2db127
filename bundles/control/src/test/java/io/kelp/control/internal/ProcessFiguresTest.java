package io.kelp.control.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.control.MetricSource;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProcessFiguresTest {

    /** Whoever asks first must not start the clock. */
    @Test
    void uptimeIsThatOfTheProcess() {
        Instant began = ProcessHandle.current().info().startInstant().orElseThrow();
        assertEquals(Duration.between(began, Instant.now()).toMillis() / 1000.0, ProcessFigures.uptimeSeconds(), 2);
    }

    @Test
    void allFiguresAreThere() {
        Map<String, Double> seen = new HashMap<>();
        new ProcessFigures().collect(new MetricSource.Sink() {
            @Override
            public void counter(String name, String help, double value, String... labels) {
                seen.put(name, value);
            }

            @Override
            public void gauge(String name, String help, double value, String... labels) {
                seen.put(name, value);
            }
        });
        assertTrue(seen.get("kelp_process_cpu_seconds_total") > 0, seen.toString());
        assertTrue(seen.get("kelp_process_threads") > 5, seen.toString());
    }
}
