package io.kelp.cloud.workload;

import com.google.gson.JsonObject;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.ObjectCache;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in an Event what a DaemonSet of pods for gateways lacks. Its controller looks for nodes with the template as it is written;
 * what a RuntimeClass adds, admission adds later, to each pod: without the toleration no gateway gets one, without the selector
 * every other node gets one that cannot be placed.
 */
public final class DaemonSetHints implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DaemonSetHints.class);
    private static final String PATH = "/apis/apps/v1/daemonsets";
    private static final String REASON = "RuntimeClassNotApplied";

    private final KubeApi kube;
    private final KubeEvents events;
    private ObjectCache<Lacking> followed; // guarded by this
    private boolean closed; // guarded by this

    /** A DaemonSet that lacks something. */
    record Lacking(String namespace, String name, String uid, String generation, String message) {

        /** @return {@code null} when there is nothing to say about it */
        static Lacking of(JsonObject daemonSet) {
            JsonObject spec = Objects.object(daemonSet, "spec", "template", "spec");
            if (!Objects.text(spec, "runtimeClassName").equals(OsgiRuntimeClass.NAME)) {
                return null;
            }
            List<String> missing = new ArrayList<>();
            if (Objects.list(spec, "tolerations").stream().noneMatch(Lacking::tolerates)) {
                missing.add("\"tolerations\": [{\"key\": \"" + OsgiRuntimeClass.TAINT
                        + "\", \"operator\": \"Exists\", \"effect\": \"NoSchedule\"}], without which no gateway gets a pod");
            }
            boolean affinity = Objects.object(spec, "affinity").toString().contains(OsgiRuntimeClass.SELECTOR);
            if (!affinity && !Objects.text(spec, "nodeSelector", OsgiRuntimeClass.SELECTOR).equals("true")) {
                missing.add("\"nodeSelector\": {\"" + OsgiRuntimeClass.SELECTOR
                        + "\": \"true\"}, without which nodes that are no gateways get pods that stay Pending");
            }
            return missing.isEmpty() ? null : new Lacking(Objects.text(daemonSet, "metadata", "namespace"), Objects.text(daemonSet, "metadata", "name"),
                    Objects.text(daemonSet, "metadata", "uid"), Objects.text(daemonSet, "metadata", "generation"),
                    "A DaemonSet chooses nodes by its template alone, not by what RuntimeClass " + OsgiRuntimeClass.NAME
                    + " adds to pods; add to spec.template.spec: " + String.join("; and ", missing) + ".");
        }

        private static boolean tolerates(JsonObject toleration) {
            String key = Objects.text(toleration, "key");
            String effect = Objects.text(toleration, "effect");
            boolean exists = Objects.text(toleration, "operator").equals("Exists");
            return (key.equals(OsgiRuntimeClass.TAINT) || key.isEmpty() && exists) && (effect.isEmpty() || effect.equals("NoSchedule"))
                    && (exists || Objects.text(toleration, "value").isEmpty());
        }

        JsonObject reference() {
            JsonObject about = new JsonObject();
            about.addProperty("apiVersion", "apps/v1");
            about.addProperty("kind", "DaemonSet");
            about.addProperty("namespace", namespace);
            about.addProperty("name", name);
            about.addProperty("uid", uid);
            return about;
        }
    }

    /** Follows DaemonSets from here on, if the API server has them and lets us. */
    public DaemonSetHints(KubeApi kube) {
        this.kube = kube;
        this.events = new KubeEvents(kube);
        kube.get(PATH + "?limit=1").whenComplete((list, problem) -> {
            if (problem == null) {
                follow();
            } else if (OsgiRuntimeClass.isRefused(problem, 403)) {
                LOG.warn("DaemonSets cannot be read, so nobody is told what they need on gateways; give the account of kelp-cloud the"
                        + " rights listed in manifests/rbac.yaml");
            } else {
                LOG.debug("No DaemonSets here: {}", problem.getMessage());
            }
        });
    }

    private synchronized void follow() {
        if (!closed) {
            followed = kube.follow(PATH, Map.of(), Lacking::of, new ObjectCache.Listener<>() {
                @Override
                public void changed(Lacking before, Lacking now) {
                    if (before == null || !before.generation().equals(now.generation())) {
                        events.once(now.reference(), now.uid() + "/" + now.generation(), "Warning", REASON, now.message());
                    }
                }

                @Override
                public void removed(Lacking last) {
                    // it lacks nothing any more, or is gone
                }
            });
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (followed != null) {
            followed.close();
        }
    }
}
