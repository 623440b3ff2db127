package io.kelp.edged.internal.pod;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Settings of the pods of this gateway. */
@ObjectClassDefinition(name = "Kelp edged: pods", description = "How the gateway runs pods")
public @interface PodConfig {

    @AttributeDefinition(name = "Pods at most", description = "Further pods are refused with reason OutOfpods", min = "0", max = "1000")
    int maxPods() default 110;

    @AttributeDefinition(name = "Wait for a runtime (s)", description = "Before a pod is told that nothing here can run it", min = "0", max = "3600")
    int runtimeWaitSeconds() default 30;

    @AttributeDefinition(name = "Problem after (min)", description = "How long a pod may fail before it is shown as a problem of the gateway", min = "1", max = "1440")
    int problemMinutes() default 5;

    @AttributeDefinition(name = "Folders for hostPath", description = "Folders under which hostPath volumes may lie; empty for all but the gateway's own")
    String[] hostPathAllowed() default {};

    @AttributeDefinition(name = "Folder of static pods", description = "Each file in it is a Pod; empty for manifests in the folder of settings")
    String manifests() default "";

    @AttributeDefinition(name = "Look for static pods every (s)", min = "1", max = "3600")
    int manifestSeconds() default 20;
}
