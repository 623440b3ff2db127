package io.kelp.runtime.osgi.internal.usage;

import com.sun.management.ThreadMXBean;
import io.kelp.edged.WorkloadContainer.Usage;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What the threads of a container have used. Threads are asked one by one, so what one uses between the last
 * sample and its end is missed: samples are taken each some seconds. Safe for use by several threads.
 */
public final class UsageMeter {

    private static final long FRESH_NANOS = 1_000_000_000;

    private final ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final Supplier<List<Thread>> threads;
    private final LongSupplier nanoTime;
    private Map<Long, long[]> living = Map.of(); // id → processor nanoseconds, bytes
    private long endedCpu;
    private long endedBytes;
    private long sampledAt;
    private Usage last;

    /** @param threads those that live now */
    public UsageMeter(Supplier<List<Thread>> threads, LongSupplier nanoTime) {
        this.threads = threads;
        this.nanoTime = nanoTime;
    }

    /** At most a second old. */
    public synchronized Usage usage() {
        return last != null && nanoTime.getAsLong() - sampledAt < FRESH_NANOS ? last : sample();
    }

    /** As it is now; costs some microseconds. */
    public synchronized Usage sample() {
        long[] ids = threads.get().stream().mapToLong(Thread::getId).toArray();
        long[] cpu = bean.getThreadCpuTime(ids);
        long[] bytes = bean.getThreadAllocatedBytes(ids);
        Map<Long, long[]> now = new HashMap<>();
        long cpuSum = 0;
        long bytesSum = 0;
        for (int i = 0; i < ids.length; i++) {
            if (cpu[i] >= 0 && bytes[i] >= 0) { // else it has ended meanwhile
                now.put(ids[i], new long[] {cpu[i], bytes[i]});
                cpuSum += cpu[i];
                bytesSum += bytes[i];
            }
        }
        living.forEach((id, used) -> {
            if (!now.containsKey(id)) {
                endedCpu += used[0];
                endedBytes += used[1];
            }
        });
        living = now;
        sampledAt = nanoTime.getAsLong();
        last = new Usage(cpuSum + endedCpu, bytesSum + endedBytes, now.size());
        return last;
    }
}
