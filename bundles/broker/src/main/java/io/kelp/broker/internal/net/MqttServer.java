package io.kelp.broker.internal.net;

import io.kelp.broker.internal.core.Broker;
import io.kelp.broker.internal.core.Budget;
import io.kelp.broker.internal.core.Counters;
import io.kelp.broker.internal.core.Limits;
import io.kelp.control.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker's one thread: sockets in, protocol, sockets out. Everything of {@link Broker} happens on
 * it; other threads hand in tasks.
 */
public final class MqttServer {

    private static final Logger LOG = LoggerFactory.getLogger(MqttServer.class);
    private static final int MAX_TASKS = 16_384;
    private static final int TASKS_PER_ROUND = 1024;
    private static final long STOP_MILLIS = 5_000;
    private static final long ACCEPT_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final int MAX_FAILURES = 10;
    private static final long FAILURE_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** What has to be done beside the sockets, at the end of each round. */
    public interface Chores {

        /** @return nanoseconds until the next chore, {@link Long#MAX_VALUE} for none */
        long run(Broker broker, long nowNanos);
    }

    private final Broker broker;
    private final Limits limits;
    private final Counters counters;
    private final Chores chores;
    private final Selector selector;
    private final Thread thread;
    private final ConnectionIo io;
    private final List<Listener> listeners = new ArrayList<>();
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger taskCount = new AtomicInteger();
    private final AtomicBoolean wakingUp = new AtomicBoolean();
    private long acceptAgainNanos;
    private int failures;
    private boolean full;
    private volatile boolean stopping;
    private volatile List<Integer> ports = List.of();
    private volatile int connections;
    private volatile List<Problem> problems = List.of();

    /** Opens nothing yet; {@link #start} does. */
    public MqttServer(Broker broker, Limits limits, Budget budget, Counters counters, List<ListenAddress> addresses, Chores chores) {
        this.broker = broker;
        this.limits = limits;
        this.counters = counters;
        this.chores = chores;
        try {
            this.selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException("the broker gets no selector from the system", e);
        }
        this.io = new ConnectionIo(broker, limits, budget, counters, this::submit);
        addresses.forEach(address -> listeners.add(new Listener(address, System.nanoTime())));
        this.thread = new Thread(this::run, "kelp-broker");
    }

    public void start() {
        thread.start();
    }

    /** Ends the thread and closes all sockets. Waits at most 5 s. */
    public void stop() {
        stopping = true;
        selector.wakeup();
        try {
            thread.join(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        io.stop();
    }

    /**
     * Has something done on the broker's thread, in order.
     *
     * @return false when it is stopping or too much waits already
     */
    public boolean submit(Runnable task) {
        if (stopping) {
            return false;
        }
        if (taskCount.incrementAndGet() > MAX_TASKS) {
            taskCount.decrementAndGet();
            return false;
        }
        tasks.add(task);
        if (Thread.currentThread() != thread && wakingUp.compareAndSet(false, true)) {
            selector.wakeup();
        }
        return true;
    }

    /** Ports of the addresses in their order, -1 for one that is not open. */
    public List<Integer> ports() {
        return ports;
    }

    /** Port of the first address, -1 while it is not open. */
    public int port() {
        return ports.isEmpty() ? -1 : ports.get(0);
    }

    public int connections() {
        return connections;
    }

    public List<Problem> problems() {
        return problems;
    }

    private void run() {
        try {
            openListeners(System.nanoTime());
            long nextChore = 0;
            while (!stopping) {
                select(nextChore);
                nextChore = round();
            }
            runTasks();
            broker.stop();
            io.workOff();
            chores.run(broker, System.nanoTime());
        } catch (IOException e) {
            LOG.error("The MQTT broker has stopped: {}", e.getMessage());
        } finally {
            ports = List.of();
            if (!stopping) {
                problems = List.of(new Problem("BROKER-STOPPED", "The MQTT broker has stopped by a fault of its own", "io.kelp.broker",
                        "Restart the bundle io.kelp.broker and report the error in the log", Instant.now()));
            }
            stopping = true;
            listeners.forEach(Listener::close);
            io.closeAll(selector);
            Sockets.close(selector);
        }
    }

    /** All that has to be done between two looks at the sockets; tells when it is due again, in nanoseconds. */
    private long round() {
        try {
            wakingUp.set(false);
            runTasks();
            io.workOff();
            long now = System.nanoTime();
            if (now - broker.nextExpiryNanos() >= 0) {
                broker.expire(now);
                io.workOff();
            }
            openListeners(now);
            connections = broker.connections();
            long nextChore = chores.run(broker, now);
            failures = 0;
            return nextChore;
        } catch (RuntimeException e) {
            // A fault of ours must not end the service of all clients at once; one that stays must not fill the log.
            LOG.error("The MQTT broker failed and goes on", e);
            if (++failures == MAX_FAILURES) {
                throw e;
            }
            return FAILURE_PAUSE_NANOS;
        }
    }

    private void select(long nextChore) throws IOException {
        if (io.hasMoreToRead() || !tasks.isEmpty()) {
            selector.selectNow(this::ready);
            return;
        }
        long now = System.nanoTime();
        long wait = broker.nextExpiryNanos() - now;
        if (nextChore != Long.MAX_VALUE) {
            wait = Math.min(wait, nextChore);
        }
        for (Listener listener : listeners) {
            if (!listener.isOpen()) {
                wait = Math.min(wait, listener.nextTryNanos() - now);
            }
        }
        if (acceptAgainNanos != 0) {
            wait = Math.min(wait, acceptAgainNanos - now);
        }
        long millis = wait <= 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(wait) + 1;
        if (millis == 0) {
            selector.selectNow(this::ready);
        } else {
            selector.select(this::ready, millis);
        }
    }

    private void runTasks() {
        for (int i = 0; i < TASKS_PER_ROUND; i++) {
            Runnable task = tasks.poll();
            if (task == null) {
                return;
            }
            taskCount.decrementAndGet();
            try {
                task.run();
            } catch (RuntimeException e) {
                // A fault in one task must not take all clients with it.
                LOG.error("The MQTT broker failed on a task", e);
            }
        }
    }

    private void ready(SelectionKey key) {
        if (key.attachment() instanceof Listener listener) {
            if (key.isValid() && key.isAcceptable()) {
                accept(listener);
            }
        } else if (key.attachment() instanceof Connection connection) {
            io.ready(connection, key);
        }
    }

    private void accept(Listener listener) {
        try {
            SocketChannel channel = listener.channel().accept();
            while (channel != null) {
                if (broker.connections() >= limits.maxConnections()) {
                    counters.refusedConnections.increment();
                    reportFull();
                    Sockets.close(channel);
                } else {
                    full = false;
                    io.open(channel, listener.address, selector);
                }
                channel = listener.channel().accept();
            }
        } catch (IOException e) {
            // Out of file descriptors, as a rule: without a pause the thread would spin.
            LOG.warn("The MQTT broker takes no connections for 1 s: {}", e.getMessage());
            acceptAgainNanos = System.nanoTime() + ACCEPT_PAUSE_NANOS;
            listener.channel().keyFor(selector).interestOps(0);
        }
    }

    private void reportFull() {
        if (!full) {
            full = true;
            LOG.warn("The MQTT broker refuses connections: {} are open, maxConnections of io.kelp.broker allows no more",
                    broker.connections());
        }
    }

    private void openListeners(long now) {
        if (acceptAgainNanos != 0 && now - acceptAgainNanos >= 0) {
            acceptAgainNanos = 0;
            listeners.stream().filter(Listener::isOpen)
                    .forEach(listener -> listener.channel().keyFor(selector).interestOps(SelectionKey.OP_ACCEPT));
        }
        boolean changed = false;
        for (Listener listener : listeners) {
            if (!listener.isOpen() && now - listener.nextTryNanos() >= 0) {
                listener.open(selector, now);
                changed = true;
            }
        }
        if (changed) {
            ports = listeners.stream().map(Listener::port).toList();
            List<Problem> found = new ArrayList<>();
            listeners.stream().filter(listener -> listener.problem() != null).forEach(listener -> found.add(listener.problem()));
            problems = List.copyOf(found);
        }
    }
}
