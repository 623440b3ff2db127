package io.kelp.cloud.method;

import com.google.gson.JsonObject;
import io.kelp.cloud.device.DeviceDescription;
import io.kelp.cloud.hub.Delivery;
import io.kelp.cloud.hub.GatewayObject;
import io.kelp.cloud.hub.NodeSession;
import io.kelp.cloud.hub.ObjectSource;
import io.kelp.cloud.hub.UpstreamHandler;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeException;
import io.kelp.cloud.kube.ObjectCache;
import io.kelp.message.Message;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings DeviceMethodCalls to gateways and what comes of them back into their status.
 *
 * <p>The replica that has the gateway's session sends; who writes a status does so over the version it knows, so that of several replicas one
 * succeeds. Before a call is sent its status names the gateway: it is never given to another one, and whoever takes over after this process goes
 * on with the same id, which a gateway executes at most once. A result is confirmed to the gateway when the API server has it; until then the
 * gateway repeats it.
 *
 * <p>Safe for use by several threads; nothing blocks, all work happens in one thread.
 */
public final class MethodCalls implements UpstreamHandler, ObjectSource, AutoCloseable {

    /** What methods need to know of devices and gateways. */
    public interface Devices {

        /** Nothing when there is no such device. */
        Optional<DeviceDescription> describe(String namespace, String name);

        /** The node of a device, empty when it names none; nothing when there is no such device. */
        Optional<String> nodeOf(String namespace, String name);

        /** Whether the cluster has a Node of this name. */
        boolean hasNode(String node);
    }

    private static final Logger LOG = LoggerFactory.getLogger(MethodCalls.class);
    private static final long LOOK_MILLIS = 1000;
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(1500);
    private static final long REPEAT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long GRACE_MILLIS = 5000;
    private static final String LATE = "The gateway answered after the deadline";

    private final KubeApi kube;
    private final Delivery delivery;
    private final Devices devices;
    private final LongSupplier clock;
    private final ScheduledExecutorService thread;
    private final Map<String, Work> works = new HashMap<>(); // of the thread
    private final List<BiConsumer<String, String>> listeners = new CopyOnWriteArrayList<>();
    private final ObjectCache<MethodCall> calls;

    /** A call and what this process does about it. */
    private static final class Work {
        private final long sinceNanos = System.nanoTime();
        private MethodCall call;
        private boolean sent;
        private long sentNanos;
        private boolean writing;

        private Work(MethodCall call) {
            this.call = call;
        }
    }

    public MethodCalls(KubeApi kube, Delivery delivery, Devices devices) {
        this(kube, delivery, devices, System::currentTimeMillis);
    }

    /** @param clock Unix time in milliseconds */
    MethodCalls(KubeApi kube, Delivery delivery, Devices devices, LongSupplier clock) {
        this.kube = kube;
        this.delivery = delivery;
        this.devices = devices;
        this.clock = clock;
        this.thread = Executors.newSingleThreadScheduledExecutor(r -> new Thread(r, "kelp-method"));
        this.calls = kube.follow("/apis/" + MethodCall.API_VERSION + "/devicemethodcalls", Map.of(), MethodCall::of, new ObjectCache.Listener<>() {
            @Override
            public void changed(MethodCall before, MethodCall now) {
                run(() -> known(now));
                tell(now);
            }

            @Override
            public void removed(MethodCall last) {
                run(() -> works.remove(last.uid()));
                tell(last);
            }
        });
        thread.scheduleWithFixedDelay(() -> guarded(() -> List.copyOf(works.values()).forEach(this::look)), LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** The calls of a device's methods, in no particular order. */
    public List<MethodCall> callsOf(String namespace, String device) {
        return calls.all().stream().filter(call -> call.namespace().equals(namespace) && call.device().equals(device)).toList();
    }

    /** @param listener told namespace and name of a device when one of its calls has changed; must not block */
    public void listen(BiConsumer<String, String> listener) {
        listeners.add(listener);
    }

    /**
     * Makes a call for somebody.
     *
     * @param name of the new object
     * @param fieldManager as which it is made
     * @return the object; fails with {@link KubeException} when the server refuses it
     */
    public CompletableFuture<JsonObject> create(String namespace, String name, String device, String method, Map<String, String> arguments,
            String fieldManager) {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", name);
        JsonObject given = new JsonObject();
        arguments.forEach(given::addProperty);
        JsonObject spec = new JsonObject();
        spec.addProperty("deviceName", device);
        spec.addProperty("method", method);
        spec.add("arguments", given);
        JsonObject object = new JsonObject();
        object.addProperty("apiVersion", MethodCall.API_VERSION);
        object.addProperty("kind", MethodCall.KIND);
        object.add("metadata", metadata);
        object.add("spec", spec);
        return kube.create(MethodCall.path(namespace) + "?fieldManager=" + fieldManager, object);
    }

    // ---- from the API server ----

    private void known(MethodCall call) {
        Work work = works.computeIfAbsent(call.uid(), uid -> new Work(call));
        if (!isOlder(call.resourceVersion(), work.call.resourceVersion())) { // what was just written here is known before the watch tells it
            work.call = call;
        }
        look(work);
    }

    private static boolean isOlder(String version, String than) {
        return version.matches("\\d{1,18}") && than.matches("\\d{1,18}") && Long.parseLong(version) < Long.parseLong(than);
    }

    private void look(Work work) {
        MethodCall call = work.call;
        if (work.writing) {
            return; // the end of the write leads here again
        }
        if (call.status().isFinished()) {
            if (call.status().completedMillis() > 0 && clock.getAsLong() >= call.endMillis()) {
                remove(work);
            }
        } else if (call.status().nodeName().isEmpty()) {
            begin(work);
        } else if (clock.getAsLong() >= call.deadlineMillis() + GRACE_MILLIS) {
            write(work, Outcome.failed("DeadlineExceeded", "Gateway " + call.status().nodeName() + " got the call and has not answered by the deadline ("
                    + call.deadlineSeconds() + " s): whether it was done is not known."), null);
        } else {
            send(work);
        }
    }

    /** Nobody has it yet. What another replica or cache may know better is waited for a moment. */
    private void begin(Work work) {
        MethodCall call = work.call;
        boolean patient = System.nanoTime() - work.sinceNanos < PATIENCE_NANOS;
        Optional<String> node = devices.nodeOf(call.namespace(), call.device());
        Optional<DeviceDescription> device = devices.describe(call.namespace(), call.device());
        if (node.isEmpty() || device.isEmpty()) {
            fail(work, patient, "DeviceUnknown", "There is no device " + call.device() + " in namespace " + call.namespace() + ".");
            return;
        }
        Optional<Outcome> problem = CallCheck.problem(call, device.get());
        if (problem.isPresent()) {
            fail(work, patient, problem.get().reason(), problem.get().message());
        } else if (node.get().isEmpty()) {
            fail(work, patient, "DeviceUnknown", "Device " + call.device() + " is on no gateway: its object names no node.");
        } else if (!devices.hasNode(node.get()) && !delivery.isConnected(node.get())) {
            fail(work, patient, "Unreachable", "Gateway " + node.get() + " of device " + call.device() + " is no Node of this cluster.");
        } else if (clock.getAsLong() >= call.deadlineMillis()) {
            fail(work, patient, "DeadlineExceeded", "Gateway " + node.get() + " was not connected before the deadline (" + call.deadlineSeconds()
                    + " s): the call was not sent.");
        } else if (!delivery.isConnected(node.get())) {
            String waits = "Waits for gateway " + node.get() + ", which is not connected.";
            if (!patient && !call.status().message().equals(waits)) {
                write(work, Outcome.pending(waits), null);
            }
        } else if (!delivery.isKelp(node.get())) {
            write(work, Outcome.failed("NotSupported", "Gateway " + node.get() + " runs KubeEdge, which cannot call methods; Kelp gateways can."), null);
        } else if (delivery.hasTaken(node.get(), device.get().uid())) {
            JsonObject status = Outcome.pending("").status(0);
            status.addProperty("nodeName", node.get());
            status.addProperty("sentAt", Outcome.time(clock.getAsLong()));
            write(work, status, null);
        }
    }

    private void fail(Work work, boolean patient, String reason, String message) {
        if (!patient) {
            write(work, Outcome.failed(reason, message), null);
        }
    }

    private void send(Work work) {
        MethodCall call = work.call;
        String node = call.status().nodeName();
        long now = System.nanoTime();
        if (work.sent && now - work.sentNanos < REPEAT_NANOS || !delivery.isConnected(node) || clock.getAsLong() >= call.deadlineMillis()) {
            return;
        }
        work.sent = delivery.send(node, CallMessages.call(call, clock.getAsLong()));
        work.sentNanos = now;
    }

    private void remove(Work work) {
        JsonObject preconditions = new JsonObject();
        preconditions.addProperty("uid", work.call.uid());
        JsonObject options = new JsonObject();
        options.add("preconditions", preconditions);
        work.writing = true;
        kube.delete(work.call.path(), options).whenComplete((gone, problem) -> run(() -> {
            work.writing = false;
            if (problem == null || refusedWith(problem, 404) || refusedWith(problem, 409)) {
                works.remove(work.call.uid());
            }
        }));
    }

    private void write(Work work, Outcome outcome, Runnable written) {
        write(work, outcome.status(clock.getAsLong()), written);
    }

    /** @param written told when the status has it or nobody will ever ask for it; may be {@code null} */
    private void write(Work work, JsonObject status, Runnable written) {
        MethodCall call = work.call;
        JsonObject metadata = new JsonObject();
        metadata.addProperty("uid", call.uid());
        metadata.addProperty("resourceVersion", call.resourceVersion());
        JsonObject patch = new JsonObject();
        patch.add("metadata", metadata);
        patch.add("status", status);
        work.writing = true;
        kube.patch(call.path() + "/status", KubeApi.PatchType.MERGE, patch.toString()).whenComplete((object, problem) -> run(() -> {
            work.writing = false;
            if (problem == null) {
                work.call = MethodCall.of(object);
            } else if (!refusedWith(problem, 409) && !refusedWith(problem, 404)) {
                LOG.warn("The status of call {}/{} cannot be written and will be tried again: {}", call.namespace(), call.name(), cause(problem).getMessage());
                return; // the next look tries again, a gateway repeats its result
            }
            if (written != null && (problem == null || refusedWith(problem, 404))) {
                written.run();
            }
            if (problem == null && works.containsKey(call.uid())) {
                look(work);
            }
        }));
    }

    // ---- from gateways ----

    @Override
    public boolean claims(Message message) {
        return CallMessages.isResult(message);
    }

    @Override
    public void handle(NodeSession session, Message message) {
        JsonObject content = CallMessages.content(message);
        String id = MethodCall.text(content, "id");
        Optional<Outcome> outcome = Outcome.read(content);
        if (!session.isKelp() || id.isEmpty() || outcome.isEmpty()) {
            session.complain("the result of a call, " + message.resource() + ", was dropped: it makes no sense or is too large");
            return;
        }
        run(() -> came(session, message.resource(), id, outcome.get()));
    }

    private void came(NodeSession session, String resource, String id, Outcome outcome) {
        Work work = works.get(id);
        Runnable confirm = () -> session.send(CallMessages.confirmed(resource, id));
        if (work == null) {
            if (calls.synced().isDone() && outcome.isFinal()) {
                confirm.run(); // nobody waits for it any more
            }
            return;
        }
        MethodCall call = work.call;
        if (!call.status().nodeName().equals(session.node())) {
            session.complain("the result of call " + call.namespace() + "/" + call.name() + " was dropped: the call was not sent to this gateway");
        } else if (!work.writing) {
            MethodCall.Status status = call.status();
            if (!outcome.isFinal()) {
                if (status.phase() == MethodCall.Phase.PENDING) {
                    write(work, outcome, null);
                }
            } else if (!status.isFinished()) {
                write(work, outcome, confirm);
            } else if (status.reason().equals("DeadlineExceeded") && !outcome.reason().equals("DeadlineExceeded") && !status.message().contains(LATE)) {
                write(work, late(outcome), confirm);
            } else {
                confirm.run();
            }
        }
    }

    /** What was once final stays so for those who have read it; what happened is told all the same. */
    private static Outcome late(Outcome outcome) {
        return new Outcome("Failed", "DeadlineExceeded", LATE + ": " + outcome.phase() + (outcome.message().isEmpty() ? "." : ", " + outcome.message()),
                outcome.values(), outcome.startedMillis());
    }

    // ---- of the hub: calls are sent again to who has just connected ----

    @Override
    public Collection<String> types() {
        return List.of();
    }

    @Override
    public Collection<GatewayObject> objectsFor(String node) {
        return List.of();
    }

    @Override
    public boolean isComplete() {
        return true;
    }

    @Override
    public List<Message> onConnect(NodeSession session) {
        run(() -> works.values().stream().filter(work -> work.call.status().nodeName().equals(session.node())).forEach(work -> work.sent = false));
        return List.of();
    }

    // ---- the thread ----

    private void run(Runnable task) {
        try {
            thread.execute(() -> guarded(task));
        } catch (RejectedExecutionException e) {
            LOG.debug("Closed meanwhile");
        }
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            // One call of a shape that nobody foresaw must not end the thread for all others.
            LOG.error("Working on method calls failed and goes on", e);
        }
    }

    private void tell(MethodCall call) {
        listeners.forEach(listener -> listener.accept(call.namespace(), call.device()));
    }

    private static boolean refusedWith(Throwable problem, int code) {
        return cause(problem) instanceof KubeException refused && refused.code() == code;
    }

    private static Throwable cause(Throwable problem) {
        return problem instanceof CompletionException && problem.getCause() != null ? problem.getCause() : problem;
    }

    /** Calls under way are gone on with by another replica, or by this one after its next start. */
    @Override
    public void close() {
        calls.close();
        thread.shutdownNow();
    }
}
