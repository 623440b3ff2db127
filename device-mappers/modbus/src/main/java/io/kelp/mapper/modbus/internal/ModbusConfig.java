package io.kelp.mapper.modbus.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Defaults of all Modbus devices; a device that says otherwise goes before. */
@ObjectClassDefinition(name = "Kelp Modbus mapper", description = "Defaults for Modbus devices that do not set these themselves")
public @interface ModbusConfig {

    @AttributeDefinition(name = "Time for an answer (ms)", min = "10", max = "30000")
    int timeoutMillis() default 1_000;

    @AttributeDefinition(name = "Time for a connection (ms)", min = "100", max = "30000")
    int connectTimeoutMillis() default 3_000;

    @AttributeDefinition(name = "Retries on serial lines", min = "0", max = "5",
            description = "How often a read without a good answer is asked again, on serial lines and RTU over TCP")
    int retries() default 1;

    @AttributeDefinition(name = "Largest block (registers)", min = "1", max = "125",
            description = "Most registers read by one request; of coils and discrete inputs 16 times as many")
    int maxBlock() default 125;

    @AttributeDefinition(name = "Largest gap (registers)", min = "0", max = "124",
            description = "Most unused registers read along to save a request; of coils and discrete inputs 16 times as many")
    int maxGap() default 8;

    @AttributeDefinition(name = "Pause between requests (ms)", min = "0", max = "10000")
    int pauseMillis() default 0;
}
