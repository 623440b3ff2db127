package io.kelp.edged.internal.fake;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.Delayed;

/** A serial executor and a monotonic clock that go on when the test says so. Tasks come from any thread and run on the test's. */
public final class ManualTime extends ScheduledThreadPoolExecutor {

    private final class Task extends FutureTask<Void> implements RunnableScheduledFuture<Void> {
        private final long at;
        private final long number;

        Task(Runnable task, long at, long number) {
            super(task, null);
            this.at = at;
            this.number = number;
        }

        @Override
        public boolean isPeriodic() {
            return false;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(at - now, TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            Task task = (Task) other;
            return at != task.at ? Long.compare(at, task.at) : Long.compare(number, task.number);
        }
    }

    private final PriorityQueue<Task> later = new PriorityQueue<>();
    private final ArrayDeque<Runnable> queue = new ArrayDeque<>();
    private volatile long now = 1_000_000_000_000L;
    private long numbers;

    public ManualTime() {
        super(0);
    }

    public long nanos() {
        return now;
    }

    @Override
    public synchronized void execute(Runnable task) {
        queue.add(task);
        notifyAll();
    }

    @Override
    public synchronized ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
        Task planned = new Task(task, now + unit.toNanos(delay), numbers++);
        later.add(planned);
        return planned;
    }

    /** Runs what is there now, and what that brings, without time passing. */
    public void settle() {
        for (Runnable task = due(); task != null; task = due()) {
            task.run();
        }
    }

    /** Waits for tasks of other threads until the condition holds. */
    public void settleUntil(java.util.function.BooleanSupplier condition, Duration within) throws InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        for (settle(); !condition.getAsBoolean(); settle()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within " + within);
            }
            synchronized (this) {
                if (queue.isEmpty()) {
                    wait(5);
                }
            }
        }
    }

    private synchronized Runnable due() {
        if (!queue.isEmpty()) {
            return queue.remove();
        }
        while (!later.isEmpty() && later.peek().isCancelled()) {
            later.remove();
        }
        return !later.isEmpty() && later.peek().at <= now ? later.remove() : null;
    }

    /** Lets time pass, running what comes due at its time. */
    public void pass(Duration time) {
        settle();
        long end = now + time.toNanos();
        while (true) {
            synchronized (this) {
                Task next = later.peek();
                if (next == null || next.at > end) {
                    break;
                }
                now = Math.max(now, next.at);
            }
            settle();
        }
        now = end;
        settle();
    }

    /** The machine was suspended: time has passed and nothing ran. */
    public void sleep(Duration time) {
        now += time.toNanos();
    }

    /** How many tasks are planned for later. */
    public synchronized int planned() {
        List<Task> alive = new ArrayList<>(later);
        alive.removeIf(Task::isCancelled);
        return alive.size();
    }
}
