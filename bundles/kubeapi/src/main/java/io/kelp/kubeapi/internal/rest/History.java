package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonObject;
import io.kelp.kubeapi.ApiStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * The latest changes, for watches that are up to date; who is further behind reads the store. Readers get immutable
 * snapshots.
 */
final class History {

    private static final int MAX_ENTRIES = 512;
    private static final long MAX_BYTES = 2 * 1024 * 1024;

    /** A change with what watches make of it, made once for all of them. */
    static final class Entry {

        private final ApiStore.Change change;
        private final long previous;
        private final Map<Object, byte[]> events = new ConcurrentHashMap<>();
        private volatile JsonObject value;
        private volatile JsonObject before;
        private volatile boolean used; // set after something was made, so that no forget() misses it for good

        /** @param previous revision of the change before in the same collection, or one below which nobody asks */
        Entry(ApiStore.Change change, long previous) {
            this.change = change;
            this.previous = previous;
        }

        ApiStore.Change change() {
            return change;
        }

        long revision() {
            return change.revision();
        }

        long previous() {
            return previous;
        }

        /** The object after the change as it is stored; not to be changed. */
        JsonObject value() {
            JsonObject tree = value;
            if (tree == null) {
                tree = Json.read(change.value());
                value = tree;
                used = true;
            }
            return tree;
        }

        JsonObject before() {
            JsonObject tree = before;
            if (tree == null) {
                tree = Json.read(change.before());
                before = tree;
                used = true;
            }
            return tree;
        }

        byte[] event(Object form, Supplier<byte[]> making) {
            byte[] made = events.get(form);
            if (made == null) {
                made = events.computeIfAbsent(form, f -> making.get());
                used = true;
            }
            return made;
        }

        private void forget() {
            if (used) {
                used = false;
                events.clear();
                value = null;
                before = null;
            }
        }

        private long size() {
            return change.value().length + (change.before() == null ? 0 : change.before().length);
        }
    }

    /**
     * @param start changes up to here are not known to the history
     * @param last newest change of each collection that has been seen
     */
    record Snapshot(long start, Entry[] entries, Map<String, Long> last) {

        /** The newest state that this tells about. */
        long newest() {
            return entries.length == 0 ? start : Math.max(start, entries[entries.length - 1].revision());
        }

        /** Index of the first entry after a revision. */
        int after(long revision) {
            int low = 0;
            int high = entries.length;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (entries[middle].revision() <= revision) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low;
        }

        long last(String collection) {
            return last.getOrDefault(collection, start);
        }
    }

    private final Map<String, Long> last = new HashMap<>(); // guarded by this
    private long bytes; // of all entries; guarded by this
    private volatile Snapshot snapshot = new Snapshot(Long.MAX_VALUE, new Entry[0], Map.of());

    /** @param revision the store's, read after changes began to arrive here */
    synchronized void startAt(long revision) {
        Entry[] later = Arrays.stream(snapshot.entries).filter(entry -> entry.revision() > revision).toArray(Entry[]::new);
        bytes = Arrays.stream(later).mapToLong(Entry::size).sum();
        last.values().removeIf(change -> change <= revision);
        snapshot = new Snapshot(revision, later, Map.copyOf(last));
    }

    synchronized void add(List<ApiStore.Change> changes) {
        Snapshot old = snapshot;
        List<Entry> entries = new ArrayList<>(Arrays.asList(old.entries));
        for (ApiStore.Change change : changes) {
            if (old.start != Long.MAX_VALUE && change.revision() <= old.start) {
                continue;
            }
            Long before = last.put(change.key().collection(), change.revision());
            entries.add(new Entry(change, before != null ? before : old.start == Long.MAX_VALUE ? 0 : old.start));
        }
        for (Entry entry : entries.subList(old.entries.length, entries.size())) {
            bytes += entry.size();
        }
        int drop = 0;
        while (entries.size() - drop > 1 && (entries.size() - drop > MAX_ENTRIES || bytes > MAX_BYTES)) {
            bytes -= entries.get(drop++).size();
        }
        snapshot = new Snapshot(old.start, entries.subList(drop, entries.size()).toArray(Entry[]::new), Map.copyOf(last));
    }

    Snapshot snapshot() {
        return snapshot;
    }

    /** Gives back what was made for watches that have it by now; late ones make it again. */
    void forget() {
        for (Entry entry : snapshot.entries) {
            entry.forget();
        }
    }
}
