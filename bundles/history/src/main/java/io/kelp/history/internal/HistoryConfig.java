package io.kelp.history.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What an operator can tune about history. */
@ObjectClassDefinition(name = "Kelp history", description = "What the properties of devices were, on this gateway")
public @interface HistoryConfig {

    @AttributeDefinition(name = "Size on the disk (KiB)", min = "256", max = "1048576",
            description = "Of all histories together; the oldest is overwritten")
    int totalKibibytes() default 16_384;

    @AttributeDefinition(name = "Days kept at most", min = "1", max = "3650",
            description = "Days of operation, so that a clock that jumps removes nothing; less where the size is reached first")
    int days() default 365;

    @AttributeDefinition(name = "Wear of the flash (KiB/h)", min = "64", max = "1048576",
            description = "Bytes written to the file system at most; values that come faster are joined to minimum, mean and maximum")
    int writeKibibytesPerHour() default 8192;

    @AttributeDefinition(name = "Share of one property (%)", min = "1", max = "100",
            description = "Of what is written at once, so that one property that changes often leaves room for the others")
    int propertyPercent() default 10;

    @AttributeDefinition(name = "Properties", min = "1", max = "20000",
            description = "Further ones have no history; kelp status says how many")
    int mostProperties() default 4000;

    @AttributeDefinition(name = "Forget removed devices after (h)", min = "1", max = "8760",
            description = "Hours of operation; until then a device of the same name goes on with the history")
    int forgetHours() default 24;
}
