package io.kelp.itests.bundles;

import io.kelp.kubeapi.ApiStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongFunction;

/** As much of a store as a few objects need, in memory; it reads only the newest state. */
final class SmallStore implements ApiStore {

    private final Map<Key, Item> items = new TreeMap<>(Comparator.comparing(Key::collection).thenComparing(Key::namespace).thenComparing(Key::name));
    private final List<Change> history = new ArrayList<>();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private long revision = 1;

    @Override
    public synchronized long revision() {
        return revision;
    }

    @Override
    public long oldest() {
        return 1;
    }

    @Override
    public synchronized Optional<Item> get(Key key) {
        return Optional.ofNullable(items.get(key));
    }

    @Override
    public synchronized Page list(String collection, String namespace, Key after, int limit, long at) {
        List<Item> found = items.values().stream().filter(item -> item.key().collection().equals(collection)
                && (namespace.isEmpty() || item.key().namespace().equals(namespace))).toList();
        int from = after == null ? 0 : found.stream().map(Item::key).toList().indexOf(after) + 1;
        int to = Math.min(found.size(), from + limit);
        return new Page(found.subList(from, to), found.size() - to, revision);
    }

    @Override
    public synchronized List<Change> changes(String collection, long after, int limit) {
        return history.stream().filter(change -> change.revision() > after && (collection.isEmpty() || change.key().collection().equals(collection)))
                .limit(limit).toList();
    }

    @Override
    public synchronized Item write(Key key, long expected, LongFunction<byte[]> value) throws ConflictException {
        Item before = expect(key, expected);
        Item item = new Item(key, ++revision, value.apply(revision));
        items.put(key, item);
        tell(new Change(revision, before == null ? Kind.ADDED : Kind.MODIFIED, key, item.value(), before == null ? null : before.value()));
        return item;
    }

    @Override
    public synchronized long delete(Key key, long expected, LongFunction<byte[]> last) throws ConflictException {
        Item before = expect(key, expected);
        items.remove(key);
        revision++;
        tell(new Change(revision, Kind.DELETED, key, last.apply(revision), before.value()));
        return revision;
    }

    private Item expect(Key key, long expected) throws ConflictException {
        Item before = items.get(key);
        long actual = before == null ? 0 : before.revision();
        if (actual != expected) {
            throw new ConflictException(key, actual);
        }
        return before;
    }

    private void tell(Change change) {
        history.add(change);
        listeners.forEach(listener -> listener.changed(List.of(change)));
    }

    @Override
    public Registration listen(Listener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    int listeners() {
        return listeners.size();
    }

    @Override
    public void close() {
        listeners.clear();
    }
}
