package io.kelp.edged.internal.report;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.edged.internal.ObjectAnswer;
import io.kelp.edged.internal.SerialTasks;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.edged.internal.pod.PodStatuses;
import io.kelp.edgehub.CloudLink;
import io.kelp.message.Message;
import io.kelp.message.Operation;
import io.kelp.metamanager.MetaStore;
import io.kelp.metamanager.MetaStore.MetaObject;
import io.kelp.store.Durability;
import io.kelp.store.RecordCollection;
import io.kelp.store.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the statuses of pods at the cloud equal to those here. Level-triggered: whenever a pod is
 * reported, shown by the cloud or the link comes up, the difference is patched, oldest change first;
 * one patch per pod is under way at a time, and whatever changes meanwhile goes into the next one.
 */
public final class CloudStatuses implements PodStatuses, MetaStore.Listener, AutoCloseable {

    /** Told, on the serial executor, that the API server has no pod of this uid any more. */
    public interface Gone {
        void gone(String namespace, String name, String uid);
    }

    private static final Logger LOG = LoggerFactory.getLogger(CloudStatuses.class);
    private static final String MIRROR = "kubernetes.io/config.mirror";
    private static final String SOURCE = "kubernetes.io/config.source";
    private static final int IN_FLIGHT = 8;
    /** A pod that starts says six things at once; one that crashes again and again gets six patches a minute. */
    private static final int BURST = 8;
    private static final Duration PER_PATCH = Duration.ofSeconds(10);
    private static final Duration ANSWER = Duration.ofSeconds(30);

    private final CloudLink link;
    private final MetaStore objects;
    private final SerialTasks serial;
    private final Gone gone;
    private final LongSupplier nanos;
    private final RecordCollection<Report> stored;
    private final AutoCloseable watch;
    private final AtomicLong order = new AtomicLong();
    private final Map<String, Report> reports = new ConcurrentHashMap<>();
    // What follows is touched on the serial executor alone.
    private final Map<String, Delivery> deliveries = new HashMap<>();
    private final Set<String> waiting = new LinkedHashSet<>();
    private int inFlight;
    private boolean connected;
    private long wakeAt; // 0 when no wake-up is planned

    public CloudStatuses(CloudLink link, MetaStore objects, Store store, ScheduledExecutorService executor, Gone gone) {
        this(link, objects, store, executor, gone, System::nanoTime);
    }

    CloudStatuses(CloudLink link, MetaStore objects, Store store, ScheduledExecutorService executor, Gone gone, LongSupplier nanos) {
        this.link = link;
        this.nanos = nanos;
        this.objects = objects;
        this.serial = new SerialTasks(executor, "pod status");
        this.gone = gone;
        this.stored = store.collection("edged.podstatus", Report.codec(), Durability.PROCESS);
        reports.putAll(stored.snapshot());
        List<Report> before = new ArrayList<>(reports.values());
        before.sort(Comparator.comparingLong(Report::order));
        before.forEach(report -> {
            order.set(report.order());
            waiting.add(report.uid());
        });
        this.connected = link.status().state() == CloudLink.State.CONNECTED;
        this.watch = objects.watch("pod", this);
    }

    @Override
    public void close() {
        try {
            watch.close();
        } catch (Exception e) { // the declared type of AutoCloseable; the store's throws nothing checked
            LOG.debug("The watch ended badly: {}", e.getMessage());
        }
    }

    @Override
    public void report(Pod pod, JsonObject status, Map<String, String> annotations) {
        say(pod, status, annotations, false);
    }

    @Override
    public void ended(Pod pod, JsonObject status) {
        if (isStatic(pod)) {
            forget(pod.uid()); // its mirror goes with the manifest
        } else {
            Report before = reports.get(pod.uid());
            say(pod, status, before == null ? Map.of() : before.annotations(), true);
        }
    }

    private void say(Pod pod, JsonObject status, Map<String, String> annotations, boolean ended) {
        Report before = reports.get(pod.uid());
        Report now = new Report(pod.namespace(), pod.name(), pod.uid(), isStatic(pod), status, annotations,
                ended || before != null && before.ended(), order.incrementAndGet());
        if (now.saysSameAs(before)) {
            return;
        }
        reports.put(pod.uid(), now);
        kept(stored.put(pod.uid(), now), now);
        serial.run(() -> {
            waiting.add(pod.uid());
            pump();
        });
    }

    private static boolean isStatic(Pod pod) {
        String source = pod.annotations().get(SOURCE);
        return source != null && !source.equals("api");
    }

    private static void kept(CompletionStage<Void> write, Report report) {
        write.whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.warn("The status of pod {}/{} will not survive a restart of the gateway: {}",
                        report.namespace(), report.name(), failure.getMessage());
            }
        });
    }

    @Override
    public void forget(String uid) {
        Report report = reports.remove(uid);
        if (report != null) {
            kept(stored.remove(uid), report);
        }
        serial.run(() -> {
            deliveries.remove(uid);
            waiting.remove(uid);
        });
    }

    @Override
    public void retainStatic(Set<String> uids) {
        reports.values().stream().filter(report -> report.mirrored() && !uids.contains(report.uid())).map(Report::uid).toList().forEach(this::forget);
    }

    @Override
    public Optional<JsonObject> last(String uid) {
        return Optional.ofNullable(reports.get(uid)).map(Report::status);
    }

    /** The link is up. */
    public void connected() {
        serial.run(() -> {
            connected = true;
            deliveries.values().forEach(Delivery::startOver);
            reports.values().stream().sorted(Comparator.comparingLong(Report::order)).forEach(report -> waiting.add(report.uid()));
            pump();
        });
    }

    /** The link is down. */
    public void disconnected() {
        serial.run(() -> connected = false);
    }

    @Override
    public void changed(MetaObject pod) {
        serial.run(() -> {
            String mirrored = Pod.of(pod).annotations().get(MIRROR);
            String uid = mirrored == null ? pod.uid() : mirrored;
            Delivery delivery = deliveries.get(uid);
            if (delivery != null) {
                delivery.shown(pod);
            }
            if (reports.containsKey(uid)) {
                waiting.add(uid);
                pump();
            }
        });
    }

    @Override
    public void removed(MetaObject last) {
        serial.run(() -> {
            Report report = reports.get(last.uid());
            if (report != null && report.ended()) {
                forget(last.uid()); // the deletion has reached the API server
            }
        });
    }

    /** Sends what may be sent now and sees to it that the rest is looked at again. */
    private void pump() {
        if (!connected) {
            return;
        }
        long now = nanos.getAsLong();
        long soonest = Long.MAX_VALUE;
        for (String uid : List.copyOf(waiting)) {
            Report report = reports.get(uid);
            if (report == null) {
                waiting.remove(uid);
                continue;
            }
            Delivery delivery = deliveries.computeIfAbsent(uid, u -> new Delivery(new TokenBucket(BURST, PER_PATCH, now)));
            if (inFlight >= IN_FLIGHT || delivery.busy) {
                continue; // its answer brings us here again
            }
            long wait = delivery.waitNanos(now);
            soonest = Math.min(soonest, wait > 0 ? wait : next(report, delivery, now));
        }
        if (soonest != Long.MAX_VALUE) {
            wakeIn(soonest, now);
        }
    }

    private void wakeIn(long nanos, long now) {
        if (wakeAt != 0 && wakeAt - now > 0 && wakeAt - now <= nanos) {
            return;
        }
        long at = now + nanos;
        wakeAt = at;
        serial.runAfter(Duration.ofNanos(nanos), () -> {
            if (wakeAt == at) {
                wakeAt = 0;
                pump();
            }
        });
    }

    /** Takes the next step for one pod; returns the nanoseconds until it may be taken, or the greatest number when none is left. */
    private long next(Report report, Delivery delivery, long now) {
        MetaObject copy = objects.get("pod", report.namespace(), report.name()).orElse(null);
        String uid = report.uid();
        if (report.mirrored()) {
            if (copy == null || !uid.equals(Pod.of(copy).annotations().get(MIRROR))) {
                waiting.remove(uid); // no mirror yet; it will be shown
                return Long.MAX_VALUE;
            }
            uid = copy.uid();
        }
        String patch = StatusPatch.between(uid, delivery.base(uid, copy), report.status(), report.annotations());
        if (!patch.isEmpty() && !patch.equals(delivery.residue)) {
            long wait = report.ended() ? 0 : delivery.bucket.take(now);
            if (wait == 0) {
                patch(report, uid, patch, delivery);
            }
            return wait > 0 ? wait : Long.MAX_VALUE;
        }
        if (report.ended()) {
            delete(report, delivery);
        } else {
            waiting.remove(report.uid());
        }
        return Long.MAX_VALUE;
    }

    private void patch(Report report, String uid, String patch, Delivery delivery) {
        Message request = Message.create("edged", "meta", Operation.PATCH, report.namespace() + "/podpatch/" + report.name(),
                new JsonPrimitive(patch));
        ask(request, report, delivery, answer -> {
            ObjectAnswer result = ObjectAnswer.of(answer);
            if (result.ok()) {
                delivery.accepted(uid, result.object(), report);
                store(report, uid, result);
            } else if (isAnother(result)) {
                gone(report);
            } else {
                delivery.refused("report the status of pod " + report.namespace() + "/" + report.name(), result.text(), nanos.getAsLong());
            }
        });
    }

    private void delete(Report report, Delivery delivery) {
        JsonObject preconditions = new JsonObject();
        preconditions.addProperty("uid", report.uid());
        JsonObject options = new JsonObject();
        options.addProperty("gracePeriodSeconds", 0);
        options.add("preconditions", preconditions);
        Message request = Message.create("edged", "meta", Operation.DELETE, report.namespace() + "/pod/" + report.name(), options);
        ask(request, report, delivery, answer -> {
            boolean done = !Operation.ERROR.equals(answer.operation()) && answer.content().equals(new JsonPrimitive("OK"));
            ObjectAnswer result = ObjectAnswer.of(answer);
            if (done || result.ok() || isAnother(result)) {
                forget(report.uid());
            } else {
                delivery.refused("delete pod " + report.namespace() + "/" + report.name(), result.text(), nanos.getAsLong());
            }
        });
    }

    /** What to do with an answer. */
    private interface Then {
        void with(Message answer);
    }

    private void ask(Message request, Report report, Delivery delivery, Then then) {
        delivery.busy = true;
        inFlight++;
        link.request(request, ANSWER).whenComplete((answer, failure) -> serial.run(() -> {
            inFlight--;
            delivery.busy = false;
            if (failure == null) {
                then.with(answer);
            } else {
                Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
                delivery.unanswered(request.operation() + " " + request.resource(), cause.getMessage(), nanos.getAsLong());
            }
            pump();
        }));
    }

    /** Whether the API server has no pod of this name, or one of another uid. */
    private static boolean isAnother(ObjectAnswer answer) {
        return answer.reason().equals("NotFound")
                || (answer.reason().equals("Conflict") || answer.reason().equals("Invalid")) && answer.text().toLowerCase(Locale.ROOT).contains("uid");
    }

    private void gone(Report report) {
        if (report.mirrored()) {
            waiting.remove(report.uid()); // another mirror will be made and shown
            return;
        }
        boolean wasWanted = !report.ended();
        forget(report.uid());
        if (wasWanted) {
            LOG.info("Pod {}/{} (uid {}) is gone at the API server", report.namespace(), report.name(), report.uid());
            gone.gone(report.namespace(), report.name(), report.uid());
        }
    }

    /** The answer shows the pod as it is now; unless something newer came first, or it is on its way out. */
    private void store(Report report, String uid, ObjectAnswer answer) {
        MetaObject copy = objects.get("pod", report.namespace(), report.name()).orElse(null);
        boolean leaving = report.ended() || !answer.metadata("deletionTimestamp").isEmpty();
        if (leaving || copy == null || !copy.uid().equals(uid) || !uid.equals(answer.metadata("uid"))
                || !Delivery.isNewer(answer.metadata("resourceVersion"), copy.resourceVersion())) {
            return;
        }
        JsonObject whole = answer.object().deepCopy();
        whole.addProperty("kind", "Pod");
        whole.addProperty("apiVersion", "v1");
        objects.replace(copy, whole).whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.warn("The copy of pod {}/{} could not be stored: {}", report.namespace(), report.name(), failure.getMessage());
            }
        });
    }
}
