package io.kelp.edged.internal.pod;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Map;
import java.util.TreeMap;

/**
 * One container at one moment, as its status is made from.
 *
 * @param spec the container in the pod's spec
 * @param imageId for {@code imageID}, empty while unknown
 * @param containerId empty before the first start
 * @param last how it ended last time, {@code null} if it never did
 * @param ports numbers in use, number in the pod → number on the gateway
 */
record ContainerView(JsonObject spec, Kind kind, String imageId, String containerId, ContainerState state,
        ContainerState.Terminated last, int restarts, boolean ready, boolean started, Map<Integer, Integer> ports) {

    /** Part that a container plays. */
    enum Kind {
        /** Runs to its end before the next one starts. */
        INIT,
        /** Restartable init container: runs beside the others from its place in the order on. */
        SIDECAR,
        MAIN
    }

    ContainerView {
        ports = new TreeMap<>(ports);
    }

    String name() {
        return Pod.text(spec, "name");
    }

    /** Whether it will be started again after such an end while the pod lives (kubelet's {@code ShouldContainerBeRestarted}). */
    static boolean restarts(Kind kind, String restartPolicy, int exitCode) {
        return switch (kind) {
            case SIDECAR -> true;
            case INIT -> exitCode != 0 && !"Never".equals(restartPolicy);
            case MAIN -> switch (restartPolicy) {
                case "Never" -> false;
                case "OnFailure" -> exitCode != 0;
                default -> true;
            };
        };
    }

    /** As it is when its pod has ended: what never ran cannot be found (kubelet's {@code TerminatePod}). */
    ContainerView ended() {
        if (!(state instanceof ContainerState.Waiting)) {
            return this;
        }
        ContainerState end = last != null ? last : new ContainerState.Terminated(137, "ContainerStatusUnknown",
                "The container could not be located when the pod was terminated", null, null, "");
        return new ContainerView(spec, kind, imageId, containerId, end, null, restarts, false, false, ports);
    }

    /** {@code ContainerStatus} of the API, with the members that stock edges write (vectors {@code 03-pod}). */
    JsonObject json() {
        JsonObject status = new JsonObject();
        if (!containerId.isEmpty()) {
            status.addProperty("containerID", containerId);
        }
        status.addProperty("image", Pod.text(spec, "image"));
        status.addProperty("imageID", imageId);
        status.add("lastState", last == null ? new JsonObject() : last.json());
        status.addProperty("name", name());
        status.addProperty("ready", ready);
        status.addProperty("restartCount", restarts);
        status.addProperty("started", started);
        status.add("state", state.json());
        JsonArray mounts = new JsonArray();
        for (JsonObject mount : Pod.objects(spec, "volumeMounts")) {
            JsonObject one = new JsonObject();
            one.addProperty("mountPath", Pod.text(mount, "mountPath"));
            one.addProperty("name", Pod.text(mount, "name"));
            if ("true".equals(Pod.text(mount, "readOnly"))) {
                one.addProperty("readOnly", true);
                one.addProperty("recursiveReadOnly", "Disabled");
            }
            mounts.add(one);
        }
        if (!mounts.isEmpty()) {
            status.add("volumeMounts", mounts);
        }
        return status;
    }
}
