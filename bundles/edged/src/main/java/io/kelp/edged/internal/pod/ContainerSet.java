package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import io.kelp.edged.WorkloadContainer;
import io.kelp.edged.internal.pod.ContainerState.Waiting;
import io.kelp.edged.internal.pod.ContainerView.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The containers of one pod and the order in which they begin and end. Used on the loop only. */
final class ContainerSet {

    private final PodWorker pod;
    private final List<ContainerWorker> containers = new ArrayList<>();
    private boolean initialized;

    ContainerSet(Seams seams, Hooks hooks, PodWorker pod) {
        this.pod = pod;
        for (JsonObject each : pod.pod().initContainers()) {
            containers.add(new ContainerWorker(seams, pod, hooks, each, PodResources.isSidecar(each) ? Kind.SIDECAR : Kind.INIT));
        }
        for (JsonObject each : pod.pod().containers()) {
            containers.add(new ContainerWorker(seams, pod, hooks, each, Kind.MAIN));
        }
    }

    /** Whether all init containers have been through. */
    boolean isInitialized() {
        return initialized;
    }

    /** The pod has changed. */
    void update(Pod now) {
        List<JsonObject> specs = new ArrayList<>(now.initContainers());
        specs.addAll(now.containers());
        for (ContainerWorker each : containers) {
            specs.stream().filter(s -> Pod.text(s, "name").equals(each.name())).findFirst().ifPresent(each::update);
        }
    }

    /** Init containers one after the other, sidecars from their place on, then the rest. */
    void run(Runtimes.Handle runtime) {
        for (ContainerWorker each : containers) {
            boolean before = true;
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
                    if (!each.isDone(pod.restartPolicy())) {
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
    boolean isDone() {
        String policy = pod.restartPolicy();
        boolean failedInit = !initialized && containers.stream().anyMatch(c -> c.kind() == Kind.INIT && !c.succeeded() && c.isDone(policy));
        return failedInit || containers.stream().filter(c -> c.kind() == Kind.MAIN).allMatch(c -> c.isDone(policy));
    }

    /**
     * Ends them together, sidecars after them in reverse order; to be called again until nothing is left.
     *
     * @param since of the grace period, by the monotonic clock
     * @return whether something is left
     */
    boolean stop(Duration grace, long since, long nanos) {
        boolean alive = false;
        for (ContainerWorker each : containers) {
            if (each.kind() != Kind.SIDECAR) {
                each.stop(grace);
                alive |= each.isAlive();
            }
        }
        Duration left = grace.minusNanos(nanos - since);
        for (int i = containers.size() - 1; i >= 0 && !alive; i--) {
            ContainerWorker each = containers.get(i);
            if (each.kind() == Kind.SIDECAR) {
                each.stop(left.isNegative() ? Duration.ZERO : left);
                alive = each.isAlive();
            }
        }
        return alive;
    }

    void abandoned(Runtimes.Handle runtime) {
        containers.forEach(c -> c.abandoned(runtime));
    }

    void referenceChanged() {
        containers.forEach(ContainerWorker::referenceChanged);
    }

    /** After a restart of edged alone the containers still run; after one of the gateway the pod begins anew. */
    void resume(Runtimes.Handle runtime) {
        boolean goesOn = false;
        for (ContainerWorker each : containers) {
            goesOn |= each.resume(runtime);
        }
        if (!goesOn) {
            initialized = false;
            containers.forEach(ContainerWorker::again);
        }
    }

    /**
     * @param waiting what a container shows that could be started now, were it not for something
     * @param always whether that holds for all of them
     * @param terminal whether none will be started again
     */
    List<ContainerView> views(Waiting waiting, boolean always, boolean terminal) {
        ContainerWorker next = containers.stream().filter(c -> c.kind() == Kind.INIT && !c.succeeded()).findFirst().orElse(null);
        boolean initPending = next != null && !initialized;
        List<ContainerView> views = new ArrayList<>();
        for (ContainerWorker each : containers) {
            boolean later = initPending && each != next;
            ContainerView view = each.view(later && !always ? new Waiting("PodInitializing", "") : waiting);
            // As kubelet has it: what waited for init containers to the end waits for good.
            views.add(terminal && !(initPending && each.kind() == Kind.MAIN) ? view.ended() : view);
        }
        return views;
    }

    /** Ids of the images that they use. */
    Set<String> images() {
        Set<String> ids = new HashSet<>();
        containers.stream().map(ContainerWorker::imageKey).filter(id -> !id.isEmpty()).forEach(ids::add);
        return ids;
    }

    /** Those that run now, by name. */
    Map<String, WorkloadContainer> running() {
        Map<String, WorkloadContainer> all = new TreeMap<>();
        containers.stream().filter(c -> c.running() != null).forEach(c -> all.put(c.name(), c.running()));
        return all;
    }

    JsonObject record() {
        JsonObject all = new JsonObject();
        containers.forEach(c -> all.add(c.name(), c.record()));
        return all;
    }

    void restore(JsonObject all, boolean wasInitialized) {
        initialized = wasInitialized;
        containers.forEach(c -> c.restore(Pod.object(all, c.name())));
    }
}
