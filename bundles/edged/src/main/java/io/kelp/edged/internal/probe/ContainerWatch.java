package io.kelp.edged.internal.probe;

import com.google.gson.JsonObject;
import io.kelp.edged.WorkloadContainer;
import io.kelp.edged.WorkloadContainer.Readiness;
import io.kelp.edged.internal.SerialTasks;
import io.kelp.edged.internal.pod.ContainerProbes.Listener;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.edged.internal.pod.PodEvents;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The probes of one run of a container, and what they say together. A startup probe keeps the others
 * from beginning until it has succeeded; a readiness probe begins when the runtime finds the container
 * ready. All on the serial executor.
 */
final class ContainerWatch implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ContainerWatch.class);
    private static final Duration LOOK_SOON = Duration.ofMillis(250);
    private static final Duration LOOK_LATER = Duration.ofSeconds(5);
    /** Components that wait for each other are ready by then. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Pod pod;
    private final JsonObject container;
    private final WorkloadContainer running;
    private final Listener listener;
    private final Checks checks;
    private final PodEvents events;
    private final SerialTasks serial;
    private final LongSupplier nanos;
    private final ProbeLoop startup;
    private final ProbeLoop liveness;
    private final ProbeLoop readiness;
    private final boolean answers; // to the readiness probe, if there is one that can be run
    private boolean closed;
    private boolean started;
    private boolean runtimeReady;
    private boolean probeReady;
    private String runtimeMessage = "";
    private String probeMessage = "";
    private boolean told;
    private boolean everTold;
    private boolean complaining; // soon
    private String complaint = ""; // made last

    ContainerWatch(Pod pod, JsonObject container, WorkloadContainer running, Listener listener, Checks checks, PodEvents events,
            SerialTasks serial, LongSupplier nanos) {
        this.pod = pod;
        this.container = container;
        this.running = running;
        this.listener = listener;
        this.checks = checks;
        this.events = events;
        this.serial = serial;
        this.nanos = nanos;
        this.startup = loop(ProbeSpec.Kind.STARTUP);
        this.liveness = loop(ProbeSpec.Kind.LIVENESS);
        this.readiness = loop(ProbeSpec.Kind.READINESS);
        this.answers = readiness == null;
    }

    private ProbeLoop loop(ProbeSpec.Kind kind) {
        ProbeSpec probe = ProbeSpec.of(kind, container);
        return probe == null ? null : new ProbeLoop(probe, () -> checks.run(probe, container, running), serial, nanos,
                outcome -> single(probe, outcome), outcome -> verdict(kind, outcome));
    }

    void begin() {
        if (closed) {
            return;
        }
        probeReady = answers;
        for (ProbeLoop loop : new ProbeLoop[] {startup, liveness, readiness}) {
            if (loop != null && !loop.probe().isSupported()) {
                event("Unhealthy", loop.probe().kind().title + " probe errored: " + loop.probe().refusal());
                probeMessage = loop.probe().refusal();
            }
        }
        boolean calls = running.onReadiness(() -> serial.run(this::look));
        Readiness now = running.readiness();
        runtimeReady = now.ready();
        runtimeMessage = now.message();
        if (startup == null) {
            started();
        } else if (startup.probe().isSupported()) {
            startup.now();
        }
        tell();
        if (!calls) {
            lookAgain();
        }
    }

    private void started() {
        started = true;
        listener.started();
        if (liveness != null && liveness.probe().isSupported()) {
            liveness.now();
        }
        begun();
        tell();
    }

    /** Begins to ask for readiness when it can be there. */
    private void begun() {
        if (started && runtimeReady && readiness != null && readiness.probe().isSupported()) {
            readiness.now();
        }
    }

    private void lookAgain() {
        serial.runAfter(runtimeReady ? LOOK_LATER : LOOK_SOON, () -> {
            if (!closed) {
                look();
                lookAgain();
            }
        });
    }

    private void look() {
        if (closed) {
            return;
        }
        Readiness now = running.readiness();
        runtimeMessage = now.message();
        if (now.ready() != runtimeReady) {
            runtimeReady = now.ready();
            if (runtimeReady && !started && startup != null && startup.probe().isSupported()) {
                startup.now();
            }
            if (runtimeReady) {
                begun();
            } else if (readiness != null) {
                readiness.stop();
                probeReady = false; // what was asked before is not true of what comes after
            }
        }
        tell();
    }

    private void single(ProbeSpec probe, Outcome outcome) {
        String title = probe.kind().title;
        if (!outcome.ok()) {
            event("Unhealthy", title + " probe failed: " + outcome.message());
        } else if (!outcome.message().isEmpty()) {
            event("ProbeWarning", title + " probe warning: " + outcome.message());
        }
    }

    private void event(String reason, String message) {
        String name = Pod.text(container, "name");
        boolean init = pod.initContainers().stream().anyMatch(c -> Pod.text(c, "name").equals(name));
        events.pod(pod, (init ? "spec.initContainers{" : "spec.containers{") + name + "}", "Warning", reason, message);
    }

    private void verdict(ProbeSpec.Kind kind, Outcome outcome) {
        if (kind == ProbeSpec.Kind.READINESS) {
            probeReady = outcome.ok();
            probeMessage = outcome.ok() ? "" : "Readiness probe failed: " + outcome.message();
            tell();
        } else if (!outcome.ok()) {
            stop(); // on hold until the container is started again
            listener.failed(kind.title, outcome.message());
        } else if (kind == ProbeSpec.Kind.STARTUP && !started) {
            startup.stop();
            started();
        }
    }

    /** Says what the runtime lacks, unless that is over soon; each trouble once. */
    private void complainSoon() {
        if (runtimeReady) {
            complaint = "";
        } else if (!complaining && !runtimeMessage.isEmpty() && !runtimeMessage.equals(complaint)) {
            complaining = true;
            serial.runAfter(PATIENCE, () -> {
                complaining = false;
                if (!closed && !runtimeReady && !runtimeMessage.isEmpty() && !runtimeMessage.equals(complaint)) {
                    complaint = runtimeMessage;
                    event("Unhealthy", "Readiness: " + runtimeMessage);
                }
            });
        }
    }

    private void tell() {
        complainSoon();
        boolean ready = started && runtimeReady && probeReady;
        if (ready != told || !everTold) {
            told = ready;
            everTold = true;
            listener.ready(ready, ready ? "" : !runtimeReady ? runtimeMessage : probeMessage);
        }
    }

    private void stop() {
        for (ProbeLoop loop : new ProbeLoop[] {startup, liveness, readiness}) {
            if (loop != null) {
                loop.stop();
            }
        }
    }

    @Override
    public void close() {
        serial.run(() -> {
            closed = true;
            stop();
            LOG.debug("Probes of {} in {} ended", Pod.text(container, "name"), pod);
        });
    }
}
