package io.kelp.cloud.hub;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeException;
import io.kelp.cloud.kube.ObjectCache;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replicas of the cloud service know of each other by Leases in namespace {@code kubeedge} (coordination.k8s.io/v1, label
 * {@code kelp.io/component: cloud}), each with its number of gateways. One that has far more than its share, because others died and came
 * back, asks some idle Kelp gateways to connect anew, which leads them wherever the address that they dial leads.
 *
 * <p>A Lease lives as long as it changes, by the clock of whoever looks at it. Owns one thread; nothing blocks but {@link #close}.
 */
public final class Replicas implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Replicas.class);
    private static final String LEASES = "/apis/coordination.k8s.io/v1/namespaces/kubeedge/leases";
    private static final String LABEL = "kelp.io/component";
    private static final String GATEWAYS = "kelp.io/gateways";
    private static final String PREFIX = "kelp-cloud-";
    private static final DateTimeFormatter MICRO_TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);
    private static final int LIVES_OF_DEAD = 20;

    private final KubeApi kube;
    private final Hub hub;
    private final Duration period;
    private final String name;
    private final ObjectCache<Seen> leases;
    private final Map<String, Life> lives = new HashMap<>(); // of the thread
    private final ScheduledExecutorService thread;
    private String problem = ""; // of the thread's requests, for the log
    private boolean closed; // guarded by this

    private record Seen(String name, String version, int gateways) {

        static Seen of(JsonObject lease) {
            JsonObject metadata = lease.getAsJsonObject("metadata");
            JsonElement gateways = metadata.get("annotations") instanceof JsonObject annotations ? annotations.get(GATEWAYS) : null;
            String count = gateways != null && gateways.isJsonPrimitive() ? gateways.getAsString() : "";
            return new Seen(metadata.get("name").getAsString(), metadata.get("resourceVersion").getAsString(),
                    count.matches("\\d{1,6}") ? Integer.parseInt(count) : 0);
        }
    }

    private record Life(String version, long nanos) {}

    /** @param period between signs of life; after three without one a replica counts as dead */
    public Replicas(KubeApi kube, Hub hub, Duration period) {
        this.kube = kube;
        this.hub = hub;
        this.period = period;
        this.name = PREFIX + hub.replica();
        this.leases = kube.follow(LEASES, Map.of("labelSelector", LABEL + "=cloud"), Seen::of, null);
        this.thread = Executors.newSingleThreadScheduledExecutor(r -> new Thread(r, "kelp-replicas"));
        thread.scheduleWithFixedDelay(this::look, 0, period.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            renew();
            if (leases.synced().isDone()) {
                int surplus = Balance.surplus(hub.sessionCount(), others(System.nanoTime()));
                if (surplus > 0) {
                    int asked = hub.partWith(surplus);
                    if (asked > 0) {
                        LOG.info("This replica has {} gateways, more than its share; {} idle ones are asked to connect anew", hub.sessionCount(), asked);
                    }
                }
            }
        } catch (RuntimeException e) {
            // A Lease of a shape that nobody foresaw must not end the signs of life.
            LOG.error("Looking at the replicas failed and goes on", e);
        }
    }

    private synchronized void renew() {
        if (!closed) {
            kube.patch(LEASES + "/" + name + "?fieldManager=kelp-cloud&force=true", KubeApi.PatchType.APPLY, lease().toString())
                    .whenComplete((done, failure) -> report(failure));
        }
    }

    private void report(Throwable failure) {
        String message = failure == null ? "" : String.valueOf(cause(failure).getMessage());
        if (!message.isEmpty() && !message.equals(problem)) {
            LOG.warn("This replica cannot be made known to others ({}), so gateways are not shared out evenly; its account needs the rights on"
                    + " leases in namespace kubeedge, see manifests/rbac.yaml", message);
        }
        problem = message;
    }

    private JsonObject lease() {
        JsonObject labels = new JsonObject();
        labels.addProperty(LABEL, "cloud");
        JsonObject annotations = new JsonObject();
        annotations.addProperty(GATEWAYS, Integer.toString(hub.sessionCount()));
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", name);
        metadata.addProperty("namespace", "kubeedge");
        metadata.add("labels", labels);
        metadata.add("annotations", annotations);
        JsonObject spec = new JsonObject();
        spec.addProperty("holderIdentity", hub.replica());
        spec.addProperty("leaseDurationSeconds", Math.max(1, 3 * period.toSeconds()));
        spec.addProperty("renewTime", MICRO_TIME.format(Instant.now()));
        JsonObject lease = new JsonObject();
        lease.addProperty("apiVersion", "coordination.k8s.io/v1");
        lease.addProperty("kind", "Lease");
        lease.add("metadata", metadata);
        lease.add("spec", spec);
        return lease;
    }

    /** Gateways of each living replica but this one; Leases of those long dead are removed. */
    private List<Integer> others(long now) {
        List<Integer> counts = new ArrayList<>();
        Map<String, Life> still = new HashMap<>();
        for (Seen lease : leases.all()) {
            if (lease.name().equals(name)) {
                continue;
            }
            Life known = lives.get(lease.name());
            Life life = known != null && known.version().equals(lease.version()) ? known : new Life(lease.version(), now);
            still.put(lease.name(), life);
            long silent = now - life.nanos();
            if (silent > LIVES_OF_DEAD * 3 * period.toNanos()) {
                kube.delete(LEASES + "/" + lease.name(), null).whenComplete((gone, failure) -> {
                    if (failure != null && !(cause(failure) instanceof KubeException refused && refused.code() == 404)) {
                        LOG.debug("The lease of a dead replica was not removed: {}", failure.getMessage());
                    }
                });
            } else if (silent <= 3 * period.toNanos()) {
                counts.add(lease.gateways());
            }
        }
        lives.clear();
        lives.putAll(still);
        return counts;
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /** Takes leave of the other replicas, within a second. */
    @Override
    public void close() {
        CompletableFuture<JsonObject> gone;
        synchronized (this) {
            closed = true;
            gone = kube.delete(LEASES + "/" + name, null);
        }
        thread.shutdownNow();
        leases.close();
        try {
            gone.get(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException | TimeoutException e) {
            LOG.debug("The lease of this replica stays until others remove it: {}", e.getMessage());
        }
    }
}
