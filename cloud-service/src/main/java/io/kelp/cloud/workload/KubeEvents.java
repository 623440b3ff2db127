package io.kelp.cloud.workload;

import com.google.gson.JsonObject;
import io.kelp.cloud.kube.KubeApi;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes Kubernetes Events (core/v1) of the cloud service; nothing depends on them, so a failure is no more than a debug line. */
final class KubeEvents {

    private static final Logger LOG = LoggerFactory.getLogger(KubeEvents.class);
    private static final String COMPONENT = "kelp-cloud";

    private final KubeApi kube;

    KubeEvents(KubeApi kube) {
        this.kube = kube;
    }

    /** About a Node; such Events are kept in namespace {@code default}. */
    void aboutNode(String node, String uid, String type, String reason, String message) {
        JsonObject about = new JsonObject();
        about.addProperty("apiVersion", "v1");
        about.addProperty("kind", "Node");
        about.addProperty("name", node);
        about.addProperty("uid", uid);
        write("default", node + "." + Long.toHexString(ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE), about, type, reason, message);
    }

    /** @param occasion equal for what must be told once, by whichever replica and however often it is seen */
    void once(JsonObject about, String occasion, String type, String reason, String message) {
        String name = about.get("name").getAsString();
        String shortened = name.length() > 200 ? name.substring(0, 200) : name;
        write(about.get("namespace").getAsString(), shortened + "." + HexFormat.of().toHexDigits(occasion.hashCode()), about, type, reason, message);
    }

    private void write(String namespace, String name, JsonObject about, String type, String reason, String message) {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        JsonObject metadata = new JsonObject();
        metadata.addProperty("namespace", namespace);
        metadata.addProperty("name", name);
        JsonObject source = new JsonObject();
        source.addProperty("component", COMPONENT);
        JsonObject event = new JsonObject();
        event.addProperty("apiVersion", "v1");
        event.addProperty("kind", "Event");
        event.add("metadata", metadata);
        event.add("involvedObject", about);
        event.addProperty("type", type);
        event.addProperty("reason", reason);
        event.addProperty("message", message);
        event.add("source", source);
        event.addProperty("reportingComponent", COMPONENT);
        event.addProperty("firstTimestamp", now);
        event.addProperty("lastTimestamp", now);
        event.addProperty("count", 1);
        kube.create("/api/v1/namespaces/" + namespace + "/events", event).exceptionally(problem -> {
            LOG.debug("The event {} about {} was not written: {}", reason, name, problem.getMessage());
            return null;
        });
    }
}
