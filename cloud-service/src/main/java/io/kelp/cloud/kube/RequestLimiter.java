package io.kelp.cloud.kube;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Lets a bounded number of requests run at a time and a bounded number wait, first come, first served. Nobody blocks. */
final class RequestLimiter {

    private final int parallel;
    private final int waiting;
    private final Queue<Consumer<Runnable>> queue = new ArrayDeque<>();
    private int running;

    RequestLimiter(int parallel, int waiting) {
        this.parallel = parallel;
        this.waiting = waiting;
    }

    /**
     * Runs a request now or when one before it has ended.
     *
     * @param request is given what it must call once when it has ended
     * @return false when too many are waiting; the request is not run then
     */
    boolean run(Consumer<Runnable> request) {
        synchronized (queue) {
            if (running >= parallel) {
                return queue.size() < waiting && queue.add(request);
            }
            running++;
        }
        start(request);
        return true;
    }

    private void start(Consumer<Runnable> request) {
        AtomicBoolean ended = new AtomicBoolean();
        request.accept(() -> {
            if (ended.compareAndSet(false, true)) {
                next();
            }
        });
    }

    private void next() {
        Consumer<Runnable> request;
        synchronized (queue) {
            request = queue.poll();
            if (request == null) {
                running--;
                return;
            }
        }
        start(request);
    }
}
