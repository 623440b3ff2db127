package io.kelp.cloud.workload;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.edge.EdgeObjects;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.ObjectCache;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps pods on autonomous gateways, and what Nodes say of their link. Owns one thread; nothing blocks. */
public final class Workloads implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Workloads.class);
    private static final String NODES = "/api/v1/nodes";
    private static final String EDGE_LABEL = "node-role.kubernetes.io/edge";
    private static final long DEFAULT_SECONDS = 300;
    private static final String PROBE = """
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "kelp-toleration-probe"}, "spec": {"automountServiceAccountToken": false,
              "containers": [{"name": "c", "image": "x", "securityContext": {"allowPrivilegeEscalation": false, "runAsNonRoot": true,
              "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}}}]}}""";

    private final ObjectCache<GatewayNode> nodes;
    private final PodAutonomy autonomy;
    private final LinkStates links;
    private final ScheduledExecutorService thread;

    /**
     * What can be tuned.
     *
     * @param autonomySeconds for pods on gateways that run Kelp and about which nobody says anything, as in {@link Autonomy}
     * @param settle that a gateway may be away before its Node says so
     * @param look between looks at all links
     * @param others that a replica waits before it does what the one with the gateway's session should do
     */
    public record Settings(long autonomySeconds, Duration settle, Duration look, Duration others) {

        public static Settings defaults() {
            return new Settings(Autonomy.FOREVER, Duration.ofSeconds(15), Duration.ofSeconds(1), Duration.ofSeconds(5));
        }

        /** @param time as in annotation {@code kelp.io/autonomy-duration}; empty when it makes no sense */
        public static Optional<Settings> withAutonomy(String time) {
            Settings usual = defaults();
            return Autonomy.parse(time).map(seconds -> new Settings(seconds, usual.settle, usual.look, usual.others));
        }
    }

    /**
     * Starts.
     *
     * @param isConnected whether a gateway is connected to this replica
     * @param replica name of this replica, as annotation {@code kelp.io/cloud-replica} of Nodes has it
     * @param seenAt told which replica a Node names
     */
    public Workloads(KubeApi kube, EdgeObjects objects, Predicate<String> isConnected, String replica, BiConsumer<String, String> seenAt,
            Settings settings) {
        AutonomyPolicy policy = new AutonomyPolicy(settings.autonomySeconds(), node -> Optional.empty());
        this.thread = Executors.newSingleThreadScheduledExecutor(r -> new Thread(r, "kelp-workload"));
        this.links = new LinkStates(kube, policy, isConnected, replica, settings.settle().toNanos());
        this.autonomy = new PodAutonomy(kube, objects, policy, this::node, isConnected, thread, settings.others().toMillis());
        this.nodes = kube.follow(NODES, Map.of("labelSelector", EDGE_LABEL), GatewayNode::of, new ObjectCache.Listener<>() {
            @Override
            public void changed(GatewayNode before, GatewayNode now) {
                seenAt.accept(now.name(), now.replica());
                autonomy.nodeChanged(before, now);
            }

            @Override
            public void removed(GatewayNode last) {
                // its pods follow it
            }
        });
        kube.create("/api/v1/namespaces/kubeedge/pods?dryRun=All", JsonParser.parseString(PROBE).getAsJsonObject())
                .whenComplete((pod, problem) -> autonomy.start(problem == null ? defaultSeconds(pod) : DEFAULT_SECONDS));
        thread.scheduleWithFixedDelay(this::look, settings.look().toMillis(), settings.look().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Whether a gateway is connected to no replica: its Node says so, or is gone. False until Nodes are known. */
    public boolean isAway(String node) {
        ObjectCache<GatewayNode> known = nodes;
        return known.synced().isDone() && known.get("", node).map(gateway -> gateway.link().is("False")).orElse(true);
    }

    /** Whether there is a gateway's Node of this name; true until Nodes are known. */
    public boolean hasNode(String node) {
        return !nodes.synced().isDone() || nodes.get("", node).isPresent();
    }

    private Optional<GatewayNode> node(String name) {
        ObjectCache<GatewayNode> known = nodes;
        return known == null ? Optional.empty() : known.get("", name);
    }

    /** What admission of this API server gives to pods; a server may be started with other times than the usual. */
    private static long defaultSeconds(JsonObject pod) {
        return Objects.list(Objects.object(pod, "spec"), "tolerations").stream()
                .filter(t -> Objects.text(t, "key").equals("node.kubernetes.io/unreachable")).map(t -> Objects.text(t, "tolerationSeconds"))
                .filter(seconds -> seconds.matches("\\d{1,15}")).mapToLong(Long::parseLong).findFirst().orElse(DEFAULT_SECONDS);
    }

    private void look() {
        try {
            if (nodes.synced().isDone()) {
                links.look(nodes.all(), System.nanoTime());
            }
        } catch (RejectedExecutionException e) {
            LOG.debug("Ended while looking");
        } catch (RuntimeException e) {
            // One Node of a shape that nobody foresaw must not end the looks at all others.
            LOG.error("Looking at the links failed and goes on", e);
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
        nodes.close();
    }
}
