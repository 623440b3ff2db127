package io.kelp.edged.internal.pod;

import io.kelp.edged.internal.Machine;
import io.kelp.edged.internal.env.NodeFacts;
import io.kelp.edgehub.GatewayIdentity;

/** What pods may know of the gateway. */
final class GatewayFacts implements NodeFacts {

    private static final double DISK_SHARE = 0.9; // the rest is the limit of disk pressure
    private final GatewayIdentity identity;
    private final Machine machine;
    private final Runtimes runtimes;

    GatewayFacts(GatewayIdentity identity, Machine machine, Runtimes runtimes) {
        this.identity = identity;
        this.machine = machine;
        this.runtimes = runtimes;
    }

    @Override
    public String name() {
        return identity.nodeName();
    }

    @Override
    public String address() {
        return identity.nodeAddress();
    }

    @Override
    public long allocatableCpuMillis() {
        return machine.processors() * 1000L;
    }

    @Override
    public long allocatableMemoryBytes() {
        return runtimes.all().stream().mapToLong(h -> h.runtime().memoryBytes()).sum();
    }

    @Override
    public long allocatableStorageBytes() {
        return (long) (machine.diskTotalBytes() * DISK_SHARE);
    }
}
