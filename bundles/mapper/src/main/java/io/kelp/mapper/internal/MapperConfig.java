package io.kelp.mapper.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Settings of the mapper runtime. */
@ObjectClassDefinition(name = "Kelp mappers", description = "How devices are polled, written and reported")
public @interface MapperConfig {

    @AttributeDefinition(name = "Threads", min = "1", max = "32",
            description = "Threads for healthy devices, and as many for those that do not answer")
    int threads() default 4;

    @AttributeDefinition(name = "Extra threads", min = "0", max = "128",
            description = "Threads that stand in, as long as it takes, for those that slow devices keep busy")
    int extraThreads() default 16;

    @AttributeDefinition(name = "Slow call (ms)", min = "10", max = "10000",
            description = "From when on another thread stands in for a call")
    int slowCallMillis() default 250;

    @AttributeDefinition(name = "Deadline of a call (ms)", min = "100", max = "60000",
            description = "When a device that has not answered counts as unreachable, if its mapper does not say otherwise")
    int deadlineMillis() default 5_000;

    @AttributeDefinition(name = "Shortest cycle (ms)", min = "1", max = "60000",
            description = "Shorter collect cycles are lengthened to this")
    int shortestCycleMillis() default 50;

    @AttributeDefinition(name = "First pause (ms)", min = "10", max = "60000",
            description = "Upper bound of the pause after the first failure of a device; doubles with each further one")
    int firstPauseMillis() default 1_000;

    @AttributeDefinition(name = "Longest pause (ms)", min = "100", max = "3600000",
            description = "Upper bound of the pause between attempts at a device that does not answer")
    int longestPauseMillis() default 30_000;

    @AttributeDefinition(name = "Shortest repeat (ms)", min = "1000", max = "86400000",
            description = "An unchanged value is reported again at its report cycle, but not more often than this; the key heartbeat of a property says otherwise")
    int shortestRepeatMillis() default 300_000;

    @AttributeDefinition(name = "Report to the cloud",
            description = "Whether a property that does not say reportToCloud is reported to the cloud. A stock cloud does not pass on a false.")
    boolean reportToCloudDefault() default true;

    @AttributeDefinition(name = "Most devices", min = "1", max = "10000")
    int mostDevices() default 2_000;
}
