package io.kelp.kubeapi.internal.control;

import static io.kelp.kubeapi.internal.control.TestCluster.await;
import static io.kelp.kubeapi.internal.resource.TestTypes.EVENTS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.kubeapi.MemoryApiStore;
import io.kelp.kubeapi.internal.resource.Trees;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class EventExpiryTest {

    @Test
    void eventsGoSomeTimeAfterTheirLastChange() throws Exception {
        try (TestCluster cluster = new TestCluster(new MemoryApiStore(), Duration.ofMillis(400), InstantSource.system())) {
            long created = System.nanoTime();
            cluster.create(EVENTS, "default", "old");
            cluster.create(EVENTS, "default", "touched");
            await("half of it", () -> System.nanoTime() - created > Duration.ofMillis(250).toNanos());
            long touched = System.nanoTime();
            cluster.objects.update(EVENTS, "default", "touched", "", "test", current -> {
                current.addProperty("count", 2);
                return current;
            });
            await("the old one is gone", () -> !cluster.exists(EVENTS, "default", "old"));
            assertTrue(System.nanoTime() - created >= Duration.ofMillis(400).toNanos(), "too early");
            await("the other one, too", () -> !cluster.exists(EVENTS, "default", "touched"));
            assertTrue(System.nanoTime() - touched >= Duration.ofMillis(400).toNanos(), "too early");
            await("idle", () -> cluster.housekeeping.pending() == 0);
        }
    }

    @Test
    void afterARestartTheTimesInThemCount() throws Exception {
        MemoryApiStore store = new MemoryApiStore();
        Instant then = Instant.parse("2030-01-01T00:00:00Z");
        try (TestCluster cluster = new TestCluster(store, Duration.ofHours(1), InstantSource.fixed(then))) {
            cluster.create(EVENTS, "default", "old");
            cluster.create(EVENTS, "default", "repeated");
            cluster.objects.update(EVENTS, "default", "repeated", "", "test", current -> {
                current.addProperty("lastTimestamp", "2030-01-01T00:50:00Z");
                return current;
            });
        }
        try (TestCluster cluster = new TestCluster(store, Duration.ofHours(1), InstantSource.fixed(then.plus(Duration.ofMinutes(70))))) {
            await("the old one is gone", () -> !cluster.exists(EVENTS, "default", "old"));
            assertTrue(cluster.exists(EVENTS, "default", "repeated"));
        }
    }

    @Test
    void aClockThatWasSetBackMakesThemNew() throws Exception {
        MemoryApiStore store = new MemoryApiStore();
        try (TestCluster cluster = new TestCluster(store, Duration.ofHours(1), InstantSource.fixed(Instant.parse("2030-01-01T00:00:00Z")))) {
            cluster.create(EVENTS, "default", "e");
        }
        try (TestCluster cluster = new TestCluster(store, Duration.ofHours(1), InstantSource.fixed(Instant.EPOCH))) {
            await("upkeep at the start is done", () -> cluster.housekeeping.pending() == 1);
            assertEquals("e", Trees.text(cluster.get(EVENTS, "default", "e"), "metadata", "name"));
        }
    }

    @Test
    void manyGoInBatches() throws Exception {
        try (TestCluster cluster = new TestCluster(new MemoryApiStore(), Duration.ofMillis(100), InstantSource.system())) {
            for (int i = 0; i < 700; i++) {
                cluster.create(EVENTS, "default", "e" + i);
            }
            int[] left = {1};
            await("all gone", () -> {
                left[0] = 0;
                cluster.objects.forEach(EVENTS, "default", event -> left[0]++);
                return left[0] == 0;
            });
        }
    }
}
