package io.kelp.edged.internal.report;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.kelp.edged.internal.SerialTasks;
import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.GatewayClock;
import io.kelp.message.Message;
import io.kelp.message.Operation;
import io.kelp.store.RecordRing;
import io.kelp.store.RecordRing.Entry;
import io.kelp.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes Events from the ring to the cloud, which forgets only what has certainly arrived. A Kelp cloud
 * answers each Event once it is written. KubeEdge's protocol has no answer to them, so towards a stock
 * cloud each batch is followed by a request that has one, a query of the node's Lease: messages of a
 * connection arrive in their order, so its answer proves that the batch has. What comes twice because
 * the link broke in between does no harm, for an Event has a name and its count is absolute.
 */
final class EventSender {

    private static final Logger LOG = LoggerFactory.getLogger(EventSender.class);
    private static final int BATCH = 50;
    /** kubelet's eventRecordQPS and eventBurst. */
    private static final int BURST = 100;
    private static final Duration PER_EVENT = Duration.ofMillis(20);
    /** What happens together is sent together. */
    private static final Duration GATHER = Duration.ofMillis(200);
    private static final Duration ANSWER = Duration.ofSeconds(30);
    /** A Kelp cloud tries for a minute while it cannot reach its API server. */
    private static final Duration WRITTEN = Duration.ofSeconds(90);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final int REMEMBERED = 512;

    private final CloudLink link;
    private final GatewayClock clock;
    private final RecordRing<QueuedEvent> ring;
    private final SerialTasks serial;
    private final Executor io;
    private final String node;
    private final String run;
    private final LongSupplier nanos;
    private final TokenBucket pace;
    // What follows is touched on the serial executor alone.
    private final Map<String, Boolean> sent = remembered(); // name → certainly arrived
    private final Map<String, Long> arrived = remembered(); // name → when, on the monotonic clock
    private long done; // all up to this position has arrived
    private int connection;
    private boolean connected;
    private boolean answers; // whether this cloud answers Events
    private boolean busy;
    private boolean planned;
    private int failures;

    EventSender(CloudLink link, GatewayClock clock, RecordRing<QueuedEvent> ring, SerialTasks serial, Executor io, String node,
            String run, LongSupplier nanos) {
        this.link = link;
        this.clock = clock;
        this.ring = ring;
        this.serial = serial;
        this.io = io;
        this.node = node;
        this.run = run;
        this.nanos = nanos;
        this.pace = new TokenBucket(BURST, PER_EVENT, nanos.getAsLong());
    }

    private static <V> Map<String, V> remembered() {
        return new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
                return size() > REMEMBERED;
            }
        };
    }

    void connected() {
        serial.run(() -> {
            connection++;
            connected = true;
            answers = link.status().peer() == CloudLink.Peer.KELP;
            failures = 0;
            plan(Duration.ZERO);
        });
    }

    void disconnected() {
        serial.run(() -> {
            connection++;
            connected = false;
        });
    }

    /** There is something new in the ring. Called on the serial executor. */
    void appended() {
        plan(GATHER);
    }

    private void plan(Duration delay) {
        if (connected && !planned && !busy) {
            planned = true;
            serial.runAfter(delay, () -> {
                planned = false;
                read();
            });
        }
    }

    private void read() {
        if (!connected || busy) {
            return;
        }
        busy = true;
        long from = done;
        try {
            CompletableFuture.supplyAsync(() -> ring.after(from, BATCH), io).whenComplete((entries, failure) -> serial.run(() -> {
                if (failure != null) {
                    LOG.warn("Events cannot be read, trying again: {}",
                            failure.getCause() instanceof StoreException e ? e.getMessage() : failure.toString());
                    retry();
                } else if (entries.isEmpty()) {
                    busy = false;
                } else {
                    send(entries);
                }
            }));
        } catch (RejectedExecutionException e) {
            LOG.debug("No thread to read events now: {}", e.getMessage());
            retry();
        }
    }

    private void send(List<Entry<QueuedEvent>> entries) {
        Map<String, Long> newest = new HashMap<>();
        entries.forEach(entry -> newest.put(entry.value().name(), entry.position()));
        Map<String, CompletionStage<Message>> handed = new HashMap<>();
        long now = nanos.getAsLong();
        long upTo = done;
        for (Entry<QueuedEvent> entry : entries) {
            QueuedEvent event = entry.value();
            if (newest.get(event.name()) == entry.position()) { // a later one of the same name says all that this one does
                if (pace.take(now) > 0) {
                    break;
                }
                Message message = message(event, now);
                if (answers) {
                    handed.put(event.name(), link.request(message, WRITTEN));
                } else if (link.send(message)) {
                    handed.put(event.name(), CompletableFuture.completedStage(message));
                } else {
                    break;
                }
                sent.put(event.name(), false);
            }
            upTo = entry.position();
        }
        if (handed.isEmpty()) {
            retry(); // the pace or the link's queue allows none now
        } else {
            confirm(upTo, handed, now);
        }
    }

    private void confirm(long upTo, Map<String, CompletionStage<Message>> handed, long now) {
        int asked = connection;
        if (answers) {
            CompletableFuture<?>[] all = handed.values().stream().map(CompletionStage::toCompletableFuture).toArray(CompletableFuture[]::new);
            CompletableFuture.allOf(all).whenComplete((done, failure) -> serial.run(() -> {
                long arrivals = handed.entrySet().stream().filter(e -> hasArrived(e.getKey(), e.getValue(), now)).count();
                if (failure == null) {
                    arrived(upTo);
                    return;
                }
                if (arrivals == 0 && asked == connection && connected) {
                    answers = false; // a cloud of an earlier version
                }
                retry();
            }));
            return;
        }
        Message question = Message.create("edged", "meta", Operation.QUERY, "kube-node-lease/lease/" + node, JsonNull.INSTANCE);
        link.request(question, ANSWER).whenComplete((answer, failure) -> serial.run(() -> {
            if (failure != null || asked != connection) {
                LOG.debug("Whether events have arrived is not known, sending them again");
                retry();
                return;
            }
            handed.forEach((name, stage) -> hasArrived(name, stage, now));
            arrived(upTo);
        }));
    }

    private boolean hasArrived(String name, CompletionStage<Message> stage, long at) {
        if (stage.toCompletableFuture().isCompletedExceptionally()) {
            return false;
        }
        sent.put(name, true);
        arrived.put(name, at);
        return true;
    }

    private void arrived(long upTo) {
        busy = false;
        failures = 0;
        done = upTo;
        ring.discard(upTo).whenComplete((gone, problem) -> {
            if (problem != null) {
                LOG.warn("Events that were delivered cannot be removed: {}", problem.getMessage());
            }
        });
        plan(Duration.ZERO);
    }

    private void retry() {
        busy = false;
        plan(FIRST_RETRY.multipliedBy(1L << Math.min(failures, 6)));
        failures++;
    }

    /**
     * The first of its name is inserted, one that has certainly arrived is patched. Where it may
     * or may not have arrived it is updated, which the API server takes for a creation if need be.
     */
    private Message message(QueuedEvent queued, long now) {
        JsonObject event = queued.corrected(run, clock.now(), now);
        String path = queued.namespace() + "/event/" + queued.name();
        Long since = arrived.get(queued.name());
        boolean certain = since != null && Boolean.TRUE.equals(sent.get(queued.name())) && now - since < EventCorrelator.LIFE.toNanos();
        if (certain) {
            JsonObject change = new JsonObject();
            change.add("count", event.get("count"));
            change.add("lastTimestamp", event.get("lastTimestamp"));
            change.add("message", event.get("message"));
            JsonObject content = new JsonObject();
            content.add("event", event);
            content.addProperty("patchData", change.toString());
            return Message.create("edged", "meta", Operation.PATCH, path, content);
        }
        boolean first = !sent.containsKey(queued.name()) && (queued.run().equals(run) || queued.count() == 1);
        return Message.create("edged", "meta", first ? Operation.INSERT : Operation.UPDATE, path, event);
    }
}
