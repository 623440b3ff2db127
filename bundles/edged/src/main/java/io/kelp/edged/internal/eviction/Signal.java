package io.kelp.edged.internal.eviction;

/** What can run short on the node, with the words that kubelets have for it. */
public enum Signal {

    MEMORY("MemoryPressure", "memory", "memory.available"),
    DISK("DiskPressure", "ephemeral-storage", "nodefs.available"),
    PIDS("PIDPressure", "pids", "pid.available");

    private final String condition;
    private final String resource;
    private final String threshold;

    Signal(String condition, String resource, String threshold) {
        this.condition = condition;
        this.resource = resource;
        this.threshold = threshold;
    }

    /** Type of the Node condition. */
    public String condition() {
        return condition;
    }

    /** Name of the resource in requests of containers and in messages. */
    public String resource() {
        return resource;
    }

    /** Name of the signal in Events. */
    public String threshold() {
        return threshold;
    }
}
