package io.kelp.cloud.workload;

import com.google.gson.JsonObject;
import io.kelp.cloud.edge.EdgeObjects;
import io.kelp.cloud.hub.GatewayObject;
import io.kelp.cloud.kube.KubeApi;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the tolerations of pods on gateways to what {@link AutonomyPolicy} says, pod by pod when one changes. The replica that a gateway
 * is connected to does it at once, others a few seconds later if it is still to be done: two at a time would only refuse each other.
 */
final class PodAutonomy {

    private static final Logger LOG = LoggerFactory.getLogger(PodAutonomy.class);
    private static final int UNDER_WAY = 50;
    private static final long BUSY_MILLIS = 200;
    private static final long RETRY_MILLIS = 30_000;
    private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

    private final KubeApi kube;
    private final EdgeObjects objects;
    private final AutonomyPolicy policy;
    private final Function<String, Optional<GatewayNode>> nodes;
    private final Predicate<String> isConnected;
    private final ScheduledExecutorService thread;
    private final long othersMillis;
    private final Semaphore free = new Semaphore(UNDER_WAY);
    private final Set<String> planned = ConcurrentHashMap.newKeySet();
    private volatile long defaultSeconds;
    private volatile String refusal = "";

    /** @param othersMillis that a replica waits to which the gateway is not connected */
    PodAutonomy(KubeApi kube, EdgeObjects objects, AutonomyPolicy policy, Function<String, Optional<GatewayNode>> nodes,
            Predicate<String> isConnected, ScheduledExecutorService thread, long othersMillis) {
        this.kube = kube;
        this.objects = objects;
        this.policy = policy;
        this.nodes = nodes;
        this.isConnected = isConnected;
        this.thread = thread;
        this.othersMillis = othersMillis;
    }

    /** @param defaultSeconds {@code tolerationSeconds} that admission of this cluster gives to pods */
    void start(long defaultSeconds) {
        this.defaultSeconds = defaultSeconds;
        objects.listen(this::look);
    }

    /** A Node's policy may be another one now. */
    void nodeChanged(GatewayNode before, GatewayNode now) {
        if (before != null && !policy.of(before).equals(policy.of(now))) {
            objects.podsOn(now.name()).forEach(pod -> look(now.name(), pod));
        }
    }

    void look(String node, GatewayObject pod) {
        plan(pod.namespace(), pod.name(), isConnected.test(node) ? 0 : othersMillis);
    }

    private void plan(String namespace, String name, long millis) {
        if (!planned.add(namespace + "/" + name)) {
            return;
        }
        try {
            thread.schedule(() -> adjust(namespace, name), millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("A pod came after the end");
        }
    }

    private void adjust(String namespace, String name) {
        planned.remove(namespace + "/" + name);
        Optional<JsonObject> found = objects.pod(namespace, name).map(pod -> pod.json().get());
        if (found.isEmpty() || ENDED.contains(Objects.text(found.get(), "status", "phase"))
                || !Objects.text(found.get(), "metadata", "deletionTimestamp").isEmpty()) {
            return;
        }
        JsonObject pod = found.get();
        Optional<GatewayNode> node = nodes.apply(Objects.text(pod, "spec", "nodeName"));
        if (node.isEmpty()) {
            plan(namespace, name, Math.max(othersMillis, BUSY_MILLIS)); // its Node has not been seen yet, or is gone and the pod will be
            return;
        }
        Optional<JsonObject> patch = Tolerations.patch(pod, policy.of(node.get(), pod), defaultSeconds);
        if (patch.isEmpty()) {
            return;
        }
        if (!free.tryAcquire()) {
            plan(namespace, name, BUSY_MILLIS);
            return;
        }
        kube.patch("/api/v1/namespaces/" + namespace + "/pods/" + name + "?fieldManager=kelp-autonomy", KubeApi.PatchType.MERGE, patch.get().toString())
                .whenComplete((done, problem) -> {
                    free.release();
                    ended(namespace, name, problem);
                });
    }

    private void ended(String namespace, String name, Throwable problem) {
        if (problem == null) {
            refusal = "";
            return;
        }
        if (OsgiRuntimeClass.isRefused(problem, 404) || OsgiRuntimeClass.isRefused(problem, 409)) {
            return; // it has changed meanwhile: the watch brings what it is now
        }
        String message = String.valueOf(OsgiRuntimeClass.cause(problem).getMessage());
        if (!refusal.equals(message)) {
            refusal = message;
            LOG.warn("Pod {}/{} cannot be kept from eviction ({}); tried again every {} s. The account of kelp-cloud needs the right to patch pods,"
                    + " see manifests/rbac.yaml", namespace, name, message, RETRY_MILLIS / 1000);
        }
        plan(namespace, name, RETRY_MILLIS);
    }
}
