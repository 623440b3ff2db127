package io.kelp.edged.internal.manifest;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.kelp.edged.internal.ObjectAnswer;
import io.kelp.edged.internal.SerialTasks;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.edgehub.CloudLink;
import io.kelp.message.Message;
import io.kelp.message.Operation;
import io.kelp.metamanager.MetaStore;
import io.kelp.metamanager.MetaStore.MetaObject;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that the API server has a mirror of each static pod, and none of others: made when it
 * is missing, deleted when it is of another content, of no manifest, or when somebody wants it gone,
 * after which it is made again. All on the serial executor.
 */
final class Mirrors {

    private static final Logger LOG = LoggerFactory.getLogger(Mirrors.class);
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(2);
    private static final Duration RETRY_CAP = Duration.ofMinutes(5);
    /** By then the cloud has shown what an accepted request has brought about. */
    private static final Duration SHOWN = Duration.ofSeconds(10);

    private static final class Attempt {
        private boolean busy;
        private int failures;
        private int plan; // number of the plan that counts
        private boolean planned;
        private String actedOn = ""; // uid of the copy that the last request was about, empty for none
        private String lastProblem = "";
    }

    private final CloudLink link;
    private final MetaStore objects;
    private final SerialTasks serial;
    private final String node;
    private final Map<String, Pod> wanted = new LinkedHashMap<>(); // by namespace/name
    private final Map<String, Attempt> attempts = new HashMap<>();
    private boolean complete;
    private boolean connected;

    Mirrors(CloudLink link, MetaStore objects, SerialTasks serial, String node) {
        this.link = link;
        this.objects = objects;
        this.serial = serial;
        this.node = node;
        this.connected = link.status().state() == CloudLink.State.CONNECTED;
    }

    void connected() {
        connected = true;
        attempts.values().forEach(attempt -> {
            attempt.failures = 0;
            attempt.planned = false;
        });
        all();
    }

    void disconnected() {
        connected = false;
    }

    /** These are the static pods; complete from now on. */
    void want(Iterable<Pod> pods) {
        attempts.values().forEach(attempt -> attempt.planned = false);
        wanted.clear();
        pods.forEach(pod -> wanted.put(pod.toString(), pod));
        complete = true;
        all();
    }

    /** The copy of a pod has changed, or has gone. */
    void shown(MetaObject copy) {
        String key = copy.namespace() + "/" + copy.name();
        if (wanted.containsKey(key) || isMirror(copy)) {
            one(key);
        }
    }

    private void all() {
        if (!complete || !connected) {
            return;
        }
        Set.copyOf(wanted.keySet()).forEach(this::one);
        objects.list("pod").stream().filter(this::isMirror).forEach(copy -> one(copy.namespace() + "/" + copy.name()));
    }

    private boolean isMirror(MetaObject copy) {
        Pod pod = Pod.of(copy);
        return pod.annotations().containsKey(StaticPod.MIRROR) && Pod.text(pod.spec(), "nodeName").equals(node);
    }

    private void one(String key) {
        Attempt attempt = attempts.computeIfAbsent(key, k -> new Attempt());
        if (!complete || !connected || attempt.busy) {
            return;
        }
        Pod pod = wanted.get(key);
        int slash = key.indexOf('/');
        Optional<MetaObject> copy = objects.get("pod", key.substring(0, slash), key.substring(slash + 1));
        String uid = copy.map(MetaObject::uid).orElse("");
        if (attempt.planned && uid.equals(attempt.actedOn)) {
            return; // the cloud has not shown yet what came of it
        }
        if (copy.isEmpty()) {
            if (pod == null) {
                attempts.remove(key);
            } else {
                create(pod, attempt);
            }
        } else if (isMirror(copy.get())) {
            Pod mirror = Pod.of(copy.get());
            if (pod == null || mirror.isDeleted() || !pod.uid().equals(mirror.annotations().get(StaticPod.MIRROR))) {
                delete(key, mirror, attempt);
            }
        } else if (pod != null) {
            problem(attempt, "show static pod " + key + " at the API server", "there is another pod of this name");
        }
    }

    private void create(Pod pod, Attempt attempt) {
        JsonObject mirror = pod.json().deepCopy();
        mirror.remove("status");
        JsonObject metadata = Pod.object(mirror, "metadata");
        metadata.remove("uid");
        Pod.object(metadata, "annotations").addProperty(StaticPod.MIRROR, pod.uid());
        objects.get("node", "null", node).ifPresent(own -> metadata.add("ownerReferences", owner(own.uid())));
        Message request = Message.create("edged", "meta", Operation.INSERT, pod.namespace() + "/pod/" + pod.name(), mirror);
        ask(request, pod.toString(), "", attempt, "show static pod " + pod + " at the API server", Set.of("AlreadyExists"));
    }

    private JsonArray owner(String uid) {
        JsonObject owner = new JsonObject();
        owner.addProperty("apiVersion", "v1");
        owner.addProperty("kind", "Node");
        owner.addProperty("name", node);
        owner.addProperty("uid", uid);
        owner.addProperty("controller", true);
        JsonArray owners = new JsonArray();
        owners.add(owner);
        return owners;
    }

    private void delete(String key, Pod mirror, Attempt attempt) {
        JsonObject preconditions = new JsonObject();
        preconditions.addProperty("uid", mirror.uid());
        JsonObject options = new JsonObject();
        options.addProperty("gracePeriodSeconds", 0);
        options.add("preconditions", preconditions);
        Message request = Message.create("edged", "meta", Operation.DELETE, mirror.namespace() + "/pod/" + mirror.name(), options);
        ask(request, key, mirror.uid(), attempt, "delete the mirror of static pod " + key, Set.of("NotFound", "Conflict"));
    }

    /**
     * @param uid of the copy concerned, empty for none
     * @param settled refusals that mean that there is nothing to do
     */
    private void ask(Message request, String key, String uid, Attempt attempt, String what, Set<String> settled) {
        attempt.busy = true;
        attempt.actedOn = uid;
        link.request(request, ANSWER).whenComplete((answer, failure) -> serial.run(() -> {
            attempt.busy = false;
            if (failure != null) {
                LOG.debug("No answer to {} {}: {}", request.operation(), request.resource(), failure.getMessage());
                again(key, attempt, retry(attempt));
                return;
            }
            ObjectAnswer result = ObjectAnswer.of(answer);
            boolean done = !Operation.ERROR.equals(answer.operation()) && answer.content().equals(new JsonPrimitive("OK"));
            if (done || result.ok() || settled.contains(result.reason())) {
                attempt.failures = 0;
                attempt.lastProblem = "";
                again(key, attempt, SHOWN);
            } else {
                problem(attempt, what, result.text());
                again(key, attempt, retry(attempt));
            }
        }));
    }

    private static Duration retry(Attempt attempt) {
        Duration wait = FIRST_RETRY.multipliedBy(1L << Math.min(attempt.failures++, 10));
        return wait.compareTo(RETRY_CAP) > 0 ? RETRY_CAP : wait;
    }

    /** Looks again after a while, at once when the cloud shows another copy. */
    private void again(String key, Attempt attempt, Duration wait) {
        int mine = ++attempt.plan;
        attempt.planned = true;
        serial.runAfter(wait, () -> {
            if (mine == attempt.plan) {
                attempt.planned = false;
                one(key);
            }
        });
    }

    private static void problem(Attempt attempt, String what, String why) {
        if (!why.equals(attempt.lastProblem)) {
            LOG.warn("Could not {}: {}; trying again until it works", what, why);
        }
        attempt.lastProblem = why;
    }
}
