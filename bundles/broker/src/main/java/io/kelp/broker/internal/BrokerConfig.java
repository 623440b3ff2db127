package io.kelp.broker.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.AttributeType;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Settings of {@code io.kelp.broker}. */
@ObjectClassDefinition(name = "Kelp MQTT broker", description = "Where MQTT clients are served, and what they may cost")
public @interface BrokerConfig {

    @AttributeDefinition(name = "Address", description = "Loopback address for clients on this gateway. Clients elsewhere need the TLS address")
    String address() default "127.0.0.1";

    @AttributeDefinition(name = "Port", description = "0: any free port, -1: none", min = "-1", max = "65535")
    int port() default 1883;

    @AttributeDefinition(name = "Second port", description = "Same topics; some KubeEdge examples look here. 0: any free port, -1: none",
            min = "-1", max = "65535")
    int secondPort() default 1884;

    @AttributeDefinition(name = "TLS address", description = "Address for clients elsewhere, for example 0.0.0.0; empty: none. "
            + "Needs certificate, key, user name and password")
    String tlsAddress() default "";

    @AttributeDefinition(name = "TLS port", min = "0", max = "65535")
    int tlsPort() default 8883;

    @AttributeDefinition(name = "TLS certificate", description = "PEM file with the server's certificate and its chain")
    String tlsCertificateFile() default "";

    @AttributeDefinition(name = "TLS key", description = "PEM file with the private key (PKCS #8)")
    String tlsKeyFile() default "";

    @AttributeDefinition(name = "User name", description = "What clients elsewhere have to give")
    String username() default "";

    @AttributeDefinition(name = "Password", description = "At least 8 characters", type = AttributeType.PASSWORD)
    String _password() default "";

    @AttributeDefinition(name = "Clients on this gateway need the password too")
    boolean localPassword() default false;

    @AttributeDefinition(name = "Connections", min = "1", max = "100000")
    int maxConnections() default 2_000;

    @AttributeDefinition(name = "Longest packet (bytes)", min = "1024", max = "16777216")
    int maxPacketBytes() default 1_048_576;

    @AttributeDefinition(name = "Sessions", description = "Connected or not; a new one drives out the one that has been away longest",
            min = "1", max = "100000")
    int maxSessions() default 4_000;

    @AttributeDefinition(name = "Messages queued per client", description = "QoS 1 and 2; the oldest gives way", min = "1", max = "100000")
    int maxQueuedMessages() default 1_000;

    @AttributeDefinition(name = "Bytes queued per client", min = "16384", max = "268435456")
    long maxQueuedBytes() default 2_097_152;

    @AttributeDefinition(name = "Messages in flight per client", min = "1", max = "10000")
    int maxInflight() default 100;

    @AttributeDefinition(name = "Retained messages", min = "0", max = "1000000")
    int maxRetained() default 10_000;

    @AttributeDefinition(name = "Retained messages (bytes)", min = "0", max = "268435456")
    long maxRetainedBytes() default 4_194_304;

    @AttributeDefinition(name = "Subscriptions per client", min = "1", max = "10000")
    int maxSubscriptionsPerClient() default 200;

    @AttributeDefinition(name = "Subscriptions of all clients", min = "1", max = "1000000")
    int maxSubscriptions() default 20_000;

    @AttributeDefinition(name = "Topic levels", min = "8", max = "1000")
    int maxTopicLevels() default 64;

    @AttributeDefinition(name = "Bytes waiting for one client's socket", description = "Above it QoS 0 is dropped and QoS 1 and 2 wait in the queue",
            min = "16384", max = "16777216")
    int maxOutputBytes() default 262_144;

    @AttributeDefinition(name = "Bytes waiting for all clients", description = "Above it only clients without a backlog get more",
            min = "1048576", max = "1073741824")
    long maxBufferedBytes() default 8_388_608;

    @AttributeDefinition(name = "Write to the store every (ms)",
            description = "What waits for a client that is away is written at once", min = "10", max = "60000")
    int storeMillis() default 200;
}
