package io.kelp.mapper.mqtt.internal.sparkplug;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Settings of the gateway as a Sparkplug B edge node. */
@ObjectClassDefinition(name = "Kelp Sparkplug B edge node", description = "The gateway tells its devices as an edge node, and takes commands for them")
public @interface PublisherConfig {

    @AttributeDefinition(name = "Broker", description = "tcp://HOST:PORT or ssl://HOST:PORT")
    String broker();

    @AttributeDefinition(name = "Group id", description = "Without / + and #")
    String group() default "kelp";

    @AttributeDefinition(name = "Edge node id", description = "Without / + and #; different for each gateway of the group")
    String node();

    @AttributeDefinition(name = "Primary host id", description = "Nothing is told while this host says that it is away (STATE); empty: at all times")
    String primaryHost() default "";

    @AttributeDefinition(name = "Namespaces", description = "Devices of these are told; empty: of all. A device of a namespace other than default is "
            + "called NAMESPACE.NAME")
    String[] namespaces() default {};

    @AttributeDefinition(name = "Commands", description = "Whether commands of hosts set desired values (DCMD)")
    boolean commands() default true;

    @AttributeDefinition(name = "User name")
    String username() default "";

    @AttributeDefinition(name = "Password file", description = "Name of a file in the secrets folder of io.kelp.mapper.mqtt's default, the folder mqtt "
            + "beside the gateway's configuration files")
    String passwordFile() default "";

    @AttributeDefinition(name = "CA", description = "Name of a PEM file in the secrets folder; empty: the CAs of the Java runtime")
    String caFile() default "";

    @AttributeDefinition(name = "Client certificate", description = "Name of a PEM file in the secrets folder; empty: none")
    String certFile() default "";

    @AttributeDefinition(name = "Client key", description = "Name of a PEM file (PKCS #8) in the secrets folder")
    String keyFile() default "";

    @AttributeDefinition(name = "Keep-alive (s)", min = "5", max = "3600")
    int keepAliveSeconds() default 30;

    @AttributeDefinition(name = "Gather changes for (ms)", min = "10", max = "10000", description = "Changes of a device within this time go in one message")
    int gatherMillis() default 100;

    @AttributeDefinition(name = "Largest message (bytes)", min = "1024", max = "16777216", description = "What the broker takes; a device with a larger "
            + "birth is not told")
    int mostMessageBytes() default 262_144;
}
