package io.kelp.edged.internal.pod;

import io.kelp.edged.WorkloadRuntime;
import io.kelp.edged.internal.eviction.EvictionOrder;
import io.kelp.edged.internal.eviction.EvictionOrder.Candidate;
import io.kelp.edged.internal.eviction.Pressure;
import io.kelp.edged.internal.eviction.Signal;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes room when the gateway runs short: images that nobody uses go first, then one pod at a look,
 * in kubelet's order. A pod whose emptyDir outgrew its limit goes at once.
 *
 * <p>{@link #look} is called on one thread.
 */
final class Evictor {

    private static final Logger LOG = LoggerFactory.getLogger(Evictor.class);
    private static final String REASON = "Evicted";
    private static final long IMAGES = Long.MAX_VALUE; // all that are not in use

    private final PodAgent agent;
    private final PodVolumes volumes;
    private final PodEvents events;
    private final Supplier<List<WorkloadRuntime>> runtimes;
    private final AtomicBoolean freeing = new AtomicBoolean();

    Evictor(PodAgent agent, PodVolumes volumes, PodEvents events, Supplier<List<WorkloadRuntime>> runtimes) {
        this.agent = agent;
        this.volumes = volumes;
        this.events = events;
        this.runtimes = runtimes;
    }

    /** Looks whether pods have to go, given what is short. */
    void look(Pressure pressure) {
        List<PodAgent.Snapshot> running = agent.pods().stream().filter(Evictor::isActive).toList();
        for (PodAgent.Snapshot pod : running) {
            volumes.overLimit(pod.pod().uid()).stream().findFirst().ifPresent(why -> agent.evict(pod.pod().uid(), REASON, why));
        }
        if (pressure.shortNow().contains(Signal.DISK)) {
            freeDisk(running);
        } else if (pressure.shortNow().contains(Signal.MEMORY)) {
            evict(Signal.MEMORY, running);
        }
    }

    private static boolean isActive(PodAgent.Snapshot pod) {
        String phase = Pod.text(pod.status(), "phase");
        return !pod.pod().isDeleted() && !phase.equals("Failed") && !phase.equals("Succeeded");
    }

    private void freeDisk(List<PodAgent.Snapshot> running) {
        Optional<WorkloadRuntime> withUnused = runtimes.get().stream().findFirst();
        if (withUnused.isEmpty()) {
            evict(Signal.DISK, running);
            return;
        }
        if (!freeing.compareAndSet(false, true)) {
            return;
        }
        Seams.bounded(Seams.call(() -> withUnused.get().freeImages(IMAGES))).whenComplete((bytes, failure) -> {
            freeing.set(false);
            if (failure != null) {
                LOG.warn("Unused images could not be removed to make room: {}", failure.getMessage());
            }
            if (bytes == null || bytes == 0) {
                evict(Signal.DISK, running); // the next look shows whether that was enough
            } else {
                LOG.info("Removed unused images of {} KiB to make room", bytes / 1024);
            }
        });
    }

    private void evict(Signal signal, List<PodAgent.Snapshot> running) {
        List<Candidate> order = EvictionOrder.of(running.stream().map(pod -> candidate(signal, pod)).toList());
        if (order.isEmpty()) {
            return;
        }
        Candidate first = order.get(0);
        events.node("Warning", "EvictionThresholdMet", "Attempting to reclaim " + signal.resource());
        agent.evict(first.uid(), REASON, "The node was low on resource: " + signal.resource() + ". The pod was using "
                + (signal == Signal.DISK ? first.usage() / 1024 + "Ki" : "memory") + ", its request is " + first.request() / 1024 + "Ki. ");
    }

    /** Live heap is not known per pod: who has asked for no memory counts as above its request, as it does for kubelets. */
    private Candidate candidate(Signal signal, PodAgent.Snapshot pod) {
        String priority = Pod.text(pod.pod().spec(), "priority");
        long request = signal == Signal.MEMORY ? PodResources.memoryRequest(pod.pod()) : 0;
        long usage = signal == Signal.DISK ? volumes.bytes(pod.pod().uid()) : request == 0 ? 1 : 0;
        return new Candidate(pod.pod().uid(), priority.matches("-?[0-9]{1,10}") ? (int) Long.parseLong(priority) : 0, usage, request,
                pod.pod().resourceVersion().isEmpty());
    }
}
