package io.kelp.store.internal;

import io.kelp.store.StoreException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The writes that wait for one file, bounded, and the one thread that carries them there. All that
 * waits when the thread is free makes one batch: many writes share one commit.
 */
final class WriteQueue {

    /** Where the batches go. Called by the queue's thread only. */
    interface Sink {

        /**
         * Makes all writes durable and settles them in their tables.
         *
         * @throws StoreException when none of them is durable
         */
        void commit(List<Write> batch);

        /** Most bytes in one batch; a larger write comes alone. */
        long batchBytes();

        /** Work between batches. @return milliseconds until it wants to be called again, at least 1 */
        long tend();

        /** Called last. */
        void finish();
    }

    private static final Logger LOG = LoggerFactory.getLogger(WriteQueue.class);
    private static final int BATCH_WRITES = 4096;

    private final String file;
    private final Sink sink;
    private final Supplier<Settings> settings;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final ArrayDeque<Write> waiting = new ArrayDeque<>();
    private long waitingBytes;
    private long oldestNanos; // when the batch under way or, without one, the oldest write came
    private boolean busy;
    private boolean called;
    private boolean stopping;

    WriteQueue(String threadName, String file, Sink sink, Supplier<Settings> settings) {
        this.file = file;
        this.sink = sink;
        this.settings = settings;
        this.thread = new Thread(this::run, threadName);
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Takes the write, never waiting. @return {@code null}, or why it was refused */
    StoreException offer(Write write) {
        lock.lock();
        try {
            if (stopping) {
                return new StoreException(file + ": the store is stopped, nothing more is written", null);
            }
            Settings bound = settings.get();
            if (!waiting.isEmpty() && (waiting.size() >= bound.queueWrites()
                    || waitingBytes + write.bytes > bound.queueBytes())) {
                return new StoreException(file + ": " + waiting.size() + " writes (" + waitingBytes / 1024
                        + " KiB) wait for the disk, the oldest for "
                        + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - oldestNanos)
                        + " ms; write again when the disk has recovered", null);
            }
            if (waiting.isEmpty() && !busy) {
                oldestNanos = System.nanoTime();
                work.signal();
            }
            waiting.add(write);
            waitingBytes += write.bytes;
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** Has {@link Sink#tend} called soon. */
    void wake() {
        lock.lock();
        try {
            called = true;
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    String threadName() {
        return thread.getName();
    }

    int depth() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    /** Refuses new writes, carries what waits to the file and ends the thread. */
    void stop(Duration deadline) {
        lock.lock();
        try {
            stopping = true;
            work.signal();
        } finally {
            lock.unlock();
        }
        try {
            thread.join(deadline.toMillis());
            if (thread.isAlive()) {
                LOG.error("{}: the disk has not taken the last writes within {} s; they are lost if it never does",
                        file, deadline.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            long pause = 1;
            while (true) {
                List<Write> batch = take(pause);
                if (batch == null) {
                    break;
                }
                if (!batch.isEmpty()) {
                    carry(batch);
                }
                pause = Math.max(1, sink.tend());
            }
            sink.finish();
        } finally {
            abandon();
        }
    }

    private List<Write> take(long pauseMillis) {
        lock.lock();
        try {
            busy = false;
            long nanos = TimeUnit.MILLISECONDS.toNanos(pauseMillis);
            while (waiting.isEmpty() && !called && !stopping && nanos > 0) {
                nanos = work.awaitNanos(nanos);
            }
            called = false;
            if (waiting.isEmpty() && stopping) {
                return null;
            }
            List<Write> batch = new ArrayList<>();
            long bytes = 0;
            long most = sink.batchBytes();
            while (!waiting.isEmpty() && batch.size() < BATCH_WRITES
                    && (batch.isEmpty() || bytes + waiting.peek().bytes <= most)) {
                Write next = waiting.poll();
                bytes += next.bytes;
                batch.add(next);
            }
            waitingBytes -= bytes;
            busy = !batch.isEmpty();
            oldestNanos = System.nanoTime();
            return batch;
        } catch (InterruptedException e) {
            // Nobody but the virtual machine's end interrupts this thread; treat it as stop().
            stopping = true;
            return waiting.isEmpty() ? null : List.of();
        } finally {
            lock.unlock();
        }
    }

    private void carry(List<Write> batch) {
        StoreException failure = null;
        try {
            sink.commit(batch);
        } catch (StoreException e) {
            failure = e;
        } catch (RuntimeException e) {
            // A fault of ours must not leave the callers waiting, nor end the thread of all others.
            LOG.error("{}: a batch of {} writes failed unexpectedly", file, batch.size(), e);
            failure = new StoreException(file + ": the write failed unexpectedly: " + e, e);
        }
        for (Write write : batch) {
            if (failure == null) {
                write.done.complete(null);
            } else {
                write.table.failed(write);
                write.done.completeExceptionally(failure);
            }
        }
    }

    /** Whatever ended the thread: nobody waits for ever. */
    private void abandon() {
        List<Write> left;
        lock.lock();
        try {
            stopping = true;
            left = new ArrayList<>(waiting);
            waiting.clear();
            waitingBytes = 0;
        } finally {
            lock.unlock();
        }
        var failure = new StoreException(file + ": the store has stopped before this write was made", null);
        for (Write write : left) {
            write.table.failed(write);
            write.done.completeExceptionally(failure);
        }
    }
}
