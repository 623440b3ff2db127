package io.kelp.eventbus.internal;

import io.kelp.broker.TopicFilter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bus's one thread and the messages that wait for it. Handlers are called on it one after the
 * other, in the order of arrival. What would exceed the bounds is dropped and counted.
 */
final class Dispatcher implements Backend.Sink {

    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    /** One who takes messages, under the filters given. */
    record Route(List<String> filters, Receiver receiver) {

        private boolean matches(String topic) {
            for (String filter : filters) {
                if (TopicFilter.matches(filter, topic)) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Takes a message. */
    interface Receiver {
        void message(String topic, byte[] payload);
    }

    private final int maxMessages;
    private final long maxBytes;
    private final ScheduledThreadPoolExecutor thread;
    private final List<Route> routes = new CopyOnWriteArrayList<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong waitingBytes = new AtomicLong();
    private final LongAdder received = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private volatile boolean full;

    Dispatcher(int maxMessages, long maxBytes) {
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
        this.thread = new ScheduledThreadPoolExecutor(1, task -> new Thread(task, "kelp-eventbus"));
        thread.setRemoveOnCancelPolicy(true);
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    void add(Route route) {
        routes.add(route);
    }

    void remove(Route route) {
        routes.remove(route);
    }

    /** Every filter that somebody wants. */
    Set<String> filters() {
        Set<String> filters = new HashSet<>();
        routes.forEach(route -> filters.addAll(route.filters()));
        return filters;
    }

    @Override
    public void message(String topic, byte[] payload) {
        received.increment();
        int size = topic.length() + payload.length;
        if (waiting.incrementAndGet() > maxMessages || waitingBytes.get() > maxBytes) {
            waiting.decrementAndGet();
            drop();
            return;
        }
        waitingBytes.addAndGet(size);
        try {
            thread.execute(() -> {
                waiting.decrementAndGet();
                waitingBytes.addAndGet(-size);
                full = false;
                deliver(topic, payload);
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("A message came after the event bus had stopped");
        }
    }

    private void drop() {
        dropped.increment();
        if (!full) {
            full = true;
            LOG.warn("Event bus drops MQTT messages: {} wait for their handlers; queueMessages and queueBytes of io.kelp.eventbus allow no more",
                    waiting.get());
        }
    }

    /** Has something done on the bus's thread. Ignored once it is stopped. */
    void execute(Runnable task) {
        schedule(task, 0);
    }

    /** The same after a while. */
    void schedule(Runnable task, long millis) {
        try {
            thread.schedule(guarded(task), millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("A task came after the event bus had stopped");
        }
    }

    long received() {
        return received.sum();
    }

    long dropped() {
        return dropped.sum();
    }

    int waiting() {
        return waiting.get();
    }

    void stop() {
        thread.shutdownNow();
    }

    private void deliver(String topic, byte[] payload) {
        for (Route route : routes) {
            if (route.matches(topic)) {
                guarded(() -> route.receiver().message(topic, payload)).run();
            }
        }
    }

    private static Runnable guarded(Runnable foreign) {
        return () -> {
            try {
                foreign.run();
            } catch (RuntimeException e) {
                // A handler is another bundle's code: its fault must not keep messages from the others.
                LOG.error("A handler of MQTT messages failed", e);
            }
        };
    }
}
