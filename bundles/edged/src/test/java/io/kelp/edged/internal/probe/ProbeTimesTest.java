package io.kelp.edged.internal.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.edged.WorkloadContainer.ExecResult;
import io.kelp.edged.WorkloadContainer.Readiness;
import io.kelp.edged.WorkloadException;
import io.kelp.edged.internal.fake.FakeContainer;
import io.kelp.edged.internal.fake.ManualTime;
import io.kelp.edged.internal.fake.Pods;
import io.kelp.edged.internal.pod.ContainerProbes.Listener;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.edged.internal.pod.PodEvents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When probes are made and what follows from them, with a command for a probe and a clock that the test moves. */
class ProbeTimesTest {

    private final ManualTime time = new ManualTime();
    private final long begin = time.nanos();
    private final FakeContainer container = new FakeContainer();
    private final List<String> told = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private final List<Long> probed = new ArrayList<>(); // milliseconds since the start
    private boolean good = true;
    private final ProbeRunner runner = new ProbeRunner(time, Runnable::run, new Recorder(), () -> "127.0.0.1", time::nanos);

    private final class Recorder implements PodEvents {
        @Override
        public void pod(Pod pod, String part, String type, String reason, String message) {
            events.add(part + " " + type + " " + reason + " " + message);
        }

        @Override
        public void node(String type, String reason, String message) {
            throw new AssertionError("no event of the node");
        }

        @Override
        public void object(JsonObject reference, String type, String reason, String message) {
            throw new AssertionError("no event of another object");
        }
    }

    private final Listener listener = new Listener() {
        @Override
        public void ready(boolean ready, String message) {
            told.add(ready ? "ready" : "not ready: " + message);
        }

        @Override
        public void started() {
            told.add("started");
        }

        @Override
        public void failed(String probe, String message) {
            told.add("failed " + probe + ": " + message);
        }
    };

    @AfterEach
    void close() {
        runner.close();
    }

    private AutoCloseable watch(String probes) {
        container.exec = command -> {
            probed.add((time.nanos() - begin) / 1_000_000);
            return CompletableFuture.completedFuture(new ExecResult(good ? 0 : 1, good ? "" : "no"));
        };
        JsonObject json = JsonParser.parseString("{'name':'app'," + probes + "}").getAsJsonObject();
        AutoCloseable watch = runner.watch(Pods.pod("web", "u1"), json, container, listener);
        time.settle();
        return watch;
    }

    private static String probe(String kind, String figures) {
        return "'" + kind + "Probe':{'exec':{'command':['check']}" + figures + "}";
    }

    private List<String> told() {
        List<String> now = List.copyOf(told);
        told.clear();
        return now;
    }

    @Test
    void withoutProbesTheRuntimeDecides() {
        container.readiness = new Readiness(false, "bundle app is RESOLVED");
        watch("'image':'x'");
        assertEquals(List.of("started", "not ready: bundle app is RESOLVED"), told());
        container.readiness(true, "");
        time.pass(Duration.ofMillis(300));
        assertEquals(List.of("ready"), told());
        container.readiness(false, "component x is unsatisfied");
        time.pass(Duration.ofSeconds(6));
        assertEquals(List.of("not ready: component x is unsatisfied"), told());
    }

    @Test
    void aRuntimeThatTellsIsNotPolled() {
        container.tells = true;
        container.readiness = new Readiness(false, "wait");
        watch("'image':'x'");
        told();
        container.readiness(true, "");
        time.settle();
        assertEquals(List.of("ready"), told());
        time.pass(Duration.ofSeconds(6)); // until which it might have complained
        assertEquals(0, time.planned());
        assertEquals(List.of(), events);
    }

    @Test
    void whatTheRuntimeLacksIsSaidOnceInAnEvent() {
        container.tells = true;
        container.readiness = new Readiness(false, "its bundles are being started");
        watch("'image':'x'");
        time.pass(Duration.ofSeconds(1));
        container.readiness(false, "component x fails when it is activated: no database");
        time.pass(Duration.ofMinutes(5));
        assertEquals(1, events.size(), events.toString());
        assertTrue(events.get(0).contains("Unhealthy") && events.get(0).endsWith("Readiness: component x fails when it is activated: no database"),
                events.toString());
        container.readiness(false, "component x is unsatisfied");
        time.pass(Duration.ofSeconds(6));
        assertEquals(2, events.size(), "another trouble is another Event");
    }

    @Test
    void aReadinessProbeBeginsWhenTheRuntimeIsReadyAndNotLater() {
        container.tells = true;
        container.readiness = new Readiness(false, "wait");
        watch(probe("readiness", ",'periodSeconds':10"));
        time.pass(Duration.ofSeconds(3));
        assertEquals(List.of(), probed);
        told();
        container.readiness(true, "");
        time.settle();
        assertEquals(List.of(3000L), probed);
        assertEquals(List.of("ready"), told());
    }

    @Test
    void theInitialDelayIsKeptAndThePeriodAfterTheFirstHalf() {
        watch(probe("liveness", ",'initialDelaySeconds':5,'periodSeconds':10"));
        time.pass(Duration.ofMillis(4999));
        assertEquals(List.of(), probed);
        time.pass(Duration.ofSeconds(60));
        assertEquals(5000L, probed.get(0));
        long second = probed.get(1) - probed.get(0);
        assertTrue(second >= 5000 && second <= 10_000, "second after " + second);
        for (int i = 2; i < probed.size(); i++) {
            assertEquals(10_000, probed.get(i) - probed.get(i - 1));
        }
    }

    @Test
    void thresholdsCountResultsInARow() {
        watch(probe("readiness", ",'periodSeconds':2,'successThreshold':2,'failureThreshold':3"));
        assertEquals(List.of("started", "not ready: "), told());
        time.pass(Duration.ofSeconds(3));
        assertEquals(List.of("ready"), told());
        good = false;
        time.pass(Duration.ofSeconds(4)); // two failures, wherever its beat is after the first, random period
        assertEquals(List.of(), told());
        good = true;
        time.pass(Duration.ofSeconds(2));
        good = false;
        time.pass(Duration.ofSeconds(4));
        assertEquals(List.of(), told());
        time.pass(Duration.ofSeconds(2));
        assertEquals(List.of("not ready: Readiness probe failed: no"), told());
        assertEquals("spec.containers{app} Warning Unhealthy Readiness probe failed: no", events.get(0));
        assertEquals(5, events.size());
    }

    @Test
    void aDeadContainerIsToldOnceAndLeftAloneThen() {
        good = false;
        watch(probe("liveness", ",'periodSeconds':1"));
        time.pass(Duration.ofSeconds(10));
        assertEquals(List.of("started", "ready", "failed Liveness: no"), told());
        assertEquals(3, probed.size());
    }

    @Test
    void untilTheStartupProbeSucceedsTheOthersWait() {
        good = false;
        watch(probe("startup", ",'periodSeconds':1,'failureThreshold':30") + "," + probe("liveness", "") + "," + probe("readiness", ""));
        time.pass(Duration.ofSeconds(5));
        assertEquals(List.of("not ready: "), told());
        int before = probed.size();
        good = true;
        time.pass(Duration.ofSeconds(1));
        assertEquals(List.of("started", "ready"), told());
        assertEquals(before + 3, probed.size());
        time.pass(Duration.ofSeconds(4));
        assertEquals(before + 3, probed.size(), "the startup probe has done its duty");
    }

    @Test
    void aStartupProbeThatNeverSucceedsEndsTheContainer() {
        good = false;
        watch(probe("startup", ",'periodSeconds':1,'failureThreshold':5"));
        time.pass(Duration.ofSeconds(10));
        assertEquals(List.of("not ready: ", "failed Startup: no"), told());
    }

    @Test
    void aSuspendedMachineMakesUpForNothing() {
        watch(probe("liveness", ",'periodSeconds':1"));
        time.pass(Duration.ofSeconds(3));
        int before = probed.size();
        time.sleep(Duration.ofHours(8));
        time.settle();
        assertEquals(before + 1, probed.size());
        time.pass(Duration.ofSeconds(3));
        assertEquals(before + 4, probed.size());
    }

    @Test
    void aProbeThatHangsIsNotMadeASecondTimeMeanwhile() {
        CompletableFuture<ExecResult> hanging = new CompletableFuture<>();
        watch("'image':'x'");
        told();
        container.exec = command -> {
            probed.add(0L);
            return hanging;
        };
        runner.watch(Pods.pod("web", "u1"), JsonParser.parseString("{'name':'app'," + probe("liveness", ",'periodSeconds':1") + "}").getAsJsonObject(),
                container, listener);
        time.pass(Duration.ofSeconds(30));
        assertEquals(1, probed.size());
        container.exec = command -> CompletableFuture.completedFuture(new ExecResult(0, ""));
        hanging.completeExceptionally(new WorkloadException("ExecTimeout", "command check timed out after 1 s"));
        time.settle();
        assertEquals(List.of("spec.containers{app} Warning Unhealthy Liveness probe failed: command check timed out after 1 s"), events);
    }

    @Test
    void aClosedWatchSaysNothingMore() throws Exception {
        good = false;
        AutoCloseable watch = watch(probe("liveness", ",'periodSeconds':1"));
        watch.close();
        told();
        time.pass(Duration.ofMinutes(1));
        assertEquals(List.of(), told());
        assertEquals(1, probed.size());
        assertFalse(time.planned() > 0, "nothing is left behind");
    }

    @Test
    void whatIsNotSupportedIsSaidAndNeverReady() {
        watch("'readinessProbe':{'grpc':{'port':1}}");
        assertEquals(List.of("started", "not ready: grpc probes are not supported on this node; use httpGet, tcpSocket or exec"), told());
        assertEquals(List.of("spec.containers{app} Warning Unhealthy Readiness probe errored: grpc probes are not supported on this node;"
                + " use httpGet, tcpSocket or exec"), events);
    }
}
