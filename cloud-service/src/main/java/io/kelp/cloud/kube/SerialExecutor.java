package io.kelp.cloud.kube;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/** Runs tasks one after the other on a shared pool. */
final class SerialExecutor implements Executor {

    private final Executor pool;
    private final Queue<Runnable> queue = new ArrayDeque<>();
    private boolean running;

    SerialExecutor(Executor pool) {
        this.pool = pool;
    }

    @Override
    public void execute(Runnable task) {
        synchronized (queue) {
            if (running) {
                queue.add(task);
                return;
            }
            running = true;
        }
        pool.execute(() -> run(task));
    }

    private void run(Runnable task) {
        try {
            task.run();
        } finally {
            Runnable next = next();
            if (next != null) {
                pool.execute(() -> run(next));
            }
        }
    }

    private Runnable next() {
        synchronized (queue) {
            Runnable next = queue.poll();
            running = next != null;
            return next;
        }
    }
}
