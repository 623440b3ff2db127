package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import java.util.Map;

/** What of a pod is reported and remembered: only what has changed. Used on the loop only. */
final class PodPublication {

    private final Seams seams;
    private JsonObject status = new JsonObject();
    private Map<String, String> annotations = Map.of();
    private JsonObject record = new JsonObject();
    private boolean frozen;

    PodPublication(Seams seams) {
        this.seams = seams;
    }

    /** The pod was over before the gateway's restart: its status stays what it was. */
    void freeze(JsonObject last) {
        status = last;
        frozen = true;
    }

    boolean isFrozen() {
        return frozen;
    }

    JsonObject status() {
        return status;
    }

    void report(PodView view) {
        Pod pod = view.pod();
        JsonObject before = status.size() == 0 ? seams.statuses().last(pod.uid()).orElse(pod.status()) : status;
        JsonObject now = PodStatus.of(view, before, seams.now().get());
        Map<String, String> ports = PodPorts.annotations(view);
        if (!now.equals(status) || !ports.equals(annotations)) {
            status = now;
            annotations = ports;
            seams.statuses().report(pod, now, ports);
        }
    }

    void remember(Pod pod, JsonObject now) {
        if (!now.equals(record)) {
            record = now;
            seams.records().put(pod.uid(), now);
        }
    }
}
