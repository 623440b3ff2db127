package io.kelp.control;

import com.google.gson.JsonObject;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A component's part of {@code kelp status}. Registered as a service.
 *
 * <p>Called by any thread; must answer at once from a snapshot.
 */
@ConsumerType
public interface StatusSource {

    /**
     * Members that this component adds to the one object of {@code kelp status --json}, for example
     * {@code {"link":{"state":"CONNECTED",…}}}. Two components must not use the same member.
     */
    JsonObject status();

    /** What is wrong now, empty when all is well. */
    default List<Problem> problems() {
        return List.of();
    }
}
