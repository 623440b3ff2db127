package io.kelp.runtime.osgi.internal.process;

import io.kelp.edged.WorkloadContainer.Exit;
import io.kelp.runtime.osgi.internal.usage.Culprits;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides about threads that outlive their container. Those that wait cost some memory and are left alone; one
 * that computes takes a processor from the others for ever, for which the Java machine is started anew.
 */
final class StuckThreads {

    private static final Logger LOG = LoggerFactory.getLogger(StuckThreads.class);
    private static final Duration LOOK = Duration.ofSeconds(2);
    private static final double COMPUTES = 0.25; // share of a processor

    private final Culprits culprits;
    private final Consumer<String> restart;
    private final ThreadMXBean bean = ManagementFactory.getThreadMXBean();

    StuckThreads(Culprits culprits, Consumer<String> restart) {
        this.culprits = culprits;
        this.restart = restart;
    }

    /** Looks on for a moment, on a thread of its own, and decides. */
    void stuck(WatchedContainer container, List<Thread> threads) {
        Thread looking = new Thread(container.threads().getParent(), () -> {
            try {
                judge(container, threads);
            } catch (InterruptedException e) {
                LOG.debug("the gateway stops, nothing more to decide about {}", container);
            }
        }, "kelp-stuck " + container);
        looking.setDaemon(true);
        looking.setContextClassLoader(null);
        looking.start();
    }

    private void judge(WatchedContainer container, List<Thread> threads) throws InterruptedException {
        long before = cpuNanos(threads);
        long began = System.nanoTime();
        for (Thread thread : threads) {
            thread.join(Math.max(1, LOOK.minusNanos(System.nanoTime() - began).toMillis())); // until the end of the look, or its own
        }
        List<Thread> left = threads.stream().filter(Thread::isAlive).toList();
        if (left.isEmpty()) {
            LOG.info("the last threads of {} have ended after all", container);
            return;
        }
        StackTraceElement[] stack = left.get(0).getStackTrace();
        String where = left.get(0).getName() + (stack.length == 0 ? "" : " in " + stack[0]);
        if (cpuNanos(left) - before < COMPUTES * (System.nanoTime() - began)) {
            LOG.warn("{} threads of {} wait for something and cannot be ended ({}); they stay until the gateway is restarted", left.size(), container, where);
            return;
        }
        Exit exit = new Exit(137, "ContainerCannotStop", "a thread that cannot be ended went on computing (" + where + "); the gateway was started anew", Instant.now());
        culprits.convict(container.spec(), exit);
        restart.accept("a thread of " + container + " cannot be ended and goes on computing (" + where + ")");
    }

    private long cpuNanos(List<Thread> threads) {
        return threads.stream().mapToLong(thread -> Math.max(0, bean.getThreadCpuTime(thread.getId()))).sum();
    }
}
