package io.kelp.mapper.counter.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Settings of the counter mapper. */
@ObjectClassDefinition(name = "Kelp counter mapper", description = "Devices that count seconds while they are ON")
public @interface CounterConfig {

    @AttributeDefinition(name = "Device log", description = "File in the gateway's log folder into which all counters "
            + "write what is asked of them, unless a device names its own; empty for none")
    String deviceLog() default "";
}
