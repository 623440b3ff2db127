package io.kelp.metamanager.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Settings of the gateway's copy of Kubernetes objects. */
@ObjectClassDefinition(name = "Kelp meta manager", description = "The gateway's copy of Kubernetes objects")
public @interface MetaConfig {

    @AttributeDefinition(name = "Most objects", description = "More than these are refused", min = "10", max = "1000000")
    int maxObjects() default 5000;

    @AttributeDefinition(name = "Wait for the cloud's answer (s)", description = "When a pod needs an object that is not here",
            min = "1", max = "300")
    int queryTimeoutSeconds() default 20;

    @AttributeDefinition(name = "Keep unused ConfigMaps and Secrets (min)",
            description = "Those that no pod of this gateway refers to any more", min = "1", max = "10080")
    int keepUnusedMinutes() default 60;
}
