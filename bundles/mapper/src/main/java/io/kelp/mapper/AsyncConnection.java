package io.kelp.mapper;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A connection whose calls return at once. Arguments, results and failures as with
 * {@link BlockingConnection}; a stage that has not completed at the {@linkplain Lane#deadline()
 * deadline} counts as failed, and what it says later is ignored. Stages may complete on any thread.
 */
@ConsumerType
public non-sealed interface AsyncConnection extends DeviceConnection {

    /** As {@link BlockingConnection#read}. */
    CompletionStage<Map<String, Reading>> readAsync(List<DeviceProperty> properties);

    /** As {@link BlockingConnection#write}. */
    CompletionStage<Optional<Reading>> writeAsync(DeviceProperty property, PropertyValue value);
}
