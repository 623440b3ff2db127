package io.kelp.edged.internal.report;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.kelp.edged.ObjectEvents;
import io.kelp.edged.internal.SerialTasks;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.edged.internal.pod.PodEvents;
import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.GatewayClock;
import io.kelp.store.RecordRing;
import io.kelp.store.Store;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes v1 Events of what happens, as kubelet's recorder does, and has them delivered in their order.
 * They wait in a ring of the store while there is no link; when it is full the oldest is lost and counted.
 */
public final class EventRecorder implements PodEvents, ObjectEvents, AutoCloseable {

    static final int KEPT = 1000;
    private static final Logger LOG = LoggerFactory.getLogger(EventRecorder.class);
    private static final String COMPONENT = "kelp";
    /** Of the message, as client-go's recorder has it, and of the reason (API validation). */
    private static final int MESSAGE_CHARACTERS = 1024;
    private static final int REASON_CHARACTERS = 128;

    private final GatewayClock clock;
    private final SerialTasks serial;
    private final String node;
    private final LongSupplier nanos;
    private final String run = UUID.randomUUID().toString();
    private final EventCorrelator correlator = new EventCorrelator(); // serial executor
    private final RecordRing<QueuedEvent> ring;
    private final EventSender sender;
    private final AtomicLong suppressed = new AtomicLong();
    private volatile boolean believed;

    public EventRecorder(CloudLink link, GatewayClock clock, Store store, ScheduledExecutorService executor, Executor io, String node) {
        this(link, clock, store, executor, io, node, System::nanoTime);
    }

    EventRecorder(CloudLink link, GatewayClock clock, Store store, ScheduledExecutorService executor, Executor io, String node,
            LongSupplier nanos) {
        this.clock = clock;
        this.serial = new SerialTasks(executor, "events");
        this.node = node;
        this.nanos = nanos;
        this.ring = store.ring("edged.event", QueuedEvent.codec(), KEPT);
        this.believed = link.status().state() == CloudLink.State.CONNECTED;
        this.sender = new EventSender(link, clock, ring, serial, io, node, run, nanos);
        if (believed) {
            sender.connected();
        }
    }

    @Override
    public void close() {
        sender.disconnected();
    }

    /** The link is up. */
    public void connected() {
        believed = true;
        sender.connected();
    }

    /** The link is down. */
    public void disconnected() {
        sender.disconnected();
    }

    /** Events that the bound of the ring has cost since the store was made. */
    public long dropped() {
        return ring.dropped();
    }

    /** Events not made because their object had too many, since the start. */
    public long suppressed() {
        return suppressed.get();
    }

    @Override
    public void pod(Pod pod, String container, String type, String reason, String message) {
        JsonObject reference = new JsonObject();
        reference.addProperty("kind", "Pod");
        reference.addProperty("namespace", pod.namespace());
        reference.addProperty("name", pod.name());
        reference.addProperty("uid", pod.uid());
        reference.addProperty("apiVersion", "v1");
        if (!pod.resourceVersion().isEmpty()) {
            reference.addProperty("resourceVersion", pod.resourceVersion());
        }
        if (!container.isEmpty()) {
            reference.addProperty("fieldPath", container);
        }
        object(reference, type, reason, message);
    }

    @Override
    public void node(String type, String reason, String message) {
        JsonObject reference = new JsonObject();
        reference.addProperty("kind", "Node");
        reference.addProperty("name", node);
        reference.addProperty("uid", node); // kubelet's habit, which kubectl describe node goes by
        reference.addProperty("apiVersion", "v1");
        object(reference, type, reason, message);
    }

    @Override
    public void object(JsonObject reference, String type, String reason, String message) {
        Instant time = clock.now();
        long at = nanos.getAsLong();
        boolean sure = believed;
        serial.run(() -> record(reference, type, cut(reason, REASON_CHARACTERS), cut(message, MESSAGE_CHARACTERS), time, at, sure));
    }

    /** For the other bundles. */
    @Override
    public void record(ObjectReference object, Type type, String reason, String message) {
        JsonObject reference = new JsonObject();
        reference.addProperty("kind", object.kind());
        if (!object.namespace().isEmpty()) {
            reference.addProperty("namespace", object.namespace());
        }
        reference.addProperty("name", object.name());
        if (!object.uid().isEmpty()) {
            reference.addProperty("uid", object.uid());
        }
        reference.addProperty("apiVersion", object.apiVersion());
        object(reference, type == Type.WARNING ? "Warning" : "Normal", reason, message);
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most);
    }

    private void record(JsonObject reference, String type, String reason, String message, Instant time, long at, boolean sure) {
        String object = String.join("\n", Pod.text(reference, "apiVersion"), Pod.text(reference, "kind"), Pod.text(reference, "namespace"),
                Pod.text(reference, "name"), Pod.text(reference, "uid"));
        correlator.tell(Pod.text(reference, "name"), new EventCorrelator.Occurrence(object, Pod.text(reference, "fieldPath"), type, reason, message), time, at)
                .ifPresentOrElse(told -> {
                    ring.append(new QueuedEvent(event(reference, type, reason, told, time), run, at, sure)).whenComplete((done, failure) -> {
                        if (failure != null) {
                            LOG.warn("Event {} of {} {} will not survive a restart of the gateway: {}", reason,
                                    Pod.text(reference, "kind"), Pod.text(reference, "name"), failure.getMessage());
                        }
                    });
                    sender.appended();
                }, suppressed::incrementAndGet);
    }

    private JsonObject event(JsonObject reference, String type, String reason, EventCorrelator.Told told, Instant time) {
        String namespace = Pod.text(reference, "namespace");
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", told.name());
        metadata.addProperty("namespace", namespace.isEmpty() ? "default" : namespace);
        metadata.add("creationTimestamp", JsonNull.INSTANCE);
        JsonObject source = new JsonObject();
        source.addProperty("component", COMPONENT);
        source.addProperty("host", node);
        JsonObject event = new JsonObject();
        event.add("metadata", metadata);
        event.add("involvedObject", reference);
        event.addProperty("reason", reason);
        event.addProperty("message", told.message());
        event.add("source", source);
        event.addProperty("firstTimestamp", told.first().truncatedTo(ChronoUnit.SECONDS).toString());
        event.addProperty("lastTimestamp", time.truncatedTo(ChronoUnit.SECONDS).toString());
        event.addProperty("count", told.count());
        event.addProperty("type", type);
        event.add("eventTime", JsonNull.INSTANCE);
        event.addProperty("reportingComponent", COMPONENT);
        event.addProperty("reportingInstance", node);
        return event;
    }
}
