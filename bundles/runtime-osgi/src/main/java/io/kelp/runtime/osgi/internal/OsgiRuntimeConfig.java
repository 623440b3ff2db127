package io.kelp.runtime.osgi.internal;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** Settings of the runtime of OSGi workloads; PID {@code io.kelp.runtime.osgi}. */
@ObjectClassDefinition(name = "Kelp OSGi workloads", description = "Images, and what pods made of bundles may use")
public @interface OsgiRuntimeConfig {

    @AttributeDefinition(name = "All images (MiB)", min = "8", max = "65536", description = "What pods use is kept, of the rest the least used goes first")
    int imagesMebibytes() default 256;

    @AttributeDefinition(name = "One image (MiB)", min = "1", max = "4096", description = "Larger ones are refused")
    int imageMebibytes() default 128;

    @AttributeDefinition(name = "Kept free on the file system (MiB)", min = "0", max = "65536")
    int reserveMebibytes() default 32;

    @AttributeDefinition(name = "Unused images are kept for (d)", min = "0", max = "3650", description = "0 keeps them until the room is needed")
    int unusedDays() default 30;

    @AttributeDefinition(name = "Images got at a time", min = "1", max = "16")
    int parallelPulls() default 3;

    @AttributeDefinition(name = "Registries without TLS", description = "HOST:PORT that may be spoken to in plain HTTP; anyone on the way can change what comes from there unless images are named by digest")
    String[] plainHttpRegistries() default {};

    @AttributeDefinition(name = "Proxy for registries", description = "http://HOST:PORT; empty: none")
    String proxy() default "";

    @AttributeDefinition(name = "Registries without the proxy", description = "Hosts, domains with a leading dot")
    String[] noProxy() default {};

    @AttributeDefinition(name = "Certificates of registries", description = "PEM file with certificates that are trusted beside Java's own; empty: none")
    String caFile() default "";

    @AttributeDefinition(name = "Memory for pods (MiB)", min = "0", max = "65536", description = "Sum of what pods may request; 0: the heap but for what the gateway itself needs")
    int memoryMebibytes() default 0;

    @AttributeDefinition(name = "Heap for the gateway itself (MiB)", min = "8", max = "4096", description = "Taken from the heap when the memory for pods is 0")
    int gatewayMebibytes() default 24;

    @AttributeDefinition(name = "Time a container may take to start (s)", min = "5", max = "3600")
    int startSeconds() default 60;

    @AttributeDefinition(name = "More packages for pods", description = "Exported by the gateway's bundles; what pods may use beside the built-in list")
    String[] packages() default {};

    @AttributeDefinition(name = "More services for pods", description = "Names of service interfaces of the gateway that pods may use beside the built-in list")
    String[] services() default {};

    @AttributeDefinition(name = "Native code", description = "Whether bundles of pods may bring native code, which can end the gateway's process")
    boolean nativeCode() default false;
}
