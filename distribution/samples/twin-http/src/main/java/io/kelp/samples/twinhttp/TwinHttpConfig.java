package io.kelp.samples.twinhttp;

/** Environment variables of the container arrive as these properties; a file {@code /config/twin-http.json} goes above them and is followed. */
public @interface TwinHttpConfig {

    String greeting() default "Hello from a bundle.";

    /** Name of the device; its namespace is the pod's. */
    String device() default "counter-1";

    /** Property that is shown. */
    String shows() default "count";

    /** Property whose desired value is set. */
    String sets() default "status";
}
