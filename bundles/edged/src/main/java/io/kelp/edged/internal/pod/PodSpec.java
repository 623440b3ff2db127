package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.Locale;

/** What the spec of a pod says, with Kubernetes' defaults. */
final class PodSpec {

    private static final Duration GRACE = Duration.ofSeconds(30);

    private PodSpec() {}

    static String restartPolicy(Pod pod) {
        String policy = Pod.text(pod.spec(), "restartPolicy");
        return policy.isEmpty() ? "Always" : policy;
    }

    static Duration grace(Pod pod) {
        return seconds(pod.spec(), "terminationGracePeriodSeconds", GRACE);
    }

    /** Grace period of its deletion, if there is one, else its own. */
    static Duration deletionGrace(Pod pod) {
        return seconds(pod.metadata(), "deletionGracePeriodSeconds", grace(pod));
    }

    /** Grace period after a failed probe: the probe's own or the pod's. */
    static Duration probeGrace(Pod pod, JsonObject container, String probe) {
        return seconds(Pod.object(container, probe.toLowerCase(Locale.ROOT) + "Probe"), "terminationGracePeriodSeconds", grace(pod));
    }

    /** {@code activeDeadlineSeconds}, zero for none. */
    static Duration activeDeadline(Pod pod) {
        return seconds(pod.spec(), "activeDeadlineSeconds", Duration.ZERO);
    }

    /** A member that is a number of seconds. */
    static Duration seconds(JsonObject parent, String member, Duration otherwise) {
        String text = Pod.text(parent, member);
        return text.matches("[0-9]{1,9}") ? Duration.ofSeconds(Long.parseLong(text)) : otherwise;
    }
}
