package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Which pod has which fixed port of the gateway. Used on the loop only. */
final class HostPorts {

    private record Owner(Pod pod, String container) {}

    private final Map<String, Owner> owners = new HashMap<>();

    /** Whether the number is to be the same on the gateway. */
    static boolean isFixed(Pod pod, JsonObject port) {
        return "true".equals(Pod.text(pod.spec(), "hostNetwork")) || number(port, "hostPort") > 0;
    }

    static int number(JsonObject port, String member) {
        String text = Pod.text(port, member);
        return text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
    }

    private static String key(Pod pod, JsonObject port) {
        int host = number(port, "hostPort");
        String protocol = Pod.text(port, "protocol");
        return (protocol.isEmpty() ? "TCP" : protocol) + "/" + (host > 0 ? host : number(port, "containerPort"));
    }

    /**
     * Takes the fixed ports of a container, all or none.
     *
     * @return a sentence about the clash if another pod has one of them
     */
    Optional<String> take(Pod pod, JsonObject container) {
        Owner owner = new Owner(pod, Pod.text(container, "name"));
        for (JsonObject port : Pod.objects(container, "ports")) {
            Owner other = isFixed(pod, port) ? owners.get(key(pod, port)) : null;
            if (other != null && !same(other, owner)) {
                return Optional.of("port " + key(pod, port) + " of this gateway, which container " + owner.container + " of pod " + pod
                        + " needs, is taken by container " + other.container + " of pod " + other.pod
                        + "; a Deployment with fixed ports needs strategy.rollingUpdate.maxSurge: 0, or leave the port to the gateway");
            }
        }
        for (JsonObject port : Pod.objects(container, "ports")) {
            if (isFixed(pod, port)) {
                owners.put(key(pod, port), owner);
            }
        }
        return Optional.empty();
    }

    private static boolean same(Owner one, Owner other) {
        return one.pod.uid().equals(other.pod.uid()) && one.container.equals(other.container);
    }

    /** Gives back what a container has; true if it had something. */
    boolean release(String uid, String container) {
        return owners.values().removeIf(o -> o.pod.uid().equals(uid) && o.container.equals(container));
    }
}
