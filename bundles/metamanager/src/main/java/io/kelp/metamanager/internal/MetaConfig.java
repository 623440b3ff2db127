package io.kelp.metamanager.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Settings of the gateway's copy of Kubernetes objects. */
@ObjectClassDefinition(name = "Kelp meta manager", description = "The gateway's copy of Kubernetes objects")
public @interface MetaConfig {

    @AttributeDefinition(name = "Most objects", description = "More than these are refused", min = "10", max = "1000000")
    int maxObjects() default 5000;
}
