package io.kelp.control;

import com.google.gson.JsonObject;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What all {@link StatusSource} services say, put together.
 *
 * <p>Safe for use by several threads; answers from snapshots.
 */
@ProviderType
public interface StatusReport {

    /** The object of {@code kelp status --json}; the caller owns it. */
    JsonObject status();

    /** What is wrong now, in the order of code and place. */
    List<Problem> problems();
}
