package io.kelp.devicetwin;

import io.kelp.control.ControlCommand.Result;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A further word after {@code kelp device}, for example {@code history}, by the bundle that knows
 * how. Registered as a service; called like a {@link io.kelp.control.ControlCommand}.
 */
@ConsumerType
public interface DeviceVerb {

    /** The word, {@code [a-z]{1,32}}. */
    String verb();

    /** Help: a line per form, beginning with {@code device VERB NAME}. */
    List<String> usage();

    /**
     * Runs it.
     *
     * @param device the one that the word after the verb names
     * @param arguments the words after that
     */
    Result run(DeviceTwins.Device device, List<String> arguments);
}
