package io.kelp.eventbus.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.AttributeType;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Settings of {@code io.kelp.eventbus}. */
@ObjectClassDefinition(name = "Kelp event bus", description = "Which MQTT broker is used, and how much may wait")
public @interface EventBusConfig {

    @AttributeDefinition(name = "External broker", description = "tcp://HOST:PORT or ssl://HOST:PORT; empty: the broker of this gateway")
    String externalUrl() default "";

    @AttributeDefinition(name = "Client id at the external broker", description = "Empty: kelp- and ten random digits")
    String clientId() default "";

    @AttributeDefinition(name = "User name at the external broker")
    String username() default "";

    @AttributeDefinition(name = "Password at the external broker", type = AttributeType.PASSWORD)
    String _password() default "";

    @AttributeDefinition(name = "CA of the external broker", description = "PEM file; empty: the CAs of the Java runtime")
    String tlsCaFile() default "";

    @AttributeDefinition(name = "Client certificate for the external broker", description = "PEM file; empty: none")
    String tlsCertificateFile() default "";

    @AttributeDefinition(name = "Client key for the external broker", description = "PEM file (PKCS #8)")
    String tlsKeyFile() default "";

    @AttributeDefinition(name = "Keep-alive at the external broker (s)", min = "5", max = "3600")
    int keepAliveSeconds() default 30;

    @AttributeDefinition(name = "First pause before connecting again (ms)", min = "100", max = "60000")
    int reconnectMillis() default 1_000;

    @AttributeDefinition(name = "Longest pause before connecting again (s)", min = "1", max = "3600")
    int reconnectMaxSeconds() default 15;

    @AttributeDefinition(name = "Messages waiting for handlers", description = "Further ones are dropped and counted", min = "100", max = "100000")
    int queueMessages() default 10_000;

    @AttributeDefinition(name = "Bytes waiting for handlers", min = "65536", max = "268435456")
    long queueBytes() default 8_388_608;

    @AttributeDefinition(name = "Messages waiting for the cloud", description = "While there is no link; the oldest gives way", min = "0", max = "100000")
    int uploadMessages() default 1_000;

    @AttributeDefinition(name = "Bytes waiting for the cloud", min = "0", max = "268435456")
    long uploadBytes() default 1_048_576;

    @AttributeDefinition(name = "Topics the cloud may subscribe", min = "1", max = "10000")
    int maxCloudTopics() default 1_000;
}
