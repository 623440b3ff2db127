package io.kelp.push.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** What an operator can tune about push. */
@ObjectClassDefinition(name = "Kelp push", description = "Values of properties to the HTTP servers and MQTT brokers that devices name (pushMethod)")
public @interface PushConfig {

    @AttributeDefinition(name = "Format", options = {@Option(label = "as KubeEdge's mappers", value = "kubeedge"), @Option(label = "one JSON object per value", value = "json")})
    String format() default "kubeedge";

    @AttributeDefinition(name = "Values kept per destination", min = "100", max = "1000000",
            description = "While a destination cannot be reached; beyond that the oldest is dropped and counted")
    int capacity() default 20_000;

    @AttributeDefinition(name = "Drop after (h)", min = "1", max = "8760", description = "Values that no destination took for so long")
    int purgeHours() default 168;

    @AttributeDefinition(name = "In flight per destination", min = "1", max = "64",
            description = "Values sent at the same time; never two of one property")
    int inFlight() default 2;

    @AttributeDefinition(name = "Values per second and destination", min = "1", max = "10000")
    int ratePerSecond() default 100;

    @AttributeDefinition(name = "Deadline of one value (ms)", min = "100", max = "60000", description = "Where the device names none")
    int timeoutMillis() default 5000;

    @AttributeDefinition(name = "First pause after a failure (ms)", min = "10", max = "600000")
    int firstPauseMillis() default 1000;

    @AttributeDefinition(name = "Longest pause (ms)", min = "10", max = "3600000", description = "The pause doubles with each failure up to this")
    int longestPauseMillis() default 60_000;

    @AttributeDefinition(name = "Threads", min = "1", max = "64", description = "At most, for all destinations; they end when nothing is sent")
    int threads() default 6;

    @AttributeDefinition(name = "Destinations", min = "1", max = "1000", description = "Further ones get nothing; kelp status says so")
    int mostDestinations() default 50;

    @AttributeDefinition(name = "Certificates of authorities (file)", description = "PEM, for https and mqtts; empty: those of the Java runtime")
    String caFile() default "";
}
