package io.kelp.mapper.simulator.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Settings of the simulator mapper. */
@ObjectClassDefinition(name = "Kelp simulator mapper", description = "Devices that live in memory, for demonstrations, tests and load")
public @interface SimulatorConfig {

    @AttributeDefinition(name = "Longest fault (s)", min = "1", max = "86400",
            description = "A fault on demand ends by itself after this time, whatever was asked")
    int longestFaultSeconds() default 3_600;

    @AttributeDefinition(name = "Most rows of a CSV file", min = "1", max = "1000000", description = "Larger files are refused")
    int mostRows() default 100_000;
}
