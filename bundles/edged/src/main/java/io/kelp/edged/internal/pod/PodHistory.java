package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;

/** Makes a record of a pod from the status that the cloud has of it, for a gateway that has lost its own. */
final class PodHistory {

    private PodHistory() {}

    /** @return in the form of {@link PodWorker}'s records; empty for a pod that never was on this gateway */
    static JsonObject of(Pod pod) {
        JsonObject record = new JsonObject();
        String start = Pod.text(pod.status(), "startTime");
        if (start.isEmpty()) {
            return record;
        }
        record.addProperty("startTime", start);
        JsonObject containers = new JsonObject();
        for (String member : new String[] {"initContainerStatuses", "containerStatuses"}) {
            for (JsonObject status : Pod.objects(pod.status(), member)) {
                JsonObject one = new JsonObject();
                JsonObject state = Pod.object(status, "state");
                one.addProperty("restarts", HostPorts.number(status, "restartCount"));
                one.addProperty("started", !Pod.text(status, "containerID").isEmpty());
                one.addProperty("containerID", Pod.text(status, "containerID"));
                one.addProperty("imageID", Pod.text(status, "imageID"));
                if (!state.has("waiting")) {
                    one.add("state", state);
                }
                if (Pod.object(status, "lastState").has("terminated")) {
                    one.add("last", Pod.object(status, "lastState"));
                }
                containers.add(Pod.text(status, "name"), one);
            }
        }
        record.add("containers", containers);
        return record;
    }
}
