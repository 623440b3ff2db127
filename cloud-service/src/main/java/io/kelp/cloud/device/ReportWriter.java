package io.kelp.cloud.device;

import io.kelp.cloud.kube.KubeException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings reports to the API server: a first change at once, then a device at most once per interval,
 * all devices within a budget that the nodes share in turns. One write per device is in flight. All but
 * {@link #submit} happens in the executor.
 */
final class ReportWriter {

    /** Writes one batch of one device. */
    interface Target {
        CompletionStage<?> write(DeviceReports reports, DeviceReports.Batch batch);
    }

    private static final Logger LOG = LoggerFactory.getLogger(ReportWriter.class);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long TOO_MANY_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final class Pace {
        long lastStart;
        int failures;
        String lastProblem;
    }

    private final Target target;
    private final ScheduledExecutorService executor;
    private final long intervalNanos;
    private final int parallel;
    private final WriteBudget budget;
    private final Map<String, Queue<DeviceReports>> ready = new LinkedHashMap<>();
    private final Map<DeviceReports, Pace> paces = new HashMap<>();
    private final AtomicLong writes = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private int inFlight;
    private boolean pumpScheduled;
    private long notBefore = System.nanoTime();

    /**
     * @param interval least time between the starts of two writes of one device
     * @param writesPerSecond of the whole installation, at least 1
     * @param parallel writes in flight at a time, at least 1
     */
    ReportWriter(Target target, ScheduledExecutorService executor, Duration interval, int writesPerSecond, int parallel) {
        this.target = target;
        this.executor = executor;
        this.intervalNanos = interval.toNanos();
        this.parallel = parallel;
        this.budget = new WriteBudget(writesPerSecond, System.nanoTime());
    }

    /** A device has something to be written. Called once until {@link DeviceReports#isMoreWaiting} says that nothing is left. */
    void submit(DeviceReports reports) {
        executor.execute(() -> {
            enqueue(reports);
            pump();
        });
    }

    /** A device is gone. */
    void forget(DeviceReports reports) {
        executor.execute(() -> paces.remove(reports));
    }

    long writes() {
        return writes.get();
    }

    long failures() {
        return failures.get();
    }

    private void enqueue(DeviceReports reports) {
        Pace pace = paces.get(reports);
        long wait = pace == null ? 0 : pace.lastStart + pauseOf(pace) - System.nanoTime();
        if (wait > 0) {
            executor.schedule(() -> {
                ready(reports);
                pump();
            }, wait, TimeUnit.NANOSECONDS);
        } else {
            ready(reports);
        }
    }

    private long pauseOf(Pace pace) {
        return pace.failures == 0 ? intervalNanos
                : Math.min(LONGEST_PAUSE_NANOS, TimeUnit.SECONDS.toNanos(1) << Math.min(pace.failures - 1, 5));
    }

    private void ready(DeviceReports reports) {
        ready.computeIfAbsent(reports.node(), node -> new ArrayDeque<>()).add(reports);
    }

    private void pump() {
        while (inFlight < parallel && !ready.isEmpty()) {
            long now = System.nanoTime();
            long wait = now < notBefore ? notBefore - now : budget.take(now);
            if (wait > 0) {
                if (!pumpScheduled) {
                    pumpScheduled = true;
                    executor.schedule(() -> {
                        pumpScheduled = false;
                        pump();
                    }, wait, TimeUnit.NANOSECONDS);
                }
                return;
            }
            write(next());
        }
    }

    /** The nodes take turns, so that one with many devices does not make the others wait. */
    private DeviceReports next() {
        Iterator<Map.Entry<String, Queue<DeviceReports>>> nodes = ready.entrySet().iterator();
        Map.Entry<String, Queue<DeviceReports>> node = nodes.next();
        nodes.remove();
        DeviceReports reports = node.getValue().remove();
        if (!node.getValue().isEmpty()) {
            ready.put(node.getKey(), node.getValue());
        }
        return reports;
    }

    private void write(DeviceReports reports) {
        inFlight++;
        Pace pace = paces.computeIfAbsent(reports, r -> new Pace());
        pace.lastStart = System.nanoTime();
        DeviceReports.Batch batch = reports.take();
        writes.incrementAndGet();
        if (!batch.state().isEmpty()) {
            budget.charge(); // it is written to the Device as well
        }
        target.write(reports, batch).whenCompleteAsync((done, problem) -> {
            inFlight--;
            if (problem == null) {
                pace.failures = 0;
                pace.lastProblem = null;
                batch.confirmations().forEach(Runnable::run);
            } else {
                failed(reports, batch, pace, problem);
            }
            if (reports.isMoreWaiting()) {
                enqueue(reports);
            }
            pump();
        }, executor);
    }

    private void failed(DeviceReports reports, DeviceReports.Batch batch, Pace pace, Throwable problem) {
        failures.incrementAndGet();
        pace.failures++;
        reports.giveBack(batch);
        Throwable cause = problem instanceof CompletionException && problem.getCause() != null ? problem.getCause() : problem;
        if (cause instanceof KubeException refused && refused.code() == 429) {
            notBefore = System.nanoTime() + TOO_MANY_PAUSE_NANOS;
        }
        if (!String.valueOf(cause.getMessage()).equals(pace.lastProblem)) {
            pace.lastProblem = String.valueOf(cause.getMessage());
            LOG.warn("The values of device {}/{} cannot be written ({}); they are kept and written when it works again.",
                    reports.namespace(), reports.name(), pace.lastProblem);
        }
    }
}
