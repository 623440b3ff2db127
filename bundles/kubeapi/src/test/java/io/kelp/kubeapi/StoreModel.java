package io.kelp.kubeapi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.kelp.kubeapi.ApiStore.Change;
import io.kelp.kubeapi.ApiStore.ConflictException;
import io.kelp.kubeapi.ApiStore.Item;
import io.kelp.kubeapi.ApiStore.Key;
import io.kelp.kubeapi.ApiStore.Kind;
import io.kelp.kubeapi.ApiStore.Page;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/** The simplest store that can be thought of: all changes in a list. */
final class StoreModel {

    private static final Comparator<Key> ORDER = Comparator.comparing(Key::namespace).thenComparing(Key::name);

    private final List<Change> changes = new ArrayList<>();
    private final long begin;
    private long revision;

    StoreModel(long revision) {
        this.begin = revision;
        this.revision = revision;
    }

    void note(Change change) {
        changes.add(change);
        revision = change.revision();
    }

    List<Item> list(String collection, String namespace, long at) {
        TreeMap<Key, Item> found = new TreeMap<>(ORDER);
        for (Change change : changes) {
            Key key = change.key();
            if (change.revision() <= at && key.collection().equals(collection) && (namespace.isEmpty() || key.namespace().equals(namespace))) {
                if (change.kind() == Kind.DELETED) {
                    found.remove(key);
                } else {
                    found.put(key, new Item(key, change.revision(), change.value()));
                }
            }
        }
        return List.copyOf(found.values());
    }

    /** Does something to a key, now and then with a wrong expectation, in store and model. */
    void write(ApiStore store, Key key, Random random) throws ConflictException {
        Item before = list(key.collection(), "", revision).stream().filter(item -> item.key().equals(key)).findFirst().orElse(null);
        long actual = before == null ? 0 : before.revision();
        boolean delete = before != null && random.nextInt(3) == 0;
        byte[] value = new byte[random.nextInt(random.nextInt(10) == 0 ? 20_000 : 200)];
        random.nextBytes(value);
        if (random.nextInt(6) == 0) {
            ConflictException refused = assertThrows(ConflictException.class, () -> store.write(key, actual + 1 + random.nextInt(3), r -> value));
            assertEquals(actual, refused.actual());
            return;
        }
        long made = delete ? store.delete(key, actual, r -> value) : store.write(key, actual, r -> value).revision();
        assertEquals(revision + 1, made);
        note(new Change(made, delete ? Kind.DELETED : before == null ? Kind.ADDED : Kind.MODIFIED, key, value,
                before == null ? null : before.value()));
    }

    /** Compares a list at some revision, in pages of some size, and the changes after it. */
    void compare(ApiStore store, String collection, Random random) throws Exception {
        long at = begin + random.nextInt((int) (revision - begin) + 1);
        String namespace = random.nextBoolean() ? "" : "ns" + random.nextInt(3);
        int limit = 1 + random.nextInt(9);
        List<Item> expected = list(collection, namespace, at);
        int from = 0;
        Key after = null;
        do {
            Page page = store.list(collection, namespace, after, limit, at);
            assertEquals(at, page.revision());
            int to = Math.min(expected.size(), from + limit);
            same(expected.subList(from, to), page.items());
            assertEquals(expected.size() - to, page.remaining());
            from = to;
            after = page.items().isEmpty() ? null : page.items().get(page.items().size() - 1).key();
        } while (from < expected.size());
        List<Change> told = store.changes(collection, at, limit);
        List<Change> known = changes.stream().filter(c -> c.revision() > at && c.key().collection().equals(collection)).limit(limit).toList();
        assertEquals(known.size(), told.size());
        for (int i = 0; i < known.size(); i++) {
            Change one = known.get(i);
            Change other = told.get(i);
            assertEquals(one.revision() + " " + one.kind() + " " + one.key(), other.revision() + " " + other.kind() + " " + other.key());
            assertArrayEquals(one.value(), other.value());
            assertArrayEquals(one.before(), other.before());
        }
    }

    private static void same(List<Item> expected, List<Item> found) {
        assertEquals(expected.stream().map(i -> i.key() + " " + i.revision()).toList(), found.stream().map(i -> i.key() + " " + i.revision()).toList());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i).value(), found.get(i).value());
        }
    }
}
