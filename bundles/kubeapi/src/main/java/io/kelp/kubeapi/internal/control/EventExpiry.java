package io.kelp.kubeapi.internal.control;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiStore.Change;
import io.kelp.kubeapi.ApiStore.Key;
import io.kelp.kubeapi.ApiStore.Kind;
import io.kelp.kubeapi.internal.resource.Objects;
import io.kelp.kubeapi.internal.resource.ResourceCatalog;
import io.kelp.kubeapi.internal.resource.ResourceType;
import io.kelp.kubeapi.internal.resource.Trees;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Deletes Events some time after their last change. Time is measured by the monotonic clock; only what was there at the start is
 * judged by the times written in it, and counts as new when those are in the future.
 */
final class EventExpiry {

    private static final String COLLECTION = "/events";
    private static final int BATCH = 200;

    private record Due(long nanos, long number) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            long first = nanos - other.nanos; // nanoTime may wrap around
            return first != 0 ? Long.signum(first) : Long.compare(number, other.number);
        }
    }

    private record Expire(EventExpiry expiry) implements Task {
        @Override
        public Duration run() throws ApiException {
            return expiry.expire();
        }

        @Override
        public String toString() {
            return "Expiry of Events";
        }
    }

    private final Objects objects;
    private final ResourceCatalog catalog;
    private final WorkQueue queue;
    private final Duration life;
    private final InstantSource clock;
    private final Map<Key, Due> dues = new HashMap<>(); // guarded by this
    private final TreeMap<Due, Key> order = new TreeMap<>(); // guarded by this
    private long number; // guarded by this
    private volatile boolean live;

    EventExpiry(Objects objects, ResourceCatalog catalog, WorkQueue queue, Duration life, InstantSource clock) {
        this.objects = objects;
        this.catalog = catalog;
        this.queue = queue;
        this.life = life;
        this.clock = clock;
    }

    /** From now on changes happen at the moment they are told. */
    void goLive() {
        live = true;
    }

    /** Takes note of a change; called by one thread at a time. */
    void changed(Change change) {
        if (!change.key().collection().equals(COLLECTION)) {
            return;
        }
        Duration left = change.kind() == Kind.DELETED ? null : live ? life : life.minus(age(Trees.parse(change.value())));
        synchronized (this) {
            Due before = dues.remove(change.key());
            if (before != null) {
                order.remove(before);
            }
            if (left != null) {
                Due due = new Due(System.nanoTime() + left.toNanos(), number++);
                dues.put(change.key(), due);
                order.put(due, change.key());
            }
        }
        if (left != null) {
            queue.add(new Expire(this), left.isNegative() ? Duration.ZERO : left);
        }
    }

    private Duration age(JsonObject event) {
        Stream<String> own = Stream.of(Trees.text(event, "metadata", "creationTimestamp"), Trees.text(event, "lastTimestamp"),
                Trees.text(event, "eventTime"), Trees.text(event, "series", "lastObservedTime"));
        Stream<String> written = Trees.objects(event, "metadata", "managedFields").stream().map(entry -> Trees.text(entry, "time"));
        Instant now = clock.instant();
        Instant newest = Stream.concat(own, written).flatMap(text -> instant(text).stream()).max(Instant::compareTo).orElse(now);
        return newest.isAfter(now) ? Duration.ZERO : Duration.between(newest, now);
    }

    private static Optional<Instant> instant(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Instant.parse(text));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private Duration expire() throws ApiException {
        Optional<ResourceType> type = catalog.find("", "v1", "events");
        if (type.isEmpty()) {
            return null;
        }
        for (Key key : due()) {
            if (!objects.delete(type.get(), key.namespace(), key.name(), "", "")) {
                forget(key);
            }
        }
        synchronized (this) {
            return order.isEmpty() ? null : Duration.ofNanos(Math.max(0, order.firstKey().nanos() - System.nanoTime()));
        }
    }

    private synchronized List<Key> due() {
        List<Key> keys = new ArrayList<>();
        long now = System.nanoTime();
        for (Map.Entry<Due, Key> entry : order.entrySet()) {
            if (entry.getKey().nanos() - now > 0 || keys.size() == BATCH) {
                break;
            }
            keys.add(entry.getValue());
        }
        return keys;
    }

    private synchronized void forget(Key key) {
        Due due = dues.remove(key);
        if (due != null) {
            order.remove(due);
        }
    }
}
