package io.kelp.runtime.osgi.internal.region;

import io.kelp.devicetwin.DeviceTwins;
import io.kelp.runtime.osgi.PodContext;
import java.util.function.Function;
import org.osgi.framework.Bundle;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * To which pod and container a bundle belongs. Services reach as far as the pod, packages as far as
 * the container: a container that is restarted must not refresh the bundles of another.
 *
 * @param pod uid
 * @param container key of one start of one container, unique
 * @param context its {@link PodContext}
 * @param configurations its configurations, nobody else's, as each of its bundles sees them
 * @param twins the devices it may see
 */
public record Member(String pod, String container, PodContext context,
        Function<Bundle, ConfigurationAdmin> configurations, DeviceTwins twins) {

    boolean samePod(Member other) {
        return other != null && pod.equals(other.pod);
    }

    boolean sameContainer(Member other) {
        return other != null && container.equals(other.container);
    }
}
