package io.kelp.runtime.osgi.internal.usage;

import io.kelp.runtime.osgi.internal.ContainerGroup;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Finds containers that hold a monitor which threads of the gateway wait for, as that of a class of the JDK: while
 * {@link Thread}'s is held nobody can start a thread. Makes none itself. Not safe for use by several threads.
 */
final class LockWatch {

    private final ThreadMXBean bean = ManagementFactory.getThreadMXBean();
    private final ThreadGroup gateway;
    private Set<Long> before = Set.of();

    /** @param gateway group in which all threads of gateway and containers are */
    LockWatch(ThreadGroup gateway) {
        this.gateway = gateway;
    }

    /** Name of the container and what it holds, for those that were found in this look and in the one before. */
    Map<ContainerGroup, String> look() {
        Map<Long, Thread> threads = new HashMap<>();
        Thread[] found = new Thread[2 * gateway.activeCount() + 8];
        Arrays.stream(found, 0, gateway.enumerate(found, true)).forEach(thread -> threads.put(thread.getId(), thread));
        long[] waiting = threads.values().stream().filter(t -> t.getState() == Thread.State.BLOCKED && ContainerGroup.of(t.getThreadGroup()) == null)
                .mapToLong(Thread::getId).toArray();
        Map<ContainerGroup, String> held = new HashMap<>();
        Set<Long> now = new HashSet<>();
        for (ThreadInfo info : waiting.length == 0 ? new ThreadInfo[0] : bean.getThreadInfo(waiting)) {
            Thread owner = info == null ? null : threads.get(info.getLockOwnerId());
            ContainerGroup group = owner == null ? null : ContainerGroup.of(owner.getThreadGroup());
            if (group != null) {
                now.add(info.getThreadId());
                if (before.contains(info.getThreadId())) {
                    held.put(group, "its thread " + owner.getName() + " holds the lock of " + info.getLockName() + ", which thread "
                            + info.getThreadName() + " of the gateway waits for");
                }
            }
        }
        before = now;
        return held;
    }

    /** Whether the last look found any, which the next may find again. */
    boolean suspects() {
        return !before.isEmpty();
    }
}
