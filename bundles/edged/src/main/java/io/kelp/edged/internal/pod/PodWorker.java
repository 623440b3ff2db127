package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import io.kelp.edged.WorkloadContainer;
import io.kelp.edged.internal.pod.ContainerState.Waiting;
import io.kelp.edged.internal.pod.PodView.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One pod: what has to be done next, worked out again whenever something has changed. Used on the loop
 * only. Whatever changes calls {@link #touch}; the next step and the report then happen once for all
 * changes of that moment.
 */
final class PodWorker {

    private static final String HOLD = "edge.kubeedge.io/hold-upgrade";

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
    private final ContainerSet containers;
    private final PodPublication publication;
    private final PodMount volumes;
    private final RuntimeWait runtimeWait;
    private ActiveTime active;

    private Stage stage = Stage.ACTIVE;
    private boolean dirty;
    private boolean admitted;
    private boolean released;
    private boolean held;
    private boolean known; // it was here before the gateway, or edged, was restarted
    private boolean resumed; // what of it still runs is known
    private boolean deleted; // the cloud wants it gone and waits for us
    private boolean removed; // it is gone at its source
    private boolean confirmed; // its end has been reported
    private Outcome outcome;
    private String disrupted = "";
    private Duration grace = Duration.ZERO;
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
        this.containers = new ContainerSet(seams, hooks, this);
        restore();
    }

    // ---- told by the agent ----

    /** The pod has changed; not its uid. */
    void update(Pod now) {
        pod = now;
        if (stage == Stage.ACTIVE) {
            containers.update(now);
            armDeadline();
        }
        if (now.isDeleted()) {
            deleted = true;
            stop(PodSpec.deletionGrace(now));
        }
        touch();
    }

    /** The pod is gone at its source: ends it, with nothing to be reported. */
    void remove() {
        removed = true;
        seams.statuses().forget(pod.uid());
        stop(PodSpec.deletionGrace(pod));
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
        containers.abandoned(gone);
        touch();
    }

    void referenceChanged() {
        containers.referenceChanged();
        volumes.hurry();
    }

    /** Something has changed: the next step is worked out soon. */
    void touch() {
        if (!dirty) {
            dirty = true;
            seams.loop().execute(this::step);
        }
    }

    // ---- asked ----

    Pod pod() {
        return pod;
    }

    Duration grace() {
        return PodSpec.grace(pod);
    }

    String restartPolicy() {
        return PodSpec.restartPolicy(pod);
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

    /** Whether its containers are to run. */
    boolean isActive() {
        return stage == Stage.ACTIVE;
    }

    /** Whether it is gone at its source. */
    boolean isRemoved() {
        return removed;
    }

    /** Whether nothing of it is there any more, so that another pod of its name need not wait. */
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
        return stage == Stage.OVER ? Set.of() : containers.images();
    }

    /** Its containers that run now. */
    Map<String, WorkloadContainer> running() {
        return containers.running();
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
        if (stage == Stage.STOPPING && !isAwaiting()) {
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

    /** It was here before, and the runtime, which will soon be there, knows what of it still runs. */
    private boolean isAwaiting() {
        return known && !resumed && !hasRuntime() && !waitsForRuntime();
    }

    private void advance() {
        if (neighbours.hasPredecessor(this) || isHeld()) {
            return;
        }
        if (!hasRuntime()) {
            return;
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
        if (containers.isDone()) {
            stop(grace());
        } else if (volumes.isReady()) {
            containers.run(runtime);
        }
    }

    /** Whether the runtime is there; when it is there first, what of the pod still runs is taken over. */
    private boolean hasRuntime() {
        runtime = runtimeWait.get(admitted);
        if (runtime != null && !resumed) {
            resumed = true;
            containers.resume(runtime);
        }
        return runtime != null;
    }

    private boolean isHeld() {
        boolean wanted = "true".equals(pod.annotations().get(HOLD));
        held = wanted && !released && !admitted && startTime == null;
        return held;
    }

    private void armDeadline() {
        active.limit(stage == Stage.ACTIVE && admitted ? PodSpec.activeDeadline(pod) : Duration.ZERO);
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

    private void stopFurther() {
        if (containers.stop(grace, stopSince, seams.loop().nanos()) || volumes.isBusy()) {
            return;
        }
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
        boolean soon = known && !resumed && !waitsForRuntime(); // the runtime will say how it goes on
        if (!publication.isFrozen() && (!soon || stage == Stage.OVER)) {
            publication.report(view());
            publication.remember(pod, record());
        }
    }

    private PodView view() {
        boolean terminal = stage == Stage.OVER || stage == Stage.CLEANING;
        Waiting waiting = waitsForRuntime() ? runtimeWait.waiting() : new Waiting("ContainerCreating", volumes.trouble());
        List<ContainerView> views = outcome != null && !admitted ? List.of() : containers.views(waiting, waitsForRuntime(), terminal);
        return new PodView(pod, views, seams.address().get(), startTime, volumes.isMounted(), containers.isInitialized(), terminal,
                outcome, held, released, disrupted);
    }

    // ---- over restarts of the gateway ----

    /** What is remembered: see {@link #restore}. */
    private JsonObject record() {
        JsonObject record = new JsonObject();
        record.addProperty("namespace", pod.namespace());
        record.addProperty("name", pod.name());
        record.addProperty("admitted", admitted);
        record.addProperty("released", released);
        record.addProperty("initialized", containers.isInitialized());
        if (startTime != null) {
            record.addProperty("startTime", startTime.toString());
        }
        if (active.seconds() > 0) {
            record.addProperty("active", active.seconds());
        }
        if (stage == Stage.OVER) {
            record.add("final", publication.status());
        }
        record.add("containers", containers.record());
        return record;
    }

    private void restore() {
        JsonObject record = seams.records().get(pod.uid()).orElseGet(() -> PodHistory.of(pod));
        JsonObject end = Pod.object(record, "final");
        String phase = Pod.text(end.size() > 0 ? end : pod.status(), "phase");
        admitted = "true".equals(Pod.text(record, "admitted"));
        released = "true".equals(Pod.text(record, "released"));
        startTime = ContainerState.time(Pod.text(record, "startTime"));
        active = new ActiveTime(seams.loop(), PodSpec.seconds(record, "active", Duration.ZERO), this::deadlineExceeded);
        JsonObject all = Pod.object(record, "containers");
        known = all.size() > 0;
        containers.restore(all, "true".equals(Pod.text(record, "initialized")));
        if (PodPhase.isFinal(phase)) {
            stage = Stage.OVER;
            publication.freeze(end.size() > 0 ? end : pod.status());
        }
        armDeadline();
        if (pod.isDeleted()) {
            deleted = true;
            stop(PodSpec.deletionGrace(pod));
        }
    }
}
