package io.kelp.mapper;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/** Asks driven devices to do something now. Safe for use by several threads; no method blocks. */
@ProviderType
public interface DeviceCalls {

    /**
     * Calls a method of a device, after what its bus is doing.
     *
     * @param namespace of the device
     * @param device its name
     * @param method one of its {@code spec.methods}
     * @param arguments property name → value as text
     * @param deadline when to give up, at most 60 s
     * @return completes with what the device says, name → value as text; fails with {@link IllegalArgumentException} when device,
     *     method, argument or value cannot be (one sentence), with {@link RequestRefusedException} when the device will not, and with
     *     {@link java.io.IOException} when it does not answer
     */
    CompletionStage<Map<String, String>> call(String namespace, String device, String method, Map<String, String> arguments, Duration deadline);

    /** What a device says it has; fails as {@link #call} does, also when its driver cannot ask for that. */
    CompletionStage<List<SuggestedProperty>> discover(String namespace, String device, Duration deadline);
}
