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

    static final String NO_ENGINE = "NoContainerEngine";
    private static final String HOLD = "edge.kubeedge.io/hold-upgrade";
    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(30);
    private static final Duration FIRST_MOUNT_RETRY = Duration.ofSeconds(1);
    private static final Duration LONGEST_MOUNT_RETRY = Duration.ofMinutes(2);

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

    /** What a pod needs to know of the others. */
    interface Neighbours {

        /** Whether a pod of the same name has not ended yet. */
        boolean hasPredecessor(PodWorker pod);

        /** Why the gateway does not take the pod on; empty if it does. */
        Optional<Outcome> admit(PodWorker pod, Runtimes.Handle runtime);

        /** Something was given back that others may wait for: ports, memory, a name. */
        void freed(PodWorker pod);

        /** Status, images or containers may have changed. */
        void changed(PodWorker pod);

        /** The pod can be forgotten. */
        void gone(PodWorker pod);

        /** How long a runtime may take to come before pods are told that there is none. */
        Duration runtimeWait();
    }

    private final Seams seams;
    private final Neighbours neighbours;
    private final long number;
    private Pod pod;
    private final List<ContainerWorker> containers = new ArrayList<>();

    private Stage stage = Stage.ACTIVE;
    private boolean dirty;
    private boolean admitted;
    private boolean released;
    private boolean held;
    private boolean initialized;
    private boolean deleted; // the cloud wants it gone and waits for us
    private boolean removed; // it is gone at its source
    private boolean confirmed; // its end has been reported
    private Outcome outcome;
    private String disrupted = "";
    private Duration grace = DEFAULT_GRACE;
    private long stopSince;
    private Instant startTime;
    private final long activeSince;
    private Duration activeBefore = Duration.ZERO;
    private Loop.Timer deadline;

    private boolean mounting;
    private boolean mounted;
    private String mountTrouble = "";
    private Loop.Timer mountRetry;
    private Duration mountDelay = FIRST_MOUNT_RETRY;

    private Runtimes.Handle runtime; // null while there is none
    private final long waitsSince;
    private Waiting noRuntime; // what to show meanwhile

    private JsonObject status = new JsonObject();
    private Map<String, String> annotations = Map.of();
    private JsonObject kept = new JsonObject();
    private boolean frozen; // it was over before the gateway's restart: its status is what it was

    /** @param number grows from pod to pod */
    PodWorker(Seams seams, Hooks hooks, Neighbours neighbours, Pod pod, long number) {
        this.number = number;
        this.seams = seams;
        this.neighbours = neighbours;
        this.pod = pod;
        this.activeSince = seams.loop().nanos();
        this.waitsSince = activeSince;
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
        if (mountRetry != null) {
            mountRetry.cancel();
            mountRetry = null;
            touch();
        }
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
        return noRuntime != null;
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
        return status;
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
        if (neighbours.hasPredecessor(this) || isHeld() || !hasRuntime()) {
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
        containers.forEach(c -> c.askForReason(runtime));
        if (isDone()) {
            stop(grace());
        } else if (hasVolumes()) {
            runContainers();
        }
    }

    private boolean isHeld() {
        boolean wanted = "true".equals(pod.annotations().get(HOLD));
        held = wanted && !released && !admitted;
        return held;
    }

    private boolean hasRuntime() {
        runtime = seams.runtimes().of(handler()).orElse(null);
        if (runtime != null) {
            noRuntime = null;
            return true;
        }
        Duration left = neighbours.runtimeWait().minusNanos(seams.loop().nanos() - waitsSince);
        boolean never = handler().isEmpty() || left.isNegative() || left.isZero();
        if (admitted) {
            noRuntime = new Waiting("RuntimeNotReady", "workload runtime " + handler() + " is not there; the container is started when it is back");
        } else if (!never) {
            seams.loop().schedule(this::touch, left);
        } else if (noRuntime == null || !NO_ENGINE.equals(noRuntime.reason())) {
            noRuntime = new Waiting(NO_ENGINE, handler().isEmpty()
                    ? "this gateway has no container engine; it runs pods whose runtimeClassName is one of " + handlers()
                    : "this gateway has nothing that runs pods of runtimeClassName " + handler() + "; it has " + handlers());
            seams.events().pod(pod, "", "Warning", NO_ENGINE, noRuntime.message());
        }
        return false;
    }

    private List<String> handlers() {
        return seams.runtimes().all().stream().map(Runtimes.Handle::toString).sorted().toList();
    }

    private boolean hasVolumes() {
        if (mounted || mounting || mountRetry != null) {
            return mounted;
        }
        mounting = true;
        seams.then(Seams.bounded(Seams.call(() -> seams.volumes().mount(pod))), () -> true, done -> {
            mounting = false;
            mounted = true;
            mountTrouble = "";
            mountDelay = FIRST_MOUNT_RETRY;
            touch();
        }, e -> {
            mounting = false;
            mountTrouble = e instanceof java.util.concurrent.TimeoutException
                    ? "volumes were not there within " + Seams.STEP.toSeconds() + " s" : String.valueOf(e.getMessage());
            if (stage == Stage.ACTIVE) {
                seams.events().pod(pod, "", "Warning", "FailedMount", mountTrouble);
                mountRetry = seams.loop().schedule(() -> {
                    mountRetry = null;
                    touch();
                }, mountDelay);
                mountDelay = mountDelay.multipliedBy(2).compareTo(LONGEST_MOUNT_RETRY) > 0 ? LONGEST_MOUNT_RETRY : mountDelay.multipliedBy(2);
            }
            touch();
        });
        return false;
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
        if (deadline != null) {
            deadline.cancel();
            deadline = null;
        }
        Duration limit = seconds(pod.spec(), "activeDeadlineSeconds", Duration.ZERO);
        if (limit.isZero() || !admitted) {
            return;
        }
        Duration left = limit.minus(active());
        deadline = seams.loop().schedule(() -> {
            if (stage == Stage.ACTIVE) {
                String message = "Pod was active on the node longer than the specified deadline";
                seams.events().pod(pod, "", "Normal", "DeadlineExceeded", message);
                fail("DeadlineExceeded", message, "");
            }
        }, left.isNegative() ? Duration.ZERO : left);
    }

    /** How long it has been active, by the monotonic clock, time without the gateway not counted: a wall clock that jumps must not end pods. */
    private Duration active() {
        return activeBefore.plusNanos(seams.loop().nanos() - activeSince);
    }

    // ---- the end ----

    private void stop(Duration wanted) {
        if (stage == Stage.ACTIVE) {
            stage = Stage.STOPPING;
            stopSince = seams.loop().nanos();
            grace = wanted;
            if (mountRetry != null) {
                mountRetry.cancel();
                mountRetry = null;
            }
            if (deadline != null) {
                deadline.cancel();
            }
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
        if (alive || mounting) {
            return;
        }
        containers.forEach(c -> c.stop(Duration.ZERO)); // sidecars that wait for their next try
        stage = Stage.CLEANING;
        mounted = false;
        noRuntime = null;
        seams.then(Seams.bounded(Seams.call(() -> seams.volumes().unmount(pod.uid()))), () -> true, done -> cleaned(), e -> {
            seams.events().pod(pod, "", "Warning", "FailedUnmount", String.valueOf(e.getMessage()));
            cleaned();
        });
    }

    private void cleaned() {
        seams.then(seams.folders().removeFolder(pod.uid()), () -> true, done -> over(), e -> {
            seams.events().pod(pod, "", "Warning", "FailedCleanup", "folder of the pod could not be removed: " + e.getMessage());
            over();
        });
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
            seams.statuses().ended(pod, status);
        }
    }

    // ---- what others see ----

    private void publish() {
        if (frozen) {
            return;
        }
        PodView view = view();
        JsonObject now = PodStatus.of(view, status.size() == 0 ? seams.statuses().last(pod.uid()).orElse(pod.status()) : status, seams.now().get());
        Map<String, String> ports = PodPorts.annotations(view);
        if (!now.equals(status) || !ports.equals(annotations)) {
            status = now;
            annotations = ports;
            seams.statuses().report(pod, now, ports);
        }
        JsonObject record = record();
        if (!record.equals(kept)) {
            kept = record;
            seams.records().put(pod.uid(), record);
        }
    }

    private PodView view() {
        boolean initPending = containers.stream().anyMatch(c -> c.kind() == Kind.INIT && !c.succeeded()) && !initialized;
        List<ContainerView> views = new ArrayList<>();
        boolean terminal = stage == Stage.OVER || stage == Stage.CLEANING;
        for (ContainerWorker each : containers) {
            Waiting waiting = noRuntime != null ? noRuntime
                    : new Waiting(initPending && (each.kind() == Kind.MAIN || each != firstPending()) ? "PodInitializing" : "ContainerCreating",
                            initPending && each.kind() == Kind.MAIN ? "" : mountTrouble);
            ContainerView view = each.view(waiting);
            // As kubelet has it: what waited for init containers to the end waits for good.
            views.add(terminal && !(initPending && each.kind() == Kind.MAIN) ? view.ended() : view);
        }
        if (outcome != null && !admitted) {
            views.clear();
        }
        return new PodView(pod, views, seams.address().get(), startTime, mounted, initialized, terminal, outcome, held, released, disrupted);
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
        if (startTime != null) {
            record.addProperty("startTime", startTime.toString());
        }
        if (deadline != null) {
            record.addProperty("active", kept.has("active") && stage == Stage.ACTIVE && isRecent()
                    ? kept.get("active").getAsLong() : active().toSeconds());
        }
        if (stage == Stage.OVER) {
            record.add("final", status);
        }
        JsonObject all = new JsonObject();
        containers.forEach(c -> all.add(c.name(), c.record()));
        record.add("containers", all);
        return record;
    }

    /** The time it was active is only written anew when more than a minute has come to it. */
    private boolean isRecent() {
        return active().toSeconds() - kept.get("active").getAsLong() < 60;
    }

    private void restore() {
        JsonObject known = seams.records().get(pod.uid()).orElseGet(() -> PodHistory.of(pod));
        JsonObject end = Pod.object(known, "final");
        String phase = Pod.text(end.size() > 0 ? end : pod.status(), "phase");
        admitted = "true".equals(Pod.text(known, "admitted"));
        released = "true".equals(Pod.text(known, "released"));
        startTime = ContainerState.time(Pod.text(known, "startTime"));
        activeBefore = seconds(known, "active", Duration.ZERO);
        JsonObject all = Pod.object(known, "containers");
        containers.forEach(c -> c.restore(Pod.object(all, c.name()), c.kind() != Kind.MAIN && !PodPhase.isFinal(phase)));
        if (PodPhase.isFinal(phase)) {
            stage = Stage.OVER;
            status = end.size() > 0 ? end : pod.status();
            frozen = true;
        }
        kept = known;
        armDeadline();
        if (pod.isDeleted()) {
            deleted = true;
            stop(graceOf(pod));
        }
    }
}
