package io.kelp.mapper;

import java.io.IOException;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Further ability of a {@link DeviceConnection}: the device can tell what it has (CoAP's {@code /.well-known/core}, a
 * Sparkplug birth). Called like {@link BlockingConnection#read}.
 */
@ConsumerType
public interface DiscoveringDevice {

    /** What could become properties of the device; at most 1000, the first ones when there are more. */
    List<SuggestedProperty> discover() throws IOException, InterruptedException;
}
