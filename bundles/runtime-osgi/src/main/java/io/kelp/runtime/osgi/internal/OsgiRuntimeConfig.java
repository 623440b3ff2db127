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

    @AttributeDefinition(name = "Log file of a container (MiB)", min = "1", max = "1024", description = "Set aside when it is that large")
    int logMebibytes() default 1;

    @AttributeDefinition(name = "Log files of a container", min = "1", max = "100", description = "The current one included")
    int logFiles() default 3;

    @AttributeDefinition(name = "Log of a container per second (KiB)", min = "1", max = "65536", description = "What a container logs beyond that for long is dropped, which its log says; flash wears out")
    int logKibibytesPerSecond() default 32;

    @AttributeDefinition(name = "Measured each (s)", min = "1", max = "300", description = "Processor time, allocation and threads of containers")
    int sampleSeconds() default 10;

    @AttributeDefinition(name = "Threads of a container", min = "1", max = "10000", description = "One with more is ended")
    int threads() default 200;

    @AttributeDefinition(name = "Heap that counts as full (%)", min = "50", max = "99", description = "In use after a collection; the container that has allocated most is ended then")
    int heapPercent() default 90;

    @AttributeDefinition(name = "More packages for pods", description = "Exported by the gateway's bundles; what pods may use beside the built-in list")
    String[] packages() default {};

    @AttributeDefinition(name = "More services for pods", description = "Names of service interfaces of the gateway that pods may use beside the built-in list")
    String[] services() default {};

    @AttributeDefinition(name = "Native code", description = "Whether bundles of pods may bring native code, which can end the gateway's process")
    boolean nativeCode() default false;
}
