package io.kelp.mapper;

import java.io.IOException;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Further ability of a {@link DeviceConnection}: methods that are more than writing properties. Called like
 * {@link BlockingConnection#write}: on a thread of the runtime, one call at a time, interrupted at the deadline.
 */
@ConsumerType
public interface CallableDevice {

    /** Whether this connection carries out the method itself; otherwise the runtime writes its properties. Answers at once. */
    boolean calls(DeviceMethod method);

    /**
     * Carries out a method.
     *
     * @param arguments property name → value, each of the type and within the bounds of its property; as many as the caller gave
     * @return what the device says, name → value as text; may be empty
     * @throws RequestRefusedException when the device will not do it
     * @throws IOException when the device is lost; whether it has done it is then unknown
     */
    Map<String, String> call(DeviceMethod method, Map<String, PropertyValue> arguments) throws IOException, InterruptedException;
}
