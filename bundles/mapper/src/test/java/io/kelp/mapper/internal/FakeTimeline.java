package io.kelp.mapper.internal;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** Time that passes only when the test says so; drivers are called on it, too, and may take time. */
final class FakeTimeline implements Timeline, Workers {

    private record Task(long at, long order, Runnable body, boolean[] cancelled) {}

    private final PriorityQueue<Task> tasks = new PriorityQueue<>(
            Comparator.comparingLong(Task::at).thenComparingLong(Task::order));
    private long now = 1_000_000_000_000L;
    private long order;
    Supplier<Duration> callTime = () -> Duration.ZERO;
    int renewed;

    @Override
    public long nanos() {
        return now;
    }

    @Override
    public Instant now() {
        return Instant.ofEpochSecond(0, now);
    }

    @Override
    public void run(Runnable task) {
        after(Duration.ZERO, task);
    }

    @Override
    public Alarm after(Duration delay, Runnable task) {
        boolean[] cancelled = new boolean[1];
        tasks.add(new Task(now + delay.toNanos(), order++, task, cancelled));
        return () -> cancelled[0] = true;
    }

    void pass(Duration time) {
        long end = now + time.toNanos();
        while (!tasks.isEmpty() && tasks.peek().at() <= end) {
            Task task = tasks.poll();
            now = Math.max(now, task.at());
            if (!task.cancelled()[0]) {
                task.body().run();
            }
        }
        now = end;
    }

    @Override
    public <T> void call(boolean suspected, Duration deadline, Callable<T> body, Result<T> result) {
        Duration takes = callTime.get();
        after(takes.compareTo(deadline) > 0 ? deadline : takes, () -> {
            T value = null;
            Throwable failure = null;
            try {
                value = body.call();
            } catch (Exception e) { // whatever a test driver throws
                failure = e;
            }
            if (takes.compareTo(deadline) > 0) {
                T late = value;
                after(Duration.ofMillis(500), () -> {
                    result.hung();
                    after(takes.minus(deadline), () -> result.failed(new java.util.concurrent.TimeoutException("late"), late));
                });
            } else if (failure != null) {
                result.failed(failure, null);
            } else {
                result.done(value);
            }
        });
    }

    @Override
    public void renew() {
        renewed++;
    }
}
