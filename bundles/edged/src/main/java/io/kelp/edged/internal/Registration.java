package io.kelp.edged.internal;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.edged.WorkloadRuntime;
import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.GatewayClock;
import io.kelp.edgehub.GatewayIdentity;
import io.kelp.message.Message;
import io.kelp.message.Operation;
import io.kelp.metamanager.MetaStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the Node object: registers it, reports its status on change and now and then, and heals
 * what can happen to it (exists already, deleted, made anew, forgotten by the gateway).
 *
 * <p>All methods run on one serial executor; answers of the cloud come back to it.
 */
final class Registration {

    private static final Logger LOG = LoggerFactory.getLogger(Registration.class);
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration RETRY_CAP = Duration.ofSeconds(7);

    private final CloudLink link;
    private final GatewayIdentity identity;
    private final GatewayClock clock;
    private final MetaStore objects;
    private final NodeStatus statuses;
    private final NodeSettings settings;
    private final ScheduledExecutorService serial;
    private final Consumer<String> present;
    private final Supplier<List<WorkloadRuntime>> runtimes;
    private final Map<String, String> fixedLabels;
    private final String node;
    private int connection; // counts connections, so that answers of an old one are told apart
    private boolean connected;
    private boolean registered;
    private boolean busy;
    private Map<String, String> labels; // the fixed ones and those of the runtimes
    private boolean labelled;
    private int failures;
    private String uid = "";
    private String lastProblem = "";
    private JsonObject known; // status that the cloud has for certain, null when unsure
    private JsonObject last; // status computed last
    private long reportedAt;

    /**
     * @param runtimes what runs pods at the moment
     * @param present told the uid of the Node whenever it is known to exist
     */
    Registration(CloudLink link, GatewayIdentity identity, GatewayClock clock, MetaStore objects, NodeStatus statuses,
            NodeSettings settings, String architecture, Supplier<List<WorkloadRuntime>> runtimes,
            ScheduledExecutorService serial, Consumer<String> present) {
        this.link = link;
        this.identity = identity;
        this.clock = clock;
        this.objects = objects;
        this.statuses = statuses;
        this.settings = settings;
        this.serial = serial;
        this.present = present;
        this.node = identity.nodeName();
        this.runtimes = runtimes;
        this.fixedLabels = NodeObject.labels(node, architecture, settings.labels());
        this.labels = NodeObject.withRuntimes(fixedLabels, runtimes.get());
    }

    void connected() {
        connection++;
        connected = true;
        busy = false;
        labelled = false;
        known = null;
        failures = 0;
        objects.get("node", "null", node).ifPresent(copy -> found(copy.uid()));
        if (registered) {
            report();
        } else {
            register();
        }
    }

    void disconnected() {
        connected = false;
        connection++;
    }

    /** The cloud took the Node away. */
    void removed() {
        registered = false;
        uid = "";
        register();
    }

    /** The cloud shows the Node as it is now. */
    void shown(MetaStore.MetaObject copy) {
        found(copy.uid());
        if (registered && connected) {
            label(copy.json());
        }
    }

    /** A runtime came or went. The label of one that went stays: it may only be swapped, and its pods wait for it. */
    void runtimesChanged() {
        Map<String, String> now = NodeObject.withRuntimes(labels, runtimes.get());
        if (!now.equals(labels)) {
            labels = now;
            labelled = false;
        }
        if (registered && connected) {
            objects.get("node", "null", node).ifPresent(copy -> label(copy.json()));
        }
        look();
    }

    /** Time to look at the machine. */
    void look() {
        if (!connected || busy) {
            return;
        }
        if (!registered) {
            register();
            return;
        }
        JsonObject now = compute();
        boolean due = System.nanoTime() - reportedAt >= settings.report().toNanos();
        if (known == null || due || NodeStatus.differ(known, now)) {
            report();
        }
    }

    private JsonObject compute() {
        last = statuses.now(node, identity.nodeAddress(), clock.now(), runtimes.get(), last);
        return last;
    }

    private void register() {
        if (!connected || busy) {
            return;
        }
        JsonObject status = compute();
        Message insert = Message.create("edged", "meta", Operation.INSERT, "null/node/" + node,
                NodeObject.create(node, labels, settings.taint(), status));
        ask(insert, answer -> {
            if (answer.ok()) {
                solved("Registered node {}", node);
                registered = true;
                store(answer.object());
                report();
            } else if (answer.reason().equals("AlreadyExists")) {
                solved("Node {} is registered already", node);
                registered = true;
                report();
            } else {
                problem("register node " + node, answer.text());
            }
        });
    }

    private void report() {
        if (!connected || busy) {
            return;
        }
        JsonObject now = compute();
        Message patch = Message.create("edged", "meta", Operation.PATCH, "null/nodepatch/" + node,
                new JsonPrimitive(NodeStatus.patch(known, now)));
        ask(patch, answer -> {
            if (answer.ok()) {
                solved("", "");
                known = now;
                reportedAt = System.nanoTime();
                store(answer.object());
                label(answer.object());
            } else if (answer.reason().equals("NotFound")) {
                LOG.info("Node {} is gone, registering it again", node);
                registered = false;
                uid = "";
                known = null;
                register();
            } else {
                known = null;
                problem("report the status of node " + node, answer.text());
            }
        });
    }

    /** Gives an existing Node the labels it needs; asked once per connection. */
    private void label(JsonObject object) {
        if (labelled || !object.has("metadata") || NodeObject.has(object, labels)) {
            return;
        }
        labelled = true;
        link.send(Message.create("edged", "meta", Operation.UPDATE, "null/node/" + node, NodeObject.update(node, labels)));
    }

    private void store(JsonObject object) {
        JsonElement metadata = object.get("metadata");
        JsonElement given = metadata != null && metadata.isJsonObject() ? metadata.getAsJsonObject().get("uid") : null;
        if (given == null || !given.isJsonPrimitive()) {
            return; // a cloud that answers without the object
        }
        JsonObject whole = object.deepCopy();
        whole.addProperty("kind", "Node");
        whole.addProperty("apiVersion", "v1");
        objects.put("node", "null", node, whole).whenComplete((stored, failure) -> {
            if (failure != null) {
                LOG.warn("The copy of node {} could not be stored: {}", node, failure.getMessage());
            }
        });
        found(given.getAsString());
    }

    private void found(String newUid) {
        if (!newUid.isEmpty() && !newUid.equals(uid)) {
            uid = newUid;
            present.accept(uid);
        }
    }

    private void ask(Message request, Consumer<ObjectAnswer> then) {
        busy = true;
        int asked = connection;
        link.request(request, settings.answer()).whenComplete((answer, failure) -> run(() -> {
            if (asked != connection) {
                return;
            }
            busy = false;
            if (failure == null) {
                then.accept(ObjectAnswer.of(answer));
            } else {
                known = null;
                problem(request.operation() + " " + request.resource(),
                        failure instanceof CompletionException && failure.getCause() != null
                                ? failure.getCause().getMessage() : failure.getMessage());
            }
        }));
    }

    private void solved(String text, String argument) {
        failures = 0;
        lastProblem = "";
        if (!text.isEmpty()) {
            LOG.info(text, argument);
        }
    }

    private void problem(String what, String why) {
        if (!why.equals(lastProblem)) {
            LOG.warn("Could not {}: {}; trying again until it works", what, why);
        }
        lastProblem = why;
        long wait = Math.min(RETRY_CAP.toMillis(), FIRST_RETRY.toMillis() << Math.min(failures, 20));
        failures++;
        int asked = connection;
        try {
            serial.schedule(() -> {
                if (asked == connection) {
                    look();
                }
            }, wait, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("edged is stopping: {}", e.getMessage());
        }
    }

    private void run(Runnable task) {
        try {
            serial.execute(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("edged is stopping: {}", e.getMessage());
        }
    }
}
