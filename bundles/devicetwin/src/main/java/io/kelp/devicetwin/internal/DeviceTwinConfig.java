package io.kelp.devicetwin.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** Settings of the twins. */
@ObjectClassDefinition(name = "Kelp device twins", description = "Limits and timing of the twins of devices")
public @interface DeviceTwinConfig {

    @AttributeDefinition(name = "Characters in values", description = "Which values MQTT clients may send; STRICT is what KubeEdge accepts",
            options = {@Option(label = "as KubeEdge: letters, digits and - _ . , : / @ #", value = "STRICT"),
                    @Option(label = "all but control characters", value = "RELAXED")})
    String valueCharset() default "STRICT";

    @AttributeDefinition(name = "Devices at most", min = "1", max = "100000")
    int maxDevices() default 1000;

    @AttributeDefinition(name = "Twins per device at most", min = "1", max = "10000")
    int maxTwinsPerDevice() default 1024;

    @AttributeDefinition(name = "Longest request of an MQTT client (bytes)", min = "1024", max = "16777216")
    int maxRequestBytes() default 262_144;

    @AttributeDefinition(name = "Inputs waiting at most", description = "Further ones are dropped and counted", min = "100", max = "1000000")
    int queueCapacity() default 10_000;

    @AttributeDefinition(name = "Send again what the cloud has not confirmed after (s)", min = "1", max = "600")
    int retrySeconds() default 15;

    @AttributeDefinition(name = "Time between two messages about a device (ms)",
            description = "Towards a Kelp cloud; values that come faster go together, the newest of each property", min = "20", max = "10000")
    int spacingMillis() default 200;

    @AttributeDefinition(name = "Compare twins with the Device object after (ms)",
            description = "Towards a KubeEdge cloud, which also sends the change by itself", min = "0", max = "60000")
    int compareMillis() default 250;
}
