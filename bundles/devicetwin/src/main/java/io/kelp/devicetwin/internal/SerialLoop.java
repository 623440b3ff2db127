package io.kelp.devicetwin.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * One thread, a bounded queue of inputs, and timers. Inputs that have gathered are handed over together, so that what
 * they write can be written together; patient ones are given a moment to gather. Ends with {@link #close}.
 */
final class SerialLoop<T> implements AutoCloseable {

    private static final int MOST_AT_ONCE = 256;
    private static final int RESERVED = 1024;
    /** How long a patient input waits for others at most: with hundreds in a second, each turn of the thread costs more than its work. */
    private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private record Timer<T>(long dueNanos, T input) {}

    private final BlockingQueue<T> queue;
    private final int capacity;
    private final Consumer<List<T>> consumer;
    private final Thread thread;
    private final PriorityQueue<Timer<T>> timers = new PriorityQueue<>(Comparator.comparingLong(timer -> timer.dueNanos()));
    private volatile boolean hurried; // there may be an input that is not patient
    private volatile boolean gathering;
    private volatile boolean closed;

    /** @param consumer called on the loop's thread; must not throw */
    SerialLoop(String name, int capacity, Consumer<List<T>> consumer) {
        this.queue = new LinkedBlockingQueue<>(capacity + RESERVED);
        this.capacity = capacity;
        this.consumer = consumer;
        this.thread = new Thread(this::run, name);
    }

    void start() {
        thread.start();
    }

    /** @return false when the queue is full or the loop has ended; the input is then not taken */
    boolean offer(T input) {
        return offerPatient(input) && hurry();
    }

    /** Like {@link #offer}, but that it may be handed over a few milliseconds later, unless another one cannot wait. The order stays. */
    boolean offerPatient(T input) {
        int waiting = queue.size();
        boolean taken = !closed && waiting < capacity && queue.offer(input);
        return taken && (waiting < MOST_AT_ONCE || hurry());
    }

    /** Like {@link #offer}, for inputs that are rare and must not be lost: there is room for them when the queue is full. */
    boolean offerReserved(T input) {
        return !closed && queue.offer(input) && hurry();
    }

    /** {@link #offerReserved} for a patient one. */
    boolean offerReservedPatient(T input) {
        return !closed && queue.offer(input) && (queue.size() < MOST_AT_ONCE || hurry());
    }

    private boolean hurry() {
        hurried = true;
        if (gathering) {
            LockSupport.unpark(thread);
        }
        return true;
    }

    /** Waits until something cannot wait any more. A hurry that belongs to an input handed over already does no harm. */
    private void gather() {
        long end = System.nanoTime() + GATHER_NANOS;
        if (!timers.isEmpty() && timers.peek().dueNanos() - end < 0) {
            end = timers.peek().dueNanos();
        }
        gathering = true;
        for (long left = end - System.nanoTime(); !hurried && !closed && left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
        gathering = false;
        hurried = false; // before the queue is emptied, so that none is missed
    }

    int size() {
        return queue.size();
    }

    /** Hands over an input later. Only for the loop's own thread, or before {@link #start}. */
    void after(Duration delay, T input) {
        timers.add(new Timer<>(System.nanoTime() + delay.toNanos(), input));
    }

    private void run() {
        List<T> inputs = new ArrayList<>();
        try {
            while (!closed) {
                inputs.clear();
                T first = timers.isEmpty() ? queue.take()
                        : queue.poll(Math.max(0, timers.peek().dueNanos() - System.nanoTime()), TimeUnit.NANOSECONDS);
                if (first != null) {
                    inputs.add(first);
                    gather();
                    queue.drainTo(inputs, MOST_AT_ONCE - 1);
                }
                while (!timers.isEmpty() && timers.peek().dueNanos() - System.nanoTime() <= 0) {
                    inputs.add(timers.poll().input());
                }
                if (!inputs.isEmpty()) {
                    consumer.accept(inputs);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    /** Ends the thread; inputs that are still queued are not handed over. Waits for the current one, at most 5 s. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
