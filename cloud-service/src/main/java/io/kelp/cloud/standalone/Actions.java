package io.kelp.cloud.standalone;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.cloud.hub.LimitedLog;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.KubeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the controllers do: each thing once for each version of the object that made them do it, however often they look at it;
 * what failed is done again at the next look. Safe for use by several threads.
 */
final class Actions {

    private static final Logger LOG = LoggerFactory.getLogger(Actions.class);
    private static final int REMEMBERED = 20_000;
    private static final int MOST_UNDER_WAY = 200;
    private static final String MANAGER = "kelp-control";

    private final KubeApi api;
    private final LimitedLog failures = new LimitedLog(LOG, 0.2, 5);
    private final Map<String, Boolean> done = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    };
    private int underWay;

    Actions(KubeApi api) {
        this.api = api;
    }

    KubeApi api() {
        return api;
    }

    /**
     * Does something unless it is under way or done for this version.
     *
     * @param what for the log, with the object's name
     * @param version anything that changes when it has to be done again
     * @return false when too much is under way already, so that it has to wait for another look
     */
    boolean once(String what, String version, Supplier<CompletableFuture<?>> action) {
        String key = what + "@" + version;
        synchronized (done) {
            if (done.containsKey(key)) {
                return true;
            }
            if (underWay >= MOST_UNDER_WAY) {
                return false;
            }
            done.put(key, Boolean.TRUE);
            underWay++;
        }
        action.get().whenComplete((nothing, problem) -> {
            synchronized (done) {
                underWay--;
                if (problem != null) {
                    done.remove(key);
                }
            }
            if (problem != null) {
                log(what, problem);
            }
        });
        return true;
    }

    private void log(String what, Throwable problem) {
        Throwable cause = problem instanceof CompletionException && problem.getCause() != null ? problem.getCause() : problem;
        if (cause instanceof KubeException refused && (refused.code() == 404 || refused.code() == 409)) {
            LOG.debug("{}: somebody was faster ({})", what, refused.getMessage());
        } else {
            failures.warn(what + " failed and will be tried again: " + cause.getMessage());
        }
    }

    CompletableFuture<JsonObject> patch(String path, KubeApi.PatchType type, JsonObject patch) {
        return api.patch(path + "?fieldManager=" + MANAGER, type, patch.toString());
    }

    /** A patch of the object's status with one condition. */
    CompletableFuture<JsonObject> patchCondition(String path, JsonObject condition) {
        return patch(path + "/status", KubeApi.PatchType.STRATEGIC, Actions.object("status", conditions(condition)));
    }

    /** The same, refused when the object has another version by now, for what may not hold any more. */
    CompletableFuture<JsonObject> patchCondition(String path, String resourceVersion, JsonObject condition) {
        JsonObject patch = Actions.object("status", conditions(condition));
        JsonObject metadata = new JsonObject();
        metadata.addProperty("resourceVersion", resourceVersion);
        patch.add("metadata", metadata);
        return patch(path + "/status", KubeApi.PatchType.STRATEGIC, patch);
    }

    static JsonObject conditions(JsonObject... conditions) {
        JsonArray list = new JsonArray();
        for (JsonObject condition : conditions) {
            list.add(condition);
        }
        JsonObject status = new JsonObject();
        status.add("conditions", list);
        return status;
    }

    static JsonObject condition(String type, String status, String reason, String message, String since) {
        JsonObject condition = new JsonObject();
        condition.addProperty("type", type);
        condition.addProperty("status", status);
        if (!since.isEmpty()) {
            condition.addProperty("lastTransitionTime", since);
        }
        if (!reason.isEmpty()) {
            condition.addProperty("reason", reason);
            condition.addProperty("message", message);
        }
        return condition;
    }

    /** @param graceSeconds negative for the pod's own */
    CompletableFuture<JsonObject> deletePod(PodState pod, int graceSeconds) {
        JsonObject options = new JsonObject();
        options.addProperty("apiVersion", "v1");
        options.addProperty("kind", "DeleteOptions");
        if (graceSeconds >= 0) {
            options.addProperty("gracePeriodSeconds", graceSeconds);
        }
        JsonObject preconditions = new JsonObject();
        preconditions.addProperty("uid", pod.uid());
        options.add("preconditions", preconditions);
        return api.delete(pod.path(), options);
    }

    /** An Event of a controller of the control plane (core/v1), which nothing depends on. */
    void event(String controller, String type, String reason, String message, JsonObject about, String namespace) {
        JsonObject source = new JsonObject();
        source.addProperty("component", controller);
        String now = now();
        JsonObject event = head(about, namespace);
        event.addProperty("apiVersion", "v1");
        event.add("involvedObject", about);
        event.addProperty("type", type);
        event.addProperty("reason", reason);
        event.addProperty("message", message);
        event.add("source", source);
        event.addProperty("reportingComponent", controller);
        event.addProperty("firstTimestamp", now);
        event.addProperty("lastTimestamp", now);
        event.addProperty("count", 1);
        send("/api/v1/namespaces/" + namespace + "/events", event);
    }

    /** An Event as the scheduler writes it: in the form of events.k8s.io/v1, which core/v1 holds as well. */
    void schedulingEvent(String type, String reason, String action, String note, PodState pod) {
        JsonObject event = head(about(pod), pod.namespace());
        event.addProperty("apiVersion", "v1");
        event.add("involvedObject", about(pod));
        event.addProperty("type", type);
        event.addProperty("reason", reason);
        event.addProperty("action", action);
        event.addProperty("message", note);
        event.addProperty("eventTime", Instant.now().truncatedTo(ChronoUnit.MICROS).toString());
        event.addProperty("reportingComponent", "default-scheduler");
        event.addProperty("reportingInstance", "default-scheduler-kelp-cloud");
        send("/api/v1/namespaces/" + pod.namespace() + "/events", event);
    }

    private static JsonObject head(JsonObject about, String namespace) {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("namespace", namespace);
        metadata.addProperty("name", Tree.text(about, "name") + "." + Long.toHexString(ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE));
        JsonObject event = new JsonObject();
        event.addProperty("kind", "Event");
        event.add("metadata", metadata);
        return event;
    }

    private void send(String path, JsonObject event) {
        api.create(path, event).exceptionally(problem -> {
            LOG.debug("An event was not written: {}", problem.getMessage());
            return null;
        });
    }

    static JsonObject about(PodState pod) {
        JsonObject about = new JsonObject();
        about.addProperty("apiVersion", "v1");
        about.addProperty("kind", "Pod");
        about.addProperty("namespace", pod.namespace());
        about.addProperty("name", pod.name());
        about.addProperty("uid", pod.uid());
        return about;
    }

    static JsonObject about(NodeState node) {
        JsonObject about = new JsonObject();
        about.addProperty("apiVersion", "v1");
        about.addProperty("kind", "Node");
        about.addProperty("name", node.name());
        about.addProperty("uid", node.uid());
        return about;
    }

    static JsonObject object(String name, JsonObject value) {
        JsonObject object = new JsonObject();
        object.add(name, value);
        return object;
    }

    /** As {@code metav1.Time} writes it. */
    static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
