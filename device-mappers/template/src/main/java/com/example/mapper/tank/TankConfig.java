package com.example.mapper.tank;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Settings of all tanks: the file etc/com.example.mapper.tank.json on the gateway, or a form on its console. Must be public. */
@ObjectClassDefinition(name = "Tank mapper", description = "Tanks that speak lines of text")
public @interface TankConfig {

    @AttributeDefinition(name = "Deadline (ms)", min = "100", max = "60000", description = "When a tank that has not answered counts as unreachable")
    int deadlineMillis() default 2_000;
}
