package io.kelp.cloud.standalone;

import com.google.gson.JsonObject;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.ObjectCache;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The controllers that a standalone installation needs from a control plane: node life cycle, eviction, placement, and removal of
 * pods nobody cares for. They follow Nodes, Pods and Leases, look at all of it on one thread after a change and once a second, and
 * do what is to be done through the API.
 */
public final class Controllers implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Controllers.class);
    private static final long LOOK_MILLIS = 1000;
    private static final long SETTLE_MILLIS = 20; // changes come in groups

    private final ObjectCache<NodeState> nodes;
    private final ObjectCache<PodState> pods;
    private final ObjectCache<String> leases;
    private final NodeLifecycle lifecycle;
    private final PodEviction eviction;
    private final PodGarbage garbage;
    private final PodPlacement placement;
    private final AtomicBoolean due = new AtomicBoolean();
    private final ScheduledExecutorService thread;

    /** Starts; the first look comes when everything has been listed. */
    public Controllers(KubeApi api) {
        this(api, NodeLifecycle.GRACE);
    }

    /** @param grace silence after which a Node counts as unreachable */
    Controllers(KubeApi api, Duration grace) {
        Actions actions = new Actions(api);
        this.lifecycle = new NodeLifecycle(actions, grace);
        this.eviction = new PodEviction(actions);
        this.garbage = new PodGarbage(actions);
        this.placement = new PodPlacement(actions);
        this.thread = Executors.newSingleThreadScheduledExecutor(r -> new Thread(r, "kelp-control"));
        this.nodes = api.follow("/api/v1/nodes", Map.of(), NodeState::of, new Due<>());
        this.pods = api.follow("/api/v1/pods", Map.of(), PodState::of, new Due<>());
        this.leases = api.follow("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", Map.of(), Controllers::renewal, null);
        CompletableFuture.allOf(nodes.synced(), pods.synced(), leases.synced()).thenRun(this::begin);
    }

    private static String renewal(JsonObject lease) {
        return Tree.text(Tree.object(lease, "spec"), "renewTime");
    }

    private void begin() {
        try {
            thread.scheduleWithFixedDelay(this::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("Ended before it began");
        }
    }

    private void look() {
        due.set(false);
        try {
            Collection<NodeState> nodesNow = List.copyOf(nodes.all());
            Collection<PodState> podsNow = List.copyOf(pods.all());
            long nanos = System.nanoTime();
            lifecycle.look(nodesNow, node -> leases.get("kube-node-lease", node).orElse(""), podsNow, nanos);
            eviction.look(nodesNow, podsNow, Instant.now());
            garbage.look(nodesNow, podsNow, nanos);
            placement.look(nodesNow, podsNow);
        } catch (RuntimeException e) {
            // One object of a shape that nobody foresaw must not end the controllers.
            LOG.error("The controllers failed on something and go on", e);
        }
    }

    private void soon() {
        if (nodes == null || pods == null || leases == null || !leases.synced().isDone() || !due.compareAndSet(false, true)) {
            return; // begin() looks
        }
        try {
            thread.schedule(this::look, SETTLE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("A change came after the end");
        }
    }

    private final class Due<T> implements ObjectCache.Listener<T> {
        @Override
        public void changed(T before, T now) {
            soon();
        }

        @Override
        public void removed(T last) {
            soon();
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        nodes.close();
        pods.close();
        leases.close();
    }
}
