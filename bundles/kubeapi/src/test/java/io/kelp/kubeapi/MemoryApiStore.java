package io.kelp.kubeapi;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongFunction;

/** A store in memory that keeps all history until told to forget it; for tests of what works on a store. */
public final class MemoryApiStore implements ApiStore {

    private static final Comparator<Key> ORDER = Comparator.comparing(Key::namespace).thenComparing(Key::name);

    private final List<Change> history = new ArrayList<>();
    private final Map<Key, Item> current = new HashMap<>();
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private long revision = 1;
    private long oldest = 1;
    private volatile String refusal;

    /** @param reason for {@link #refusal}, {@code null} for none; writes work all the same */
    public void refuse(String reason) {
        refusal = reason;
    }

    @Override
    public Optional<String> refusal() {
        return Optional.ofNullable(refusal);
    }

    @Override
    public synchronized long revision() {
        return revision;
    }

    @Override
    public synchronized long oldest() {
        return oldest;
    }

    @Override
    public synchronized Optional<Item> get(Key key) {
        return Optional.ofNullable(current.get(key));
    }

    @Override
    public synchronized Page list(String collection, String namespace, Key after, int limit, long at) throws CompactedException {
        long wanted = at == 0 ? revision : at;
        if (wanted < oldest) {
            throw new CompactedException(wanted, oldest);
        }
        TreeMap<Key, Item> found = new TreeMap<>(ORDER);
        for (Change change : history) {
            if (change.revision() <= wanted && matches(change.key(), collection) && (namespace.isEmpty() || namespace.equals(change.key().namespace()))) {
                if (change.kind() == Kind.DELETED) {
                    found.remove(change.key());
                } else {
                    found.put(change.key(), new Item(change.key(), change.revision(), change.value()));
                }
            }
        }
        List<Item> rest = new ArrayList<>(after == null ? found.values() : found.tailMap(after, false).values());
        List<Item> items = List.copyOf(rest.subList(0, Math.min(limit, rest.size())));
        return new Page(items, rest.size() - items.size(), wanted);
    }

    @Override
    public synchronized List<Change> changes(String collection, long after, int limit) throws CompactedException {
        if (after < oldest) {
            throw new CompactedException(after, oldest);
        }
        return history.stream().filter(c -> c.revision() > after && matches(c.key(), collection)).limit(limit).toList();
    }

    @Override
    public synchronized Item write(Key key, long expected, LongFunction<byte[]> value) throws ConflictException {
        Item before = expect(key, expected);
        Item item = new Item(key, revision + 1, value.apply(revision + 1));
        current.put(key, item);
        commit(new Change(item.revision(), before == null ? Kind.ADDED : Kind.MODIFIED, key, item.value(), before == null ? null : before.value()));
        return item;
    }

    @Override
    public synchronized long delete(Key key, long expected, LongFunction<byte[]> last) throws ConflictException {
        Item before = expect(key, expected);
        if (before == null) {
            throw new ConflictException(key, 0);
        }
        current.remove(key);
        commit(new Change(revision + 1, Kind.DELETED, key, last.apply(revision + 1), before.value()));
        return revision;
    }

    @Override
    public Registration listen(Listener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Forgets what can only be seen before a revision. */
    public synchronized void compact(long before) {
        oldest = before;
    }

    @Override
    public void close() {
        listeners.clear();
    }

    private Item expect(Key key, long expected) throws ConflictException {
        Item before = current.get(key);
        long actual = before == null ? 0 : before.revision();
        if (actual != expected) {
            throw new ConflictException(key, actual);
        }
        return before;
    }

    private void commit(Change change) {
        revision = change.revision();
        history.add(change);
        listeners.forEach(listener -> listener.changed(List.of(change)));
    }

    private static boolean matches(Key key, String collection) {
        return collection.isEmpty() || key.collection().equals(collection);
    }
}
