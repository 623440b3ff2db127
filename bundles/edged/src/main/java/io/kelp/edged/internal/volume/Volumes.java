package io.kelp.edged.internal.volume;

import com.google.gson.JsonObject;
import io.kelp.edged.ContainerSpec.Mount;
import io.kelp.edged.WorkloadException;
import io.kelp.edged.internal.env.DownwardApi;
import io.kelp.edged.internal.env.NodeFacts;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.edged.internal.pod.PodEvents;
import io.kelp.edged.internal.pod.PodVolumes;
import io.kelp.metamanager.MetaStore;
import io.kelp.metamanager.MetaStore.MetaObject;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Volumes of pods as files and folders of the gateway: emptyDir, configMap, secret, projected, downwardAPI
 * and hostPath. What the gateway writes is followed while the pod lives: a changed ConfigMap or Secret is
 * in the files within a second, tokens are exchanged when 80 % of their life are over.
 *
 * <p>All pods run as the gateway's user in the gateway's process: {@code fsGroup} and {@code runAsUser}
 * have no meaning, all files belong to that user. A mount through {@code subPath} of a ConfigMap or Secret
 * follows its changes, too, which with kubelet it does not.
 */
public final class Volumes implements PodVolumes, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Volumes.class);
    private static final long CHECK_SECONDS = 60;

    private final PayloadSource payloads;
    private final PodEvents events;
    private final Executor io;
    private final VolumeFolders folders;
    private final HostPaths hostPaths;
    private final Mounts mounts;
    private final Map<String, MountedPod> pods = new ConcurrentHashMap<>();
    private final List<AutoCloseable> watches = new ArrayList<>();
    private final Future<?> check;

    /**
     * @param io for what touches files; at most a few threads
     * @param timer starts the checks each minute, which then run on {@code io}
     */
    public Volumes(MetaStore objects, NodeFacts node, PodEvents events, Executor io, ScheduledExecutorService timer,
            VolumeFolders folders, VolumeSettings settings) {
        this.payloads = new PayloadSource(objects, new DownwardApi(node));
        this.events = events;
        this.io = io;
        this.folders = folders;
        this.hostPaths = new HostPaths(settings);
        this.mounts = new Mounts(folders);
        for (String type : List.of("configmap", "secret")) {
            watches.add(objects.watch(type, new Follow()));
        }
        watches.add(objects.watch("pod", new FollowPods()));
        this.check = timer.scheduleWithFixedDelay(this::check, CHECK_SECONDS, CHECK_SECONDS, TimeUnit.SECONDS);
    }

    /** Nothing is followed any more; the files stay. */
    @Override
    public void close() {
        check.cancel(false);
        for (AutoCloseable watch : watches) {
            try {
                watch.close();
            } catch (Exception e) { // AutoCloseable declares no less; the watches of the store only fail when it stops
                LOG.debug("The end of a watch failed: {}", e.toString());
            }
        }
        pods.clear();
    }

    @Override
    public CompletionStage<Void> mount(Pod pod) {
        MountedPod mounted = pods.computeIfAbsent(pod.uid(), uid -> new MountedPod(PodVolumeSet.of(pod), folders, io));
        synchronized (mounted) {
            if (mounted.ready != null && !mounted.ready.isCompletedExceptionally()) {
                return mounted.ready;
            }
            mounted.ready = new CompletableFuture<>();
        }
        PodVolumeSet set = PodVolumeSet.of(pod);
        mounted.set = set;
        CompletableFuture<Void> ready = mounted.ready;
        List<CompletableFuture<Void>> all = new ArrayList<>();
        set.volumes().values().forEach(volume -> all.add(make(mounted, set, volume, true).thenAccept(changed -> { }).toCompletableFuture()));
        all.forEach(each -> each.exceptionally(failure -> { // the first that fails says so while others wait for the cloud
            ready.completeExceptionally(new WorkloadException("FailedMount", cause(failure).getMessage(), cause(failure)));
            return null;
        }));
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).thenRun(() -> ready.complete(null));
        return ready;
    }

    private static String first(List<CompletableFuture<Void>> all) {
        for (CompletableFuture<Void> each : all) {
            if (each.isCompletedExceptionally()) {
                try {
                    each.join();
                } catch (CompletionException e) {
                    return cause(e).getMessage();
                }
            }
        }
        return "";
    }

    /**
     * Makes one volume what it should be; completes with whether anything had to be written.
     *
     * @param compare whether to look at the files, too, not only at what was written last
     */
    private CompletionStage<Boolean> make(MountedPod mounted, PodVolumeSet set, JsonObject volume, boolean compare) {
        String kind = PodVolumeSet.kind(volume);
        try {
            if (PodVolumeSet.isWritten(volume)) {
                long attempt = mounted.attempts.incrementAndGet();
                return named(volume, payloads.of(set.pod(), volume).thenCompose(payload -> mounted.write(volume, payload, attempt, compare)));
            }
            return named(volume, mounted.onDisk(() -> {
                switch (kind) {
                    case "emptyDir" -> emptyDir(set, volume);
                    case "hostPath" -> hostPaths.prepare(Pod.object(volume, "hostPath"));
                    default -> throw new IllegalArgumentException("volumes of type " + kind + " are not supported on this gateway; "
                            + "there are emptyDir, hostPath, configMap, secret, projected and downwardAPI");
                }
                return false;
            }));
        } catch (IllegalArgumentException e) { // of a name, mode or number in the pod
            return named(volume, CompletableFuture.failedFuture(e));
        }
    }

    private void emptyDir(PodVolumeSet set, JsonObject volume) throws IOException {
        String medium = Pod.text(Pod.object(volume, "emptyDir"), "medium");
        if (!medium.isEmpty() && !medium.equals("Memory")) {
            throw new IllegalArgumentException("medium " + medium + " is not supported on this gateway");
        }
        VolumeFolders.make(set.folder(folders, volume));
    }

    private static <T> CompletionStage<T> named(JsonObject volume, CompletionStage<T> stage) {
        return stage.exceptionallyCompose(failure -> CompletableFuture.failedFuture(new IllegalArgumentException(
                "MountVolume.SetUp failed for volume \"" + Pod.text(volume, "name") + "\" : " + said(cause(failure)), cause(failure))));
    }

    /** Exceptions of files carry only a path as message. */
    private static String said(Throwable failure) {
        return failure instanceof IOException ? failure.toString() : failure.getMessage();
    }

    @Override
    public List<Mount> mounts(Pod pod, JsonObject container) throws WorkloadException {
        return mounts(pod, container, Map.of());
    }

    @Override
    public List<Mount> mounts(Pod pod, JsonObject container, Map<String, String> env) throws WorkloadException {
        return mounts.of(PodVolumeSet.of(pod), container, env);
    }

    @Override
    public CompletionStage<Void> unmount(String podUid) {
        MountedPod mounted = pods.remove(podUid);
        MountedPod lock = mounted == null ? new MountedPod(null, folders, io) : mounted;
        return lock.end(podUid).whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.warn("Volumes of pod {} are left behind: {}", podUid, failure.toString());
            }
        });
    }

    @Override
    public long bytes(String podUid) {
        MountedPod mounted = pods.get(podUid);
        return mounted == null ? 0 : mounted.bytes;
    }

    @Override
    public List<String> overLimit(String podUid) {
        MountedPod mounted = pods.get(podUid);
        return mounted == null ? List.of() : mounted.overLimit;
    }

    /** Each minute: what could not be asked for, tokens that are due, updates that failed, sizes. */
    void check() {
        pods.values().forEach(mounted -> {
            if (mounted.isReady()) {
                if (mounted.failed || !mounted.incomplete.isEmpty() || mounted.set.hasToken()) {
                    refresh(mounted);
                }
                if (!mounted.set.emptyDirs().isEmpty()) {
                    mounted.onDisk(mounted::measure).whenComplete((done, failure) -> {
                        if (failure != null) {
                            LOG.debug("Sizes of pod {}: {}", mounted.set.pod(), failure.toString());
                        }
                    });
                }
            }
        });
    }

    /** Measures the emptyDirs of a pod without waiting for the next minute. */
    CompletionStage<Boolean> measureNow(String podUid) {
        MountedPod mounted = pods.get(podUid);
        return mounted == null ? CompletableFuture.completedFuture(false) : mounted.onDisk(mounted::measure);
    }

    /** Brings all files of a pod up to date; what comes while that is going on is done once after it. */
    private void refresh(MountedPod mounted) {
        synchronized (mounted) {
            if (mounted.gone || mounted.refreshing) {
                mounted.again = true;
                return;
            }
            mounted.refreshing = true;
        }
        PodVolumeSet set = mounted.set;
        List<CompletableFuture<Void>> all = new ArrayList<>();
        set.volumes().values().stream().filter(PodVolumeSet::isWritten).forEach(volume ->
                all.add(make(mounted, set, volume, false).thenAccept(changed -> {
                    if (changed) {
                        LOG.debug("Volume {} of pod {} was updated", Pod.text(volume, "name"), set.pod());
                    }
                }).toCompletableFuture()));
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).whenComplete((done, failure) -> {
            boolean once;
            synchronized (mounted) {
                mounted.refreshing = false;
                once = mounted.again && !mounted.gone;
                mounted.again = false;
            }
            tell(mounted, set, failure == null ? "" : first(all));
            if (once) {
                refresh(mounted);
            }
        });
    }

    /** Files that cannot be updated stay as they are; one Event says so until the trouble changes. */
    private void tell(MountedPod mounted, PodVolumeSet set, String trouble) {
        boolean fresh;
        synchronized (mounted) {
            fresh = !trouble.isEmpty() && !trouble.equals(mounted.lastTrouble) && !mounted.gone;
            mounted.lastTrouble = trouble;
            mounted.failed = !trouble.isEmpty();
        }
        if (fresh) {
            LOG.info("Pod {}: {}; the files stay as they are", set.pod(), trouble);
            events.pod(set.pod(), "", "Warning", "FailedMount", trouble);
        }
    }

    private static Throwable cause(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** Refreshes a pod; one that is being mounted only then, for it may have seen what was before. */
    private void refreshSoon(MountedPod mounted) {
        CompletableFuture<Void> ready = mounted.ready;
        if (ready != null) {
            ready.thenRun(() -> refresh(mounted));
        }
    }

    private final class Follow implements MetaStore.Listener {
        @Override
        public void changed(MetaObject object) {
            pods.values().forEach(mounted -> {
                if (mounted.set.shows(object.type(), object.namespace(), object.name())) {
                    refreshSoon(mounted);
                }
            });
        }

        @Override
        public void removed(MetaObject last) {
            changed(last);
        }
    }

    private final class FollowPods implements MetaStore.Listener {
        @Override
        public void changed(MetaObject object) {
            MountedPod mounted = pods.get(object.uid());
            if (mounted == null) {
                return;
            }
            Pod before = mounted.set.pod();
            Pod now = Pod.of(object);
            mounted.set = PodVolumeSet.of(now);
            if (mounted.set.showsMetadata() && (!before.labels().equals(now.labels()) || !before.annotations().equals(now.annotations()))) {
                refreshSoon(mounted);
            }
        }

        @Override
        public void removed(MetaObject last) {
            // the pod's worker ends it and unmounts
        }
    }
}
