package io.kelp.control.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Settings of local commands, metrics and log levels; PID {@code io.kelp.control}. */
@ObjectClassDefinition(name = "Kelp control", description = "Local commands, metrics and log levels")
public @interface ControlConfig {

    @AttributeDefinition(name = "Time a command may take (s)", min = "1", max = "19",
            description = "kelp itself gives up after 20 s")
    int commandDeadlineSeconds() default 15;

    @AttributeDefinition(name = "Port of the metrics on 127.0.0.1", min = "0", max = "65535", description = "0 switches them off")
    int metricsPort() default 9091;

    @AttributeDefinition(name = "Port of the web console on 127.0.0.1", min = "1", max = "65535",
            description = "Used at the next kelp console on")
    int consolePort() default 8181;

    @AttributeDefinition(name = "Log levels", description = "LOGGER=LEVEL, for example io.kelp.edgehub=DEBUG; levels are ERROR, WARN, INFO, DEBUG")
    String[] logLevels() default {"io.kelp=INFO", "org.eclipse.jetty=WARN", "org.apache.felix=WARN", "org.eclipse.californium=ERROR"};
}
