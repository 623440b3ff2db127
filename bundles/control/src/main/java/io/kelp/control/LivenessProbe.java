package io.kelp.control;

import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Lets the service manager's watchdog see that a component still works. Registered as a service by
 * components that own an executor; the gateway is restarted when a probe does not complete in time.
 */
@ConsumerType
public interface LivenessProbe {

    /** Name for the log, for example {@code edgehub}. */
    String name();

    /** Puts a task that does nothing on the component's own executor; completes when it has run. */
    CompletionStage<Void> probe();
}
