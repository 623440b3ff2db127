package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import io.kelp.edged.WorkloadContainer;
import io.kelp.edged.WorkloadRuntime;
import io.kelp.edged.internal.pod.PodView.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pods of this gateway: one {@link PodWorker} for each, told of what the sources say.
 *
 * <p>Public methods may be called from any thread and do not block.
 */
public final class PodAgent implements PodNeighbours, Inbox.Reader, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PodAgent.class);
    private static final String MIRROR = "kubernetes.io/config.mirror";
    private static final Duration GONE = Duration.ofMinutes(5);
    private static final Duration RETAIN_RETRY = Duration.ofMinutes(1);

    /**
     * Limits of a gateway.
     *
     * @param maxPods taken on at a time
     * @param runtimeWait how long a runtime may take to come before pods are told that there is none
     */
    record Limits(int maxPods, Duration runtimeWait) {}

    /**
     * One pod as it is now.
     *
     * @param status as reported last
     * @param since when this status was worked out
     * @param running its containers that run, by name
     */
    public record Snapshot(Pod pod, JsonObject status, Instant since, Map<String, WorkloadContainer> running) {}

    private final Seams seams;
    private final Hooks hooks;
    private final Limits limits;
    private final String node;
    private final Map<String, PodWorker> workers = new LinkedHashMap<>();
    private final Map<String, Snapshot> snapshots = new ConcurrentSkipListMap<>();
    private final Map<String, Pod> returning = new HashMap<>();
    private final List<AutoCloseable> watches = new ArrayList<>();
    private final Map<WorkloadRuntime, Set<String>> keptImages = new HashMap<>();
    private final Map<String, Set<String>> usedImages = new HashMap<>(); // by uid; all pods are gone through only when one has changed
    private final AtomicBoolean closed = new AtomicBoolean();
    private int incomplete;
    private long created;

    /** @param node whose pods these are */
    PodAgent(Seams seams, Hooks hooks, Limits limits, String node, List<PodSource> sources) {
        this.seams = seams;
        this.hooks = hooks;
        this.limits = limits;
        this.node = node;
        this.incomplete = sources.size();
        for (PodSource source : sources) {
            Inbox inbox = new Inbox(seams.loop(), this);
            watches.add(source.watch(inbox));
        }
    }

    /** Lets go of everything; containers are left to their runtime. */
    @Override
    public void close() {
        closed.set(true);
        for (AutoCloseable watch : watches) {
            try {
                watch.close();
            } catch (Exception e) { // the declared type of AutoCloseable; ours throw nothing checked
                LOG.debug("A source of pods ended badly: {}", e.getMessage());
            }
        }
    }

    // ---- any thread ----

    /** A runtime is there. */
    public void runtimeCame(WorkloadRuntime runtime) {
        seams.runtimes().add(runtime);
        seams.loop().execute(() -> {
            if (incomplete == 0) {
                retain(List.of(runtime));
            }
            workers.values().forEach(PodWorker::touch);
        });
    }

    /** A runtime is going: what it runs ends now. */
    public void runtimeWent(WorkloadRuntime runtime) {
        seams.runtimes().remove(runtime).ifPresent(handle -> seams.loop().execute(() -> {
            keptImages.remove(runtime);
            List.copyOf(workers.values()).forEach(w -> w.runtimeGone(handle));
        }));
    }

    /** All pods by namespace and name. */
    public List<Snapshot> pods() {
        return List.copyOf(snapshots.values());
    }

    /** Ends a pod as failed, with this reason, because the gateway runs out of something. */
    public void evict(String uid, String reason, String message) {
        seams.loop().execute(() -> {
            PodWorker worker = workers.get(uid);
            if (worker != null && worker.isActive()) {
                seams.events().pod(worker.pod(), "", "Warning", reason, message);
                worker.fail(reason, message, message);
            }
        });
    }

    /** Lets a held pod go on; several pods of that name may be there for a moment. */
    public void release(String namespace, String name) {
        seams.loop().execute(() -> workers.values().stream()
                .filter(w -> w.pod().namespace().equals(namespace) && w.pod().name().equals(name))
                .filter(PodWorker::release)
                .forEach(w -> LOG.info("Pod {}, which was held back, goes on", w.pod())));
    }

    /** Lets all held pods go on. */
    public void releaseAll() {
        seams.loop().execute(() -> workers.values().stream().filter(PodWorker::release)
                .forEach(w -> LOG.info("Pod {}, which was held back, goes on", w.pod())));
    }

    /** The API server says that it has no such pod. If the deletion does not come, too, the pod is ended all the same. */
    void goneAtCloud(String uid) {
        seams.loop().execute(() -> {
            PodWorker worker = workers.get(uid);
            if (worker != null) {
                Pod known = worker.pod();
                seams.loop().schedule(() -> {
                    if (workers.get(uid) == worker && worker.pod() == known) {
                        LOG.info("Pod {} is ended: the cloud has not known it for {} min", known, GONE.toMinutes());
                        worker.remove();
                    }
                }, GONE);
            }
        });
    }

    // ---- told by the inbox, on the loop ----

    @Override
    public void changed(Pod pod) {
        if (closed.get()) {
            return;
        }
        if (pod.annotations().containsKey(MIRROR)) {
            return; // a copy of what a manifest of this gateway says
        }
        String bound = Pod.text(pod.spec(), "nodeName");
        if (!bound.isEmpty() && !bound.equals(node)) {
            removed(pod);
            return;
        }
        PodWorker worker = workers.get(pod.uid());
        if (worker != null && worker.isRemoved()) {
            returning.put(pod.uid(), pod); // it has come back: begins anew when the rest of it is gone
            return;
        }
        if (worker != null) {
            worker.update(pod);
            return;
        }
        Optional<String> wrong = PodCheck.wrong(pod);
        if (wrong.isPresent()) {
            LOG.warn("Pod {} is ignored: {}", pod, wrong.get());
            return;
        }
        PodWorker fresh = new PodWorker(seams, hooks, this, pod, ++created);
        workers.put(pod.uid(), fresh);
        fresh.touch();
    }

    @Override
    public void removed(Pod last) {
        returning.remove(last.uid());
        PodWorker worker = workers.get(last.uid());
        if (worker != null && !worker.isRemoved()) {
            worker.remove();
        }
    }

    @Override
    public void referenceChanged(String namespace) {
        workers.values().stream().filter(w -> w.pod().namespace().equals(namespace)).forEach(PodWorker::referenceChanged);
    }

    /** One source has told all it had; when all have, what belongs to no pod is removed. */
    @Override
    public void complete() {
        if (--incomplete > 0) {
            return;
        }
        Set<String> uids = Set.copyOf(workers.keySet());
        seams.records().all().keySet().stream().filter(uid -> !uids.contains(uid)).forEach(seams.records()::remove);
        seams.statuses().retainStatic(uids);
        removeOrphans();
        retain(seams.runtimes().all().stream().map(Runtimes.Handle::runtime).toList());
    }

    private void removeOrphans() {
        seams.then(seams.folders().retain(Set.copyOf(workers.keySet())), () -> !closed.get(), done -> {}, e -> {
            LOG.warn("Folders of pods that are gone could not be removed, trying again: {}", e.getMessage());
            seams.loop().schedule(this::removeOrphans, RETAIN_RETRY);
        });
    }

    private void retain(List<WorkloadRuntime> runtimes) {
        Set<String> uids = Set.copyOf(workers.keySet());
        runtimes.forEach(runtime -> runtime.retain(uids));
        keepImages();
    }

    private void keepImages() {
        if (incomplete > 0) {
            return;
        }
        for (Runtimes.Handle handle : seams.runtimes().all()) {
            Set<String> ids = new HashSet<>();
            workers.values().stream().filter(w -> w.handler().equals(handle.toString())).forEach(w -> ids.addAll(w.images()));
            if (!ids.equals(keptImages.put(handle.runtime(), ids))) {
                handle.runtime().keepImages(Set.copyOf(ids));
            }
        }
    }

    // ---- what pods ask ----

    @Override
    public boolean hasPredecessor(PodWorker pod) {
        return workers.values().stream().anyMatch(other -> other != pod && other.isOlderThan(pod)
                && isSameName(other.pod(), pod.pod()) && !other.isOver());
    }

    private static boolean isSameName(Pod one, Pod other) {
        return one.name().equals(other.name()) && one.namespace().equals(other.namespace());
    }

    @Override
    public Optional<Outcome> admit(PodWorker pod, Runtimes.Handle runtime) {
        long count = 0;
        long used = 0;
        for (PodWorker other : workers.values()) {
            if (other != pod && other.isCounted()) {
                count++;
                used += other.handler().equals(pod.handler()) ? PodResources.memoryRequest(other.pod()) : 0;
            }
        }
        return Admission.refusal(pod.pod(), count, limits.maxPods(), used, runtime.runtime().memoryBytes());
    }

    @Override
    public void freed(PodWorker pod) {
        for (PodWorker other : workers.values()) {
            if (other != pod) {
                other.referenceChanged();
                if (isSameName(other.pod(), pod.pod())) {
                    other.touch();
                }
            }
        }
    }

    @Override
    public void changed(PodWorker worker) {
        if (!workers.containsKey(worker.pod().uid())) {
            return;
        }
        Pod pod = worker.pod();
        String key = pod + " " + pod.uid();
        Snapshot before = snapshots.get(key);
        Map<String, WorkloadContainer> running = worker.running();
        if (before == null || before.status() != worker.status() || before.pod() != pod || !before.running().equals(running)) {
            snapshots.put(key, new Snapshot(pod, worker.status(), seams.now().get(), running));
        }
        Set<String> images = worker.images();
        if (!images.equals(usedImages.put(pod.uid(), images))) {
            keepImages();
        }
    }

    @Override
    public void gone(PodWorker worker) {
        Pod pod = worker.pod();
        workers.remove(pod.uid());
        usedImages.remove(pod.uid());
        snapshots.remove(pod + " " + pod.uid());
        seams.runtimes().all().forEach(handle -> handle.runtime().forget(pod.uid()));
        keepImages();
        freed(worker);
        Pod back = returning.remove(pod.uid());
        if (back != null) {
            changed(back);
        }
    }

    @Override
    public Duration runtimeWait() {
        return limits.runtimeWait();
    }
}
