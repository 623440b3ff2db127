package io.kelp.mapper.internal.install;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Settings of the installation of mappers. */
@ObjectClassDefinition(name = "Kelp mapper installation", description = "Installing, updating and removing device mappers")
public @interface InstallConfig {

    @AttributeDefinition(name = "Look into the drop folder every (ms)", min = "100", max = "3600000")
    int lookMillis() default 2_000;

    @AttributeDefinition(name = "Largest jar (MiB)", min = "1", max = "256")
    int mostMebibytes() default 32;

    @AttributeDefinition(name = "Most mappers", min = "1", max = "1000")
    int mostMappers() default 64;

    @AttributeDefinition(name = "Time for a driver to appear (s)", min = "1", max = "50",
            description = "A new mapper that offers no driver within this time is refused")
    int driverSeconds() default 5;
}
