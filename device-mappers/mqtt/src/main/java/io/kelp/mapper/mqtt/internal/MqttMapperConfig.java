package io.kelp.mapper.mqtt.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Settings of the MQTT mapper. */
@ObjectClassDefinition(name = "Kelp MQTT device mapper", description = "Devices that speak MQTT or Sparkplug B")
public @interface MqttMapperConfig {

    @AttributeDefinition(name = "Broker of devices that name none",
            description = "tcp://HOST:PORT or ssl://HOST:PORT; empty: the broker of this gateway")
    String defaultBroker() default "";

    @AttributeDefinition(name = "User name at that broker")
    String defaultUsername() default "";

    @AttributeDefinition(name = "Password file for that broker", description = "Name of a file in the secrets folder")
    String defaultPasswordFile() default "";

    @AttributeDefinition(name = "CA of that broker", description = "Name of a PEM file in the secrets folder; empty: the CAs of the Java runtime")
    String defaultCaFile() default "";

    @AttributeDefinition(name = "Secrets folder", description = "Where password, CA and certificate files of devices are; "
            + "empty: the folder mqtt beside the gateway's configuration files")
    String secretsFolder() default "";

    @AttributeDefinition(name = "Keep-alive (s)", min = "5", max = "3600")
    int keepAliveSeconds() default 30;

    @AttributeDefinition(name = "First pause before connecting again (ms)", min = "100", max = "60000")
    int reconnectMillis() default 1_000;

    @AttributeDefinition(name = "Longest pause before connecting again (s)", min = "1", max = "3600")
    int reconnectMaxSeconds() default 15;

    @AttributeDefinition(name = "Largest packet (bytes)", min = "1024", max = "16777216",
            description = "Of a message with its topic, in and out; a larger one ends the connection")
    int mostPacketBytes() default 1_048_576;
}
