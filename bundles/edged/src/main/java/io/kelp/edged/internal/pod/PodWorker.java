package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import io.kelp.edged.WorkloadContainer;
import io.kelp.edged.internal.pod.ContainerState.Waiting;
import io.kelp.edged.internal.pod.ContainerView.Kind;
import io.kelp.edged.internal.pod.PodView.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * One pod: what has to be done next, worked out again whenever something has changed. Used on the loop
 * only. Whatever changes calls {@link #touch}; the next step and the report then happen once for all
 * changes of that moment.
 */
final class PodWorker {

    private static final String HOLD = "edge.kubeedge.io/hold-upgrade";
    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(30);

    /** Where a pod is in its life on this gateway. */
    private enum Stage {
        /** Its containers are to run. */
        ACTIVE,
        /** Its containers are to end. */
        STOPPING,
        /** Its containers have ended; its volumes are taken down. */
        CLEANING,
        /** Nothing of it runs any more, nor will. */
        OVER
    }

    private final Seams seams;
    private final PodNeighbours neighbours;
    private final long number;
    private Pod pod;
    private final List<ContainerWorker> containers = new ArrayList<>();
    private final PodPublication publication;
    private final PodMount volumes;
    private final RuntimeWait runtimeWait;
    private ActiveTime active;

    private Stage stage = Stage.ACTIVE;
    private boolean dirty;
    private boolean admitted;
    private boolean released;
    private boolean held;
    private boolean initialized;
    private boolean resuming; // it was here before: what of it still runs is not known yet
    private boolean deleted; // the cloud wants it gone and waits for us
    private boolean removed; // it is gone at its source
    private boolean confirmed; // its end has been reported
    private Outcome outcome;
    private String disrupted = "";
    private Duration grace = DEFAULT_GRACE;
    private long stopSince;
    private Instant startTime;

    private Runtimes.Handle runtime; // null while there is none

    /** @param number grows from pod to pod */
    PodWorker(Seams seams, Hooks hooks, PodNeighbours neighbours, Pod pod, long number) {
        this.number = number;
        this.seams = seams;
        this.neighbours = neighbours;
        this.pod = pod;
        this.publication = new PodPublication(seams);
        this.volumes = new PodMount(seams, this);
        this.runtimeWait = new RuntimeWait(seams, this, neighbours.runtimeWait());
        for (JsonObject each : pod.initContainers()) {
            containers.add(new ContainerWorker(seams, this, hooks, each, PodResources.isSidecar(each) ? Kind.SIDECAR : Kind.INIT));
        }
        for (JsonObject each : pod.containers()) {
            containers.add(new ContainerWorker(seams, this, hooks, each, Kind.MAIN));
        }
        restore();
    }

    // ---- told by the agent ----

    /** The pod has changed; not its uid. */
    void update(Pod now) {
        pod = now;
        removed = false;
        if (stage == Stage.ACTIVE) {
            List<JsonObject> specs = new ArrayList<>(now.initContainers());
            specs.addAll(now.containers());
            for (ContainerWorker each : containers) {
                specs.stream().filter(s -> Pod.text(s, "name").equals(each.name())).findFirst().ifPresent(each::update);
            }
            armDeadline();
        }
        if (now.isDeleted()) {
            deleted = true;
            stop(graceOf(now));
        }
        touch();
    }

    /** The pod is gone at its source: ends it, with nothing to be reported. */
    void remove() {
        removed = true;
        seams.statuses().forget(pod.uid());
        stop(graceOf(pod));
        touch();
    }

    /** Ends the pod as failed, for example because the gateway runs out of something. */
    void fail(String reason, String message, String disruption) {
        if (outcome == null && stage == Stage.ACTIVE) {
            outcome = new Outcome(reason, message);
            disrupted = disruption;
            stop(grace());
            touch();
        }
    }

    /** An operator lets a held pod go on. */
    boolean release() {
        if (!held) {
            return false;
        }
        released = true;
        touch();
        return true;
    }

    void runtimeGone(Runtimes.Handle gone) {
        containers.forEach(c -> c.abandoned(gone));
        touch();
    }

    void referenceChanged() {
        containers.forEach(ContainerWorker::referenceChanged);
        volumes.hurry();
    }

    /** Something has changed: the next step is worked out soon. */
    void touch() {
        if (!dirty) {
            dirty = true;
            seams.loop().execute(this::step);
        }
    }

    /** Ends timers; nothing is stopped. */
    void close() {
        removed = true;
        stage = Stage.OVER;
    }

    // ---- asked ----

    Pod pod() {
        return pod;
    }

    Duration grace() {
        return seconds(pod.spec(), "terminationGracePeriodSeconds", DEFAULT_GRACE);
    }

    private Duration graceOf(Pod said) {
        return seconds(said.metadata(), "deletionGracePeriodSeconds", grace());
    }

    /** Grace period after a failed probe: the probe's own or the pod's. */
    Duration probeGrace(JsonObject container, String probe) {
        return seconds(Pod.object(container, probe.toLowerCase(java.util.Locale.ROOT) + "Probe"), "terminationGracePeriodSeconds", grace());
    }

    private static Duration seconds(JsonObject parent, String member, Duration otherwise) {
        String text = Pod.text(parent, member);
        return text.matches("[0-9]{1,9}") ? Duration.ofSeconds(Long.parseLong(text)) : otherwise;
    }

    String restartPolicy() {
        String policy = Pod.text(pod.spec(), "restartPolicy");
        return policy.isEmpty() ? "Always" : policy;
    }

    boolean waitsForRuntime() {
        return runtimeWait.waiting() != null;
    }

    String handler() {
        return Pod.text(pod.spec(), "runtimeClassName");
    }

    /** Whether it counts for admission: taken on and not over. */
    boolean isCounted() {
        return admitted && stage != Stage.OVER;
    }

    /** Whether something of it may still be there, so that another pod of its name has to wait. */
    boolean isOver() {
        return stage == Stage.OVER;
    }

    /** Whether it came first. */
    boolean isOlderThan(PodWorker other) {
        return number < other.number;
    }

    JsonObject status() {
        return publication.status();
    }

    /** Ids of the images that it uses. */
    Set<String> images() {
        Set<String> ids = new HashSet<>();
        if (stage != Stage.OVER) {
            containers.stream().map(ContainerWorker::imageKey).filter(id -> !id.isEmpty()).forEach(ids::add);
        }
        return ids;
    }

    /** Its containers that run now. */
    Map<String, WorkloadContainer> running() {
        Map<String, WorkloadContainer> all = new TreeMap<>();
        containers.stream().filter(c -> c.running() != null).forEach(c -> all.put(c.name(), c.running()));
        return all;
    }

    /** A container has given back its ports. */
    void portsFreed(String container) {
        if (seams.ports().release(pod.uid(), container)) {
            neighbours.freed(this);
        }
    }

    // ---- the next step ----

    private void step() {
        dirty = false;
        if (stage == Stage.ACTIVE) {
            advance();
        }
        if (stage == Stage.STOPPING) {
            stopFurther();
        }
        if (stage == Stage.OVER) {
            conclude();
        }
        if (!removed) {
            publish();
        }
        neighbours.changed(this);
    }

    private void advance() {
        if (neighbours.hasPredecessor(this) || isHeld()) {
            return;
        }
        runtime = runtimeWait.get(admitted);
        if (runtime == null) {
            return;
        }
        if (resuming) {
            resume();
        }
        if (startTime == null) {
            startTime = seams.now().get();
        }
        if (!admitted) {
            Optional<Outcome> refusal = neighbours.admit(this, runtime);
            if (refusal.isPresent()) {
                outcome = refusal.get();
                seams.events().pod(pod, "", "Warning", outcome.reason(), outcome.message());
                stop(Duration.ZERO);
                return;
            }
            admitted = true;
            armDeadline();
        }
        if (isDone()) {
            stop(grace());
        } else if (volumes.isReady()) {
            runContainers();
        }
    }

    /** After a restart of edged alone the containers still run; after one of the gateway the pod begins anew. */
    private void resume() {
        resuming = false;
        boolean goesOn = false;
        for (ContainerWorker each : containers) {
            goesOn |= each.resume(runtime);
        }
        if (!goesOn) {
            initialized = false;
            containers.forEach(ContainerWorker::again);
        }
    }

    private boolean isHeld() {
        boolean wanted = "true".equals(pod.annotations().get(HOLD));
        held = wanted && !released && !admitted;
        return held;
    }

    /** Init containers one after the other, sidecars from their place on, then the rest. */
    private void runContainers() {
        boolean before = true;
        for (ContainerWorker each : containers) {
            switch (each.kind()) {
                case SIDECAR -> {
                    each.run(runtime);
                    before = initialized || each.isStarted();
                }
                case INIT -> {
                    before = initialized || each.succeeded();
                    if (!before) {
                        each.run(runtime);
                    }
                }
                case MAIN -> {
                    initialized = true;
                    if (!each.isDone(restartPolicy())) {
                        each.run(runtime);
                    }
                }
            }
            if (!before) {
                return;
            }
        }
    }

    /** Whether nothing is left to do: all containers have ended for good, or an init container has failed for good. */
    private boolean isDone() {
        boolean failedInit = containers.stream().anyMatch(c -> c.kind() == Kind.INIT && !c.succeeded() && c.isDone(restartPolicy()) && !initialized);
        return failedInit || containers.stream().filter(c -> c.kind() == Kind.MAIN).allMatch(c -> c.isDone(restartPolicy()));
    }

    private void armDeadline() {
        active.limit(stage == Stage.ACTIVE && admitted ? seconds(pod.spec(), "activeDeadlineSeconds", Duration.ZERO) : Duration.ZERO);
    }

    private void deadlineExceeded() {
        String message = "Pod was active on the node longer than the specified deadline";
        seams.events().pod(pod, "", "Normal", "DeadlineExceeded", message);
        fail("DeadlineExceeded", message, "");
    }

    // ---- the end ----

    private void stop(Duration wanted) {
        if (stage == Stage.ACTIVE) {
            stage = Stage.STOPPING;
            stopSince = seams.loop().nanos();
            grace = wanted;
            volumes.stop();
            active.stop();
        } else if (wanted.compareTo(grace) < 0) {
            grace = wanted;
        }
        touch();
    }

    /** Containers end together, sidecars after them in reverse order. */
    private void stopFurther() {
        boolean alive = false;
        for (ContainerWorker each : containers) {
            if (each.kind() != Kind.SIDECAR) {
                each.stop(grace);
                alive |= each.isAlive();
            }
        }
        Duration left = grace.minusNanos(seams.loop().nanos() - stopSince);
        for (int i = containers.size() - 1; i >= 0 && !alive; i--) {
            ContainerWorker each = containers.get(i);
            if (each.kind() == Kind.SIDECAR) {
                each.stop(left.isNegative() ? Duration.ZERO : left);
                alive = each.isAlive();
            }
        }
        if (alive || volumes.isBusy()) {
            return;
        }
        containers.forEach(c -> c.stop(Duration.ZERO)); // sidecars that wait for their next try
        stage = Stage.CLEANING;
        runtimeWait.stop();
        volumes.remove(this::over);
    }

    private void over() {
        stage = Stage.OVER;
        neighbours.freed(this);
        touch();
    }

    private void conclude() {
        if (removed) {
            seams.records().remove(pod.uid());
            seams.folders().removeLogs(pod);
            neighbours.gone(this);
        } else if (deleted && !confirmed) {
            confirmed = true;
            publish();
            seams.statuses().ended(pod, publication.status());
        }
    }

    // ---- what others see ----

    private void publish() {
        boolean soon = resuming && stage == Stage.ACTIVE && !waitsForRuntime(); // the runtime will say how it goes on
        if (!publication.isFrozen() && !soon) {
            publication.report(view());
            publication.remember(pod, record());
        }
    }

    private PodView view() {
        boolean initPending = containers.stream().anyMatch(c -> c.kind() == Kind.INIT && !c.succeeded()) && !initialized;
        List<ContainerView> views = new ArrayList<>();
        boolean terminal = stage == Stage.OVER || stage == Stage.CLEANING;
        for (ContainerWorker each : containers) {
            boolean later = initPending && (each.kind() == Kind.MAIN || each != firstPending());
            Waiting waiting = waitsForRuntime() ? runtimeWait.waiting()
                    : new Waiting(later ? "PodInitializing" : "ContainerCreating", later ? "" : volumes.trouble());
            ContainerView view = each.view(waiting);
            // As kubelet has it: what waited for init containers to the end waits for good.
            views.add(terminal && !(initPending && each.kind() == Kind.MAIN) ? view.ended() : view);
        }
        if (outcome != null && !admitted) {
            views.clear();
        }
        return new PodView(pod, views, seams.address().get(), startTime, volumes.isMounted(), initialized, terminal, outcome, held, released, disrupted);
    }

    private ContainerWorker firstPending() {
        return containers.stream().filter(c -> c.kind() == Kind.INIT && !c.succeeded()).findFirst().orElse(null);
    }

    // ---- over restarts of the gateway ----

    /** What is remembered: see {@link #restore}. */
    private JsonObject record() {
        JsonObject record = new JsonObject();
        record.addProperty("namespace", pod.namespace());
        record.addProperty("name", pod.name());
        record.addProperty("admitted", admitted);
        record.addProperty("released", released);
        record.addProperty("initialized", initialized);
        if (startTime != null) {
            record.addProperty("startTime", startTime.toString());
        }
        if (active.seconds() > 0) {
            record.addProperty("active", active.seconds());
        }
        if (stage == Stage.OVER) {
            record.add("final", publication.status());
        }
        JsonObject all = new JsonObject();
        containers.forEach(c -> all.add(c.name(), c.record()));
        record.add("containers", all);
        return record;
    }

    private void restore() {
        JsonObject known = seams.records().get(pod.uid()).orElseGet(() -> PodHistory.of(pod));
        JsonObject end = Pod.object(known, "final");
        String phase = Pod.text(end.size() > 0 ? end : pod.status(), "phase");
        admitted = "true".equals(Pod.text(known, "admitted"));
        released = "true".equals(Pod.text(known, "released"));
        startTime = ContainerState.time(Pod.text(known, "startTime"));
        active = new ActiveTime(seams.loop(), seconds(known, "active", Duration.ZERO), this::deadlineExceeded);
        JsonObject all = Pod.object(known, "containers");
        containers.forEach(c -> c.restore(Pod.object(all, c.name())));
        resuming = all.size() > 0;
        initialized = "true".equals(Pod.text(known, "initialized"));
        if (PodPhase.isFinal(phase)) {
            stage = Stage.OVER;
            publication.freeze(end.size() > 0 ? end : pod.status());
        }
        armDeadline();
        if (pod.isDeleted()) {
            deleted = true;
            stop(graceOf(pod));
        }
    }
}
