package io.kelp.edgehub.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Settings of the link; {@code kelp join} writes the first five. */
@ObjectClassDefinition(name = "Kelp edge hub", description = "The link to the cloud")
public @interface HubConfig {

    @AttributeDefinition(name = "Cloud", description = "Host name or address of the cloud service, as its certificate has it")
    String cloud() default "";

    @AttributeDefinition(name = "Hub port", description = "Port of the message channel", min = "1", max = "65535")
    int hubPort() default 10000;

    @AttributeDefinition(name = "Join port", description = "Port for certificates", min = "1", max = "65535")
    int joinPort() default 10002;

    @AttributeDefinition(name = "Node name", description = "Name of the Kubernetes Node; the certificate decides")
    String nodeName() default "";

    @AttributeDefinition(name = "Interface",
            description = "Network interface whose address the Node gets; empty: the one towards the cloud")
    String interface$() default "";

    @AttributeDefinition(name = "Heartbeat (s)", description = "Between two keepalives; a stock cloud hangs up after 30 s",
            min = "1", max = "25")
    int heartbeatSeconds() default 15;

    @AttributeDefinition(name = "Ping every (s)", min = "1", max = "300")
    int pingSeconds() default 10;

    @AttributeDefinition(name = "Pong deadline (s)", description = "Silence after a ping that ends the link", min = "1", max = "300")
    int pongDeadlineSeconds() default 10;

    @AttributeDefinition(name = "Write deadline (s)", description = "Time for the network to take a message", min = "1", max = "300")
    int writeDeadlineSeconds() default 15;

    @AttributeDefinition(name = "Connect deadline (s)", min = "1", max = "120")
    int connectDeadlineSeconds() default 15;

    @AttributeDefinition(name = "Longest wait between redials (ms)", min = "100", max = "600000")
    int redialCapMillis() default 8000;

    @AttributeDefinition(name = "Wait for hello (ms)",
            description = "A cloud that says nothing for so long is treated as a stock one", min = "50", max = "10000")
    int helloWaitMillis() default 500;

    @AttributeDefinition(name = "Longest message (characters)", min = "65536", max = "67108864")
    int maxMessageCharacters() default 4_194_304;

    @AttributeDefinition(name = "Outbox (messages)", description = "Messages that may wait for the network", min = "100", max = "100000")
    int outboxMessages() default 2000;

    @AttributeDefinition(name = "Outbox (characters)", min = "65536", max = "268435456")
    int outboxCharacters() default 8_000_000;

    @AttributeDefinition(name = "Rate to a stock cloud (messages/s)", min = "1", max = "10000")
    int stockMessagesPerSecond() default 30;

    @AttributeDefinition(name = "Burst to a stock cloud (messages)", min = "1", max = "10000")
    int stockBurst() default 60;

    @AttributeDefinition(name = "Rate to a Kelp cloud (messages/s)", min = "1", max = "100000")
    int kelpMessagesPerSecond() default 2000;

    @AttributeDefinition(name = "Burst to a Kelp cloud (messages)", min = "1", max = "100000")
    int kelpBurst() default 4000;

    @AttributeDefinition(name = "Look at the certificate every (s)", description = "To see whether it must be renewed",
            min = "1", max = "86400")
    int certificateCheckSeconds() default 300;
}
