package io.kelp.cloud.web;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.LinkedHashMap;
import java.util.Map;

/** Memory, threads and collections of this JVM. */
public final class JvmMetrics {

    private JvmMetrics() {}

    public static Map<String, Long> values() {
        Map<String, Long> values = new LinkedHashMap<>();
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        values.put("kelp_jvm_heap_used_bytes", heap.getUsed());
        values.put("kelp_jvm_heap_committed_bytes", heap.getCommitted());
        values.put("kelp_jvm_threads", (long) ManagementFactory.getThreadMXBean().getThreadCount());
        long millis = 0;
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            millis += Math.max(0, collector.getCollectionTime());
        }
        values.put("kelp_jvm_gc_milliseconds_total", millis);
        values.put("kelp_jvm_uptime_milliseconds", ManagementFactory.getRuntimeMXBean().getUptime());
        return values;
    }
}
