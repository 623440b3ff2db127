package io.kelp.cloud.hub;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeException;
import io.kelp.message.Message;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sessions of all gateways that are connected to this replica, and the way to and from them.
 *
 * <p>Handlers and sources are added before {@link #start}. Safe for use by several threads.
 */
public final class Hub implements Delivery, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Hub.class);

    private static final Set<String> CLOUD_SOURCES =
            Set.of("cloudhub", "cloudStream", "devicecontroller", "edgecontroller", "synccontroller");
    private static final long SOON_MILLIS = 10;
    private static final long FAREWELL_SECONDS = 2;
    private static final long TICK_MILLIS = 250;
    private static final long DRAIN_NANOS = 5_000_000_000L;
    private static final long RETRY_AFTER_MILLIS = 1000;
    private static final int FEW = 5;
    private static final long PARTING_NANOS = 3_600_000_000_000L;
    private static final long UNFINISHED_BYTES = 24 << 20;

    private final KubeApi kube;
    private final HubSettings settings;
    private final String advertised;
    private final Supplier<String> kubernetesCa;
    private final String version;
    private final String replica = Replica.name();
    private final List<UpstreamHandler> handlers = new ArrayList<>();
    private final List<ObjectSource> sources = new ArrayList<>();
    private final Map<String, Session> sessions = new ConcurrentHashMap<>();
    private final InboundBudget unfinished = new InboundBudget(UNFINISHED_BYTES);
    private final Map<String, Long> partedWith = new ConcurrentHashMap<>();
    private final Set<Session> draining = ConcurrentHashMap.newKeySet();
    private final HubMetrics metrics = new HubMetrics();
    private final ThreadPoolExecutor workers;
    private final ScheduledThreadPoolExecutor timer;
    private volatile SyncObjects syncs;
    private volatile boolean closing;

    /** What belongs on a node, as the sources that can be believed know it. */
    record Desired(Collection<GatewayObject> objects, Collection<String> types, boolean complete) {}

    /**
     * @param advertised the address that Nodes name as theirs in annotation {@code cloudcore}
     * @param kubernetesCa the CA of the API server as PEM, empty when unknown
     * @param version of this program, told to Kelp gateways
     */
    public Hub(KubeApi kube, HubSettings settings, String advertised, Supplier<String> kubernetesCa, String version) {
        this.kube = kube;
        this.settings = settings;
        this.advertised = advertised;
        this.kubernetesCa = kubernetesCa;
        this.version = version;
        // A gateway has at most three tasks in this queue: its turn, its comparison, and what could wait for others to go with it.
        this.workers = new ThreadPoolExecutor(settings.workers(), settings.workers(), 30, TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(), r -> new Thread(r, "kelp-hub-worker"));
        workers.allowCoreThreadTimeOut(true);
        this.timer = new ScheduledThreadPoolExecutor(1, r -> new Thread(r, "kelp-hub-timer"));
    }

    /** Before {@link #start}. The order of handlers is the order in which they are asked. */
    public void add(UpstreamHandler handler) {
        handlers.add(handler);
    }

    /** Before {@link #start}. */
    public void add(ObjectSource source) {
        sources.add(source);
    }

    public void start() {
        syncs = new SyncObjects(kube);
        timer.scheduleAtFixedRate(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        syncs.synced().thenRun(() -> {
            sessions.values().forEach(this::startStock);
            timer.execute(this::forgetMissingNodes);
        });
    }

    /** Tells gateways to come back and ends all sessions. */
    @Override
    public void close() {
        closing = true;
        JsonObject content = new JsonObject();
        content.addProperty("retryAfterMillis", RETRY_AFTER_MILLIS);
        List<CompletableFuture<Void>> farewells = new ArrayList<>();
        for (Session session : sessions.values()) {
            if (session.isKelp()) {
                session.send(Message.create(Session.KELP, Session.KELP, "reconnect", Session.KELP, content));
            }
            farewells.add(session.closeWhenWritten(GatewayLink.GOING_AWAY, "the cloud service ends"));
        }
        // The ports are closed after this; a gateway that does not read is not waited for.
        CompletableFuture.allOf(farewells.toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, FAREWELL_SECONDS, TimeUnit.SECONDS).join();
        timer.shutdownNow();
        workers.shutdown();
        if (syncs != null) {
            syncs.close();
        }
    }

    // ---- Delivery ----

    @Override
    public void deliver(String node, Change change, GatewayObject object) {
        Session session = sessions.get(node);
        if (session != null) {
            session.deliver(new Push(change, object, null));
        }
    }

    @Override
    public void redeliver(String node, GatewayObject object) {
        Session session = sessions.get(node);
        if (session != null) {
            session.redeliver(new Push(Change.UPDATE, object, null));
            if (object.type().equals("node")) {
                session.resync(object.uid()); // who has lost its Node has lost the rest, too
            }
        }
    }

    @Override
    public boolean send(String node, Message message) {
        Session session = sessions.get(node);
        return session != null && session.send(message);
    }

    @Override
    public void answerReliably(NodeSession session, Message answer, GatewayObject object) {
        Session current = sessions.get(session.node());
        if (current == session) {
            current.redeliver(new Push(Change.UPDATE, object, answer));
        }
    }

    @Override
    public boolean isConnected(String node) {
        return sessions.containsKey(node);
    }

    @Override
    public boolean isKelp(String node) {
        Session session = sessions.get(node);
        return session != null && session.isKelp();
    }

    @Override
    public boolean hasTaken(String node, String uid) {
        Session session = sessions.get(node);
        return session != null && session.isReady() && session.outbox().hasTaken(uid);
    }

    @Override
    public void nodeRemoved(String node) {
        Session session = sessions.get(node);
        if (session != null) {
            LOG.info("Node {} has been deleted, its session ends", node);
            session.close(GatewayLink.POLICY, "the Node has been deleted");
        }
        if (syncs != null) {
            syncs.forget(node);
        }
    }

    /** Name of this process among all replicas, as annotation {@code kelp.io/cloud-replica} of a Node has it; another one after each start. */
    @Override
    public String replica() {
        return replica;
    }

    /**
     * A Node names the replica that its gateway is connected to. If that is another one while the gateway has a session here,
     * one of the two is dead without knowing it: the gateway is asked for a sign of life, and the session ends without one.
     */
    public void seenAt(String node, String otherReplica) {
        Session session = sessions.get(node);
        if (session != null && !otherReplica.isEmpty() && !otherReplica.equals(replica)) {
            session.contested(otherReplica);
        }
    }

    /** The session of a Node that names another replica is alive: says so on the Node. */
    void stillHere(String node) {
        annotate(node, 3);
    }

    int sessionCount() {
        return sessions.size();
    }

    /**
     * Asks idle Kelp gateways to connect anew, those first that have been here longest; each once an hour at most, and no more of them
     * while most come back: their address leads here alone.
     *
     * @return how many were asked
     */
    int partWith(int most) {
        long now = System.nanoTime();
        partedWith.values().removeIf(nanos -> now - nanos > PARTING_NANOS);
        long backHere = partedWith.keySet().stream().filter(sessions::containsKey).count();
        if (partedWith.size() >= FEW && 2 * backHere > partedWith.size()) {
            return 0; // they have nowhere else to go
        }
        List<Session> idle = sessions.values().stream().filter(session -> session.isIdle(now)).filter(session -> !partedWith.containsKey(session.node()))
                .sorted(Comparator.comparing(session -> session.openedNanos() - now)).limit(most).toList();
        for (Session session : idle) {
            partedWith.put(session.node(), now);
            JsonObject content = new JsonObject();
            content.addProperty("retryAfterMillis", 0);
            session.send(Message.create(Session.KELP, Session.KELP, "reconnect", Session.KELP, content));
        }
        return idle.size();
    }

    /** Nodes with a session at this replica. */
    public Set<String> connectedNodes() {
        return Set.copyOf(sessions.keySet());
    }

    /** Counters and gauges by the names under which they are published. */
    public Map<String, Long> metricValues() {
        Map<String, Long> values = metrics.counters();
        values.put("kelp_hub_sessions", (long) sessions.size());
        values.put("kelp_hub_sessions_kelp", sessions.values().stream().filter(Session::isKelp).count());
        values.put("kelp_hub_objects_waiting", sessions.values().stream().mapToLong(s -> s.outbox().waitingCount()).sum());
        values.put("kelp_hub_objects_in_flight", sessions.values().stream().mapToLong(s -> s.outbox().inFlightCount()).sum());
        return values;
    }

    // ---- for sessions ----

    Executor workers() {
        return workers;
    }

    HubMetrics metrics() {
        return metrics;
    }

    boolean isFull() {
        return sessions.size() >= settings.maxSessions();
    }

    boolean isClosing() {
        return closing;
    }

    InboundBudget unfinished() {
        return unfinished;
    }

    /** Whether a node that is connected may connect anew; counts the attempt. */
    boolean mayTakeOver(String node) {
        Session current = sessions.get(node);
        return current == null || current.mayBeTakenOver();
    }

    HubSettings settings() {
        return settings;
    }

    /** A link is up: its session takes the place of an older one of the same node. */
    void opened(Session session) {
        Session before = sessions.put(session.node(), session);
        LOG.info("Node {} connected ({})", session.node(), session.isKelp() ? "Kelp" : "KubeEdge");
        if (before != null) {
            session.succeeds(before);
            draining.add(before);
            before.replaced(session.isKelp() ? DRAIN_NANOS : 0);
        }
        if (session.isKelp()) {
            JsonObject content = new JsonObject();
            content.addProperty("protocol", 1);
            content.addProperty("window", settings.window());
            content.addProperty("cloudVersion", version);
            content.addProperty("timeMillis", System.currentTimeMillis());
            content.addProperty("lines", true);
            session.send(Message.create(Session.KELP, Session.KELP, "hello", Session.KELP, content));
        } else if (syncs.synced().isDone()) {
            workers.execute(() -> startStock(session));
        }
        annotate(session.node(), 3);
    }

    private void startStock(Session session) {
        if (!session.isKelp() && !session.isReady()) {
            session.start(List.copyOf(syncs.of(session.node())));
        }
    }

    void ended(Session session, String reason) {
        draining.remove(session);
        if (sessions.remove(session.node(), session)) {
            LOG.info("Node {} disconnected: {}", session.node(), LimitedLog.printable(reason));
        }
    }

    /** Sends what a gateway needs before its objects, once for each source that can be believed by now. */
    void beforeObjects(Session session, Set<ObjectSource> done) {
        for (ObjectSource source : sources) {
            if (source.isComplete() && done.add(source)) {
                source.onConnect(session).forEach(session::send);
            }
        }
    }

    Desired desired(String node) {
        List<GatewayObject> objects = new ArrayList<>();
        Set<String> types = new HashSet<>();
        boolean complete = true;
        for (ObjectSource source : sources) {
            if (source.isComplete()) {
                objects.addAll(source.objectsFor(node));
                types.addAll(source.types());
            } else {
                complete = false;
            }
        }
        return new Desired(objects, types, complete);
    }

    void begin(String node, Push push) {
        syncs.begin(node, push.object());
    }

    void record(String node, Push push) {
        if (push.change() == Change.DELETE) {
            syncs.deleted(node, push.object());
        } else {
            syncs.acknowledged(node, push.object());
        }
    }

    /** Hands a message to the component that claims it (channel specification 3.8). */
    void dispatch(Session session, Message message) {
        if (message.resource().equals("k8s/ca.crt")) {
            Message answer = message.respond(new JsonPrimitive(kubernetesCa.get()));
            session.send(answer.withSourceAndGroup("cloudhub", Push.GROUP));
            return;
        }
        if (CLOUD_SOURCES.contains(message.source()) || message.operation().isEmpty()) {
            return; // a gateway cannot speak for the cloud; without operation: the farewell of a stock edge
        }
        for (UpstreamHandler handler : handlers) {
            try {
                if (handler.claims(message)) {
                    handler.handle(session, message);
                    return;
                }
            } catch (RuntimeException e) {
                // One message that a component cannot stand must not end the worker or the session.
                LOG.error("Node {}: handling {} {} failed", session.node(), message.operation(), message.resource(), e);
                return;
            }
        }
        metrics.unclaimed();
        LOG.debug("Node {}: nobody takes {} {} of {}", session.node(), message.operation(), message.resource(), message.source());
    }

    // ---- time ----

    private void tick() {
        long now = System.nanoTime();
        for (Collection<Session> some : List.of(sessions.values(), draining)) {
            for (Session session : some) {
                try {
                    session.tick(now);
                } catch (RuntimeException e) {
                    // One session must not stop the clock of all others.
                    LOG.error("Node {}: timer failed", session.node(), e);
                }
            }
        }
    }

    /** Does something a few milliseconds later, so that there may be more to do at once. */
    void soon(Runnable task) {
        try {
            timer.schedule(() -> workers.execute(task), SOON_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("The hub has ended: {}", e.getMessage());
        }
    }

    private void annotate(String node, int tries) {
        String patch = "{\"metadata\":{\"annotations\":{\"cloudcore\":" + new JsonPrimitive(advertised)
                + ",\"kelp.io/cloud-replica\":" + new JsonPrimitive(replica) + "}}}";
        kube.patch("/api/v1/nodes/" + node, KubeApi.PatchType.MERGE, patch).whenComplete((ok, failure) -> {
            Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
            boolean unknown = cause instanceof KubeException refused && refused.code() == 404; // registers itself with the annotation
            if (cause != null && !unknown && tries > 1 && !closing) {
                timer.schedule(() -> annotate(node, tries - 1), 1, TimeUnit.SECONDS);
            }
        });
    }

    /** Sync objects of Nodes that were deleted while no cloud was there. */
    private void forgetMissingNodes() {
        for (String node : syncs.nodes()) {
            if (!sessions.containsKey(node)) {
                kube.get("/api/v1/nodes/" + node).whenComplete((found, failure) -> {
                    Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
                    if (cause instanceof KubeException refused && refused.code() == 404) {
                        LOG.info("Removing the sync objects of Node {}, which no longer exists", node);
                        syncs.forget(node);
                    }
                });
            }
        }
    }
}
