package io.kelp.edged.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Settings of the Node object. */
@ObjectClassDefinition(name = "Kelp edged", description = "The gateway's Node object")
public @interface NodeConfig {

    @AttributeDefinition(name = "Labels", description = "Further labels of the Node, each as key=value")
    String[] labels() default {};

    @AttributeDefinition(name = "Taint", description = "Whether the Node gets the taint kelp.io/no-container-engine:NoSchedule at registration")
    boolean taint() default true;

    @AttributeDefinition(name = "Renew the lease every (s)", min = "1", max = "30")
    int leaseSeconds() default 10;

    @AttributeDefinition(name = "Look at the status every (s)", min = "1", max = "3600")
    int statusSeconds() default 10;

    @AttributeDefinition(name = "Report the status at least every (s)", min = "10", max = "86400")
    int reportSeconds() default 300;

    @AttributeDefinition(name = "Answer deadline (s)", description = "For each request to the cloud", min = "1", max = "120")
    int answerSeconds() default 10;

    @AttributeDefinition(name = "Pods", description = "Capacity for pods where something runs them", min = "0", max = "1000")
    int maxPods() default 110;

    @AttributeDefinition(name = "Version", description = "Kubernetes and KubeEdge versions that this node is compatible with")
    String kubeletVersion() default "v1.34.4-kubeedge-v1.23.0";
}
