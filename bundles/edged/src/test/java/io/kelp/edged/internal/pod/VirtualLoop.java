package io.kelp.edged.internal.pod;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;

/** The loop on a clock that the test moves: everything happens on the test's thread, in a known order. */
final class VirtualLoop implements Loop {

    private record Due(long at, long order, Runnable task) {}

    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final PriorityQueue<Due> timers = new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::order));
    private long nanos = 1_000_000_000L;
    private long order;
    private final Instant start = Instant.parse("2026-11-21T10:00:00Z");

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public Timer schedule(Runnable task, Duration delay) {
        Due due = new Due(nanos + Math.max(0, delay.toNanos()), order++, task);
        timers.add(due);
        return () -> timers.remove(due);
    }

    @Override
    public long nanos() {
        return nanos;
    }

    Instant now() {
        return start.plusNanos(nanos - 1_000_000_000L);
    }

    /** Runs what is to be done now. */
    void settle() {
        int steps = 0;
        while (!tasks.isEmpty()) {
            tasks.poll().run();
            if (++steps > 20_000) {
                throw new AssertionError("the loop does not come to rest");
            }
        }
    }

    /** Runs what is to be done within this time. */
    void pass(Duration time) {
        long end = nanos + time.toNanos();
        settle();
        while (!timers.isEmpty() && timers.peek().at <= end) {
            Due due = timers.poll();
            nanos = Math.max(nanos, due.at);
            due.task.run();
            settle();
        }
        nanos = end;
    }

    int timers() {
        return timers.size();
    }
}
