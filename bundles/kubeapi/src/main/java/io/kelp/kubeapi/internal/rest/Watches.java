package io.kelp.kubeapi.internal.rest;

import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiRequest;
import io.kelp.kubeapi.ApiResponse;
import io.kelp.kubeapi.ApiStore;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import io.kelp.kubeapi.internal.resource.ResourceType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All watches. One thread hands changes to them and looks at the clock for them; reading the store is left to the readers. */
final class Watches implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Watches.class);
    private static final int MAX_WATCHES = 20_000;
    private static final long PATIENCE_SECONDS = 30;
    private static final long CLOSE_SECONDS = 5;
    private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(10);

    private final ApiStore store;
    private final ResourceCatalog catalog;
    private final EventForms forms;
    private final Forms objects;
    private final Executor readers;
    private final History history = new History();
    private final JoinedEvents joined = new JoinedEvents(); // of the dispatcher
    private final Map<String, Set<Watch>> byCollection = new ConcurrentHashMap<>();
    private final Set<String> changed = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean dispatching = new AtomicBoolean();
    private final AtomicInteger count = new AtomicInteger();
    private final ScheduledExecutorService dispatcher;
    private final ApiStore.Registration registration;
    private volatile Thread thread;
    private volatile boolean closed;
    private long edition;
    private long notBefore = System.nanoTime(); // of the dispatcher

    Watches(ApiStore store, ResourceCatalog catalog, Forms objects, Executor readers) {
        this.store = store;
        this.catalog = catalog;
        this.objects = objects;
        this.forms = new EventForms(objects);
        this.readers = readers;
        this.edition = catalog.edition();
        this.dispatcher = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread made = new Thread(task, "kelp-api-watch");
            thread = made;
            return made;
        });
        this.registration = store.listen(this::changed);
        history.startAt(store.revision());
        dispatcher.scheduleWithFixedDelay(this::tick, 1, 1, TimeUnit.SECONDS);
    }

    int count() {
        return count.get();
    }

    ApiStore store() {
        return store;
    }

    EventForms forms() {
        return forms;
    }

    Executor readers() {
        return readers;
    }

    Executor dispatcher() {
        return dispatcher;
    }

    boolean onDispatcher() {
        return Thread.currentThread() == thread;
    }

    /** For the dispatcher only. */
    JoinedEvents joined() {
        return joined;
    }

    History.Snapshot history() {
        return history.snapshot();
    }

    void watch(Selection selection, ApiRequest request, Output output, ApiResponse response) throws ApiException {
        WatchOptions options = WatchOptions.of(request, store.revision());
        Walk walk = null;
        if (options.initial()) {
            walk = new Walk(store, selection, new ListOptions(0, null, 0, false), objects);
            try {
                walk.prepare();
            } catch (ApiStore.CompactedException e) {
                throw ApiException.expired(e.getMessage());
            }
        }
        if (closed || count.incrementAndGet() > MAX_WATCHES) {
            count.decrementAndGet();
            throw new ApiException(429, "TooManyRequests", "Too many requests, please try again later.", null);
        }
        Watch watch = new Watch(this, selection, output, response, options, walk);
        watch.open(); // before a change can find it
        byCollection.computeIfAbsent(selection.type().collection(), c -> ConcurrentHashMap.newKeySet()).add(watch);
        watch.signalHere();
        if (watch.hasEnded()) {
            remove(watch); // its client left before it was here
        }
        if (closed) {
            watch.end();
        }
    }

    void remove(Watch watch) {
        Set<Watch> same = byCollection.get(watch.selection().type().collection());
        if (same != null && same.remove(watch)) {
            count.decrementAndGet();
        }
    }

    /** On a thread of the store: notes and leaves. */
    private void changed(List<ApiStore.Change> changes) {
        history.add(changes);
        changes.forEach(change -> changed.add(change.key().collection()));
        if (dispatching.compareAndSet(false, true)) {
            try {
                dispatcher.execute(this::dispatch);
            } catch (RejectedExecutionException e) {
                LOG.debug("A change came after the end of all watches");
            }
        }
    }

    /**
     * Serves all watches that are concerned, one after the other. With many of them a round takes a while; as long, but
     * no longer than {@link #LONGEST_PAUSE}, it rests then, so that the events of the meantime go out together.
     */
    private void dispatch() {
        long start = System.nanoTime();
        if (notBefore - start > 0 && !closed) {
            dispatcher.schedule(this::dispatch, notBefore - start, TimeUnit.NANOSECONDS);
            return;
        }
        dispatching.set(false);
        for (String collection : List.copyOf(changed)) {
            changed.remove(collection);
            Set<Watch> watches = byCollection.get(collection);
            if (watches != null) {
                watches.forEach(Watch::signalHere);
            }
        }
        history.forget();
        joined.forget();
        long end = System.nanoTime();
        notBefore = end + Math.min(end - start, LONGEST_PAUSE);
    }

    private void tick() {
        try {
            long now = System.nanoTime();
            byCollection.values().forEach(watches -> watches.forEach(watch -> watch.tick(now, TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS))));
            if (catalog.edition() != edition) {
                edition = catalog.edition();
                byCollection.values().forEach(watches -> watches.stream().filter(watch -> !served(watch.selection().type())).forEach(Watch::end));
            }
        } catch (RuntimeException e) {
            // A periodic task that throws is not run again.
            LOG.error("Looking after watches failed", e);
        }
    }

    private boolean served(ResourceType type) {
        Optional<ResourceType> now = catalog.find(type.group(), type.version(), type.plural());
        return now.isPresent() && (now.get() == type || now.get().schema().equals(type.schema()) && now.get().storageVersion().equals(type.storageVersion()));
    }

    @Override
    public void close() {
        closed = true;
        registration.close();
        byCollection.values().forEach(watches -> watches.forEach(Watch::end));
        dispatcher.shutdown();
        try {
            if (!dispatcher.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                dispatcher.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        byCollection.values().forEach(watches -> watches.forEach(Watch::abort));
    }
}
