package io.kelp.edged.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.GatewayClock;
import io.kelp.message.Message;
import io.kelp.message.Operation;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the Lease by which the control plane knows that the node lives (channel specification
 * section 6.3): asks for it, makes it when there is none, updates it in every period.
 *
 * <p>The control plane compares renewal times with each other, not with its clock, so each one must
 * be later than the one before, whatever the gateway's clock does. All methods run on one serial executor.
 */
final class LeaseKeeper {

    private static final Logger LOG = LoggerFactory.getLogger(LeaseKeeper.class);
    private static final int DURATION_SECONDS = 40;
    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private final CloudLink link;
    private final GatewayClock clock;
    private final Duration answerDeadline;
    private final Executor serial;
    private final String node;
    private int connection;
    private boolean connected;
    private boolean busy;
    private boolean missing; // the cloud has none
    private String nodeUid = "";
    private JsonObject lease; // as the cloud gave it last
    private Instant renewed = Instant.MIN;
    private String lastProblem = "";

    LeaseKeeper(CloudLink link, GatewayClock clock, Duration answerDeadline, Executor serial, String node) {
        this.link = link;
        this.clock = clock;
        this.answerDeadline = answerDeadline;
        this.serial = serial;
        this.node = node;
    }

    void connected() {
        connection++;
        connected = true;
        busy = false;
        missing = false;
        lease = null;
        renew();
    }

    void disconnected() {
        connection++;
        connected = false;
    }

    /** The Node exists and has this uid; a Lease without it would be collected with an older Node. */
    void nodeIs(String uid) {
        boolean first = nodeUid.isEmpty();
        nodeUid = uid;
        if (first && missing) {
            renew();
        }
    }

    /** Renews the Lease, or begins with finding it. */
    void renew() {
        if (!connected || busy) {
            return;
        }
        if (lease != null) {
            write(Operation.UPDATE, renewedCopy());
        } else if (missing && !nodeUid.isEmpty()) {
            write(Operation.INSERT, fresh());
        } else {
            query();
        }
    }

    private void query() {
        ask(Message.create("edged", "meta", Operation.QUERY, path(), JsonNull.INSTANCE), answer -> {
            if (answer.ok()) {
                adopt(answer.object());
                renew();
            } else if (answer.reason().equals("NotFound")) {
                missing = true;
                if (!nodeUid.isEmpty()) {
                    renew();
                }
            } else {
                problem(answer.text());
            }
        });
    }

    private void write(String operation, JsonObject content) {
        ask(Message.create("edged", "meta", operation, path(), content), answer -> {
            if (answer.ok()) {
                lastProblem = "";
                adopt(answer.object().has("spec") ? answer.object() : content);
            } else {
                lease = null;
                missing = answer.reason().equals("NotFound");
                switch (answer.reason()) {
                    case "Conflict", "AlreadyExists" -> query();
                    case "NotFound" -> renew();
                    default -> problem(answer.text());
                }
            }
        });
    }

    private void adopt(JsonObject object) {
        lease = object;
        missing = false;
        JsonElement spec = object.get("spec");
        JsonElement time = spec != null && spec.isJsonObject() ? spec.getAsJsonObject().get("renewTime") : null;
        if (time != null && time.isJsonPrimitive()) {
            try {
                Instant stored = Instant.parse(time.getAsString());
                renewed = stored.isAfter(renewed) ? stored : renewed;
            } catch (DateTimeException e) {
                LOG.debug("The lease has a renewal time that cannot be read: {}", e.getMessage());
            }
        }
    }

    private JsonObject fresh() {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("name", node);
        metadata.addProperty("namespace", "kube-node-lease");
        metadata.add("creationTimestamp", JsonNull.INSTANCE);
        metadata.add("ownerReferences", owner());
        JsonObject object = new JsonObject();
        object.add("metadata", metadata);
        object.add("spec", spec());
        return object;
    }

    private JsonObject renewedCopy() {
        JsonObject copy = lease.deepCopy();
        copy.add("spec", spec());
        if (!nodeUid.isEmpty() && copy.get("metadata") instanceof JsonObject metadata) {
            metadata.add("ownerReferences", owner());
        }
        return copy;
    }

    private JsonObject spec() {
        Instant now = clock.now();
        Instant earliest = renewed.equals(Instant.MIN) ? now : renewed.plusMillis(1);
        renewed = now.isAfter(earliest) ? now : earliest;
        JsonObject spec = new JsonObject();
        spec.addProperty("holderIdentity", node);
        spec.addProperty("leaseDurationSeconds", DURATION_SECONDS);
        spec.addProperty("renewTime", MICROS.format(renewed));
        return spec;
    }

    private JsonArray owner() {
        JsonObject owner = new JsonObject();
        owner.addProperty("apiVersion", "v1");
        owner.addProperty("kind", "Node");
        owner.addProperty("name", node);
        owner.addProperty("uid", nodeUid);
        JsonArray owners = new JsonArray();
        owners.add(owner);
        return owners;
    }

    private String path() {
        return "kube-node-lease/lease/" + node;
    }

    /** What to do with an answer. */
    private interface Then {
        void with(ObjectAnswer answer);
    }

    private void ask(Message request, Then then) {
        busy = true;
        int asked = connection;
        link.request(request, answerDeadline).whenComplete((answer, failure) -> {
            try {
                serial.execute(() -> {
                    if (asked != connection) {
                        return;
                    }
                    busy = false;
                    if (failure == null) {
                        then.with(ObjectAnswer.of(answer));
                    } else {
                        lease = null; // whether it was written is not known
                        problem(failure.getMessage());
                    }
                });
            } catch (RejectedExecutionException e) {
                LOG.debug("edged is stopping: {}", e.getMessage());
            }
        });
    }

    private void problem(String why) {
        if (!why.equals(lastProblem)) {
            LOG.warn("The lease of node {} could not be renewed: {}; trying again in the next period", node, why);
        }
        lastProblem = why;
    }
}
