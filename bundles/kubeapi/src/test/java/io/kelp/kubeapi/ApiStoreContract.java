package io.kelp.kubeapi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.kubeapi.ApiStore.Change;
import io.kelp.kubeapi.ApiStore.CompactedException;
import io.kelp.kubeapi.ApiStore.ConflictException;
import io.kelp.kubeapi.ApiStore.Item;
import io.kelp.kubeapi.ApiStore.Key;
import io.kelp.kubeapi.ApiStore.Kind;
import io.kelp.kubeapi.ApiStore.Page;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link ApiStore} has to do. Implementations' tests extend it. */
public abstract class ApiStoreContract {

    private static final String THINGS = "example.org/things";

    private ApiStore store;

    /** A fresh, empty store. */
    protected abstract ApiStore open() throws Exception;

    /** Makes the store forget all changes so far, as if much time had passed; returns when it has. */
    protected abstract void forgetPast(ApiStore store) throws Exception;

    @BeforeEach
    final void openStore() throws Exception {
        store = open();
    }

    @AfterEach
    final void closeStore() {
        store.close();
    }

    @Test
    void beginsEmptyAtRevisionOne() throws Exception {
        assertEquals(1, store.revision());
        assertEquals(1, store.oldest());
        assertEquals(new Page(List.of(), 0, 1), store.list(THINGS, "", null, 10, 0));
        assertEquals(List.of(), store.changes("", 1, 10));
    }

    @Test
    void givesEachWriteTheNextRevision() throws Exception {
        Item first = put("a", "x", 0, "one");
        assertEquals(2, first.revision());
        assertEquals("one at 2", text(first.value()));
        Item second = put("a", "x", 2, "two");
        assertEquals(3, second.revision());
        assertEquals(3, store.revision());
        Item found = store.get(key("a", "x")).orElseThrow();
        assertEquals(3, found.revision());
        assertEquals(key("a", "x"), found.key());
        assertEquals("two at 3", text(found.value()));
    }

    @Test
    void refusesAWriteThatExpectsAnotherVersion() throws Exception {
        put("a", "x", 0, "one");
        assertEquals(2, conflict(() -> put("a", "x", 0, "again")));
        assertEquals(2, conflict(() -> put("a", "x", 1, "older")));
        assertEquals(2, conflict(() -> put("a", "x", 3, "newer")));
        assertEquals(0, conflict(() -> put("a", "y", 2, "not there")));
        assertEquals(2, conflict(() -> delete("a", "x", 3)));
        assertEquals(0, conflict(() -> delete("a", "y", 0)));
        assertEquals(0, conflict(() -> delete("a", "y", 2)));
    }

    @Test
    void aRefusedWriteTakesNoRevisionAndAsksForNoValue() throws Exception {
        put("a", "x", 0, "one");
        AtomicBoolean asked = new AtomicBoolean();
        assertThrows(ConflictException.class, () -> store.write(key("a", "x"), 0, revision -> {
            asked.set(true);
            return new byte[0];
        }));
        assertFalse(asked.get());
        assertEquals(2, store.revision());
        assertEquals(3, put("a", "y", 0, "next").revision());
    }

    @Test
    void aValueThatCannotBeMadeStopsOnlyItsOwnWrite() throws Exception {
        assertThrows(ArithmeticException.class, () -> store.write(key("a", "x"), 0, revision -> {
            throw new ArithmeticException("no");
        }));
        assertTrue(store.get(key("a", "x")).isEmpty());
        assertEquals(2, put("a", "x", 0, "one").revision());
    }

    @Test
    void deletesWithLastWords() throws Exception {
        put("a", "x", 0, "one");
        assertEquals(3, delete("a", "x", 2));
        assertTrue(store.get(key("a", "x")).isEmpty());
        assertEquals(0, store.list(THINGS, "", null, 10, 0).items().size());
        Change last = store.changes("", 2, 10).get(0);
        assertEquals(Kind.DELETED, last.kind());
        assertEquals("last words at 3", text(last.value()));
        assertEquals("one at 2", text(last.before()));
    }

    @Test
    void whatComesBackAfterADeletionIsNew() throws Exception {
        put("a", "x", 0, "one");
        delete("a", "x", 2);
        put("a", "x", 0, "two");
        Change back = store.changes("", 3, 10).get(0);
        assertEquals(Kind.ADDED, back.kind());
        assertEquals(null, back.before());
        assertEquals(List.of(4L), revisions(store.list(THINGS, "", null, 10, 0)));
        assertEquals(List.of(), revisions(store.list(THINGS, "", null, 10, 3)));
        assertEquals(List.of(2L), revisions(store.list(THINGS, "", null, 10, 2)));
    }

    @Test
    void keepsCollectionsApart() throws Exception {
        put("a", "x", 0, "one");
        store.write(new Key("/things", "a", "x"), 0, revision -> bytes("other"));
        assertEquals(List.of(2L), revisions(store.list(THINGS, "", null, 10, 0)));
        assertEquals(List.of(3L), revisions(store.list("/things", "", null, 10, 0)));
        assertEquals(1, store.changes("/things", 1, 10).size());
        assertEquals(2, store.changes("", 1, 10).size());
    }

    @Test
    void listsByNamespaceAndName() throws Exception {
        for (String name : List.of("b/x", "a-b/y", "a/z", "a/b", "/c", "ab/a")) {
            put(name.substring(0, name.indexOf('/')), name.substring(name.indexOf('/') + 1), 0, name);
        }
        assertEquals(List.of("/c", "a/b", "a/z", "a-b/y", "ab/a", "b/x"), names(store.list(THINGS, "", null, 10, 0)));
        assertEquals(List.of("a/b", "a/z"), names(store.list(THINGS, "a", null, 10, 0)));
        assertEquals(List.of("a/z"), names(store.list(THINGS, "a", key("a", "b"), 10, 0)));
        assertEquals(List.of("a/b", "a/z"), names(store.list(THINGS, "a", key("", "zzz"), 10, 0)));
        assertEquals(List.of(), names(store.list(THINGS, "a", key("b", "a"), 10, 0)));
    }

    @Test
    void pagesGoOnBehindAKeyThatIsGone() throws Exception {
        put("a", "x", 0, "one");
        put("a", "z", 0, "two");
        assertEquals(List.of("a/z"), names(store.list(THINGS, "", key("a", "y"), 10, 0)));
    }

    @Test
    void pagesSayHowManyAreLeft() throws Exception {
        for (int i = 0; i < 25; i++) {
            put(i % 2 == 0 ? "even" : "odd", "n" + (10 + i), 0, "v");
        }
        assertEquals(List.of(15L, 5L, 0L), remaining("", 10, 0));
        assertEquals(List.of(20L, 15L, 10L, 5L, 0L), remaining("", 5, 0));
        assertEquals(List.of(3L, 0L), remaining("even", 10, 0));
        assertEquals(List.of(0L), remaining("odd", 12, 0));
        assertEquals(List.of(8L, 0L), remaining("", 10, 19));
    }

    @Test
    void pagesOfAListShowOneMoment() throws Exception {
        for (int i = 10; i < 30; i++) {
            put("a", "n" + i, 0, "v");
        }
        Page first = store.list(THINGS, "", null, 7, 0);
        put("a", "n05", 0, "before all");
        put("a", "n195", 0, "in between");
        put("a", "n25", store.get(key("a", "n25")).orElseThrow().revision(), "changed");
        delete("a", "n20", store.get(key("a", "n20")).orElseThrow().revision());
        List<Item> all = new ArrayList<>(first.items());
        Page page = first;
        while (page.remaining() > 0) {
            page = store.list(THINGS, "", all.get(all.size() - 1).key(), 7, first.revision());
            assertEquals(first.revision(), page.revision());
            all.addAll(page.items());
        }
        assertEquals(20, all.size());
        for (int i = 0; i < 20; i++) {
            assertEquals("n" + (10 + i), all.get(i).key().name());
            assertEquals("v at " + (2 + i), text(all.get(i).value()));
        }
    }

    @Test
    void tellsChangesInOrderUpToALimit() throws Exception {
        put("a", "x", 0, "one");
        put("a", "x", 2, "two");
        put("a", "y", 0, "three");
        delete("a", "x", 3);
        List<Change> all = store.changes(THINGS, 1, 100);
        assertEquals(List.of(Kind.ADDED, Kind.MODIFIED, Kind.ADDED, Kind.DELETED), all.stream().map(Change::kind).toList());
        assertEquals(List.of(2L, 3L, 4L, 5L), all.stream().map(Change::revision).toList());
        assertEquals("one at 2", text(all.get(1).before()));
        assertEquals(List.of(3L, 4L), store.changes(THINGS, 2, 2).stream().map(Change::revision).toList());
        assertEquals(List.of(), store.changes(THINGS, 5, 2));
    }

    @Test
    void whatIsForgottenCannotBeAskedFor() throws Exception {
        put("a", "x", 0, "one");
        put("a", "x", 2, "two");
        put("a", "y", 0, "three");
        delete("a", "y", 4);
        forgetPast(store);
        long oldest = store.oldest();
        assertTrue(oldest > 3, "oldest is " + oldest);
        assertThrows(CompactedException.class, () -> store.changes("", oldest - 1, 10));
        assertThrows(CompactedException.class, () -> store.list(THINGS, "", null, 10, oldest - 1));
        assertEquals(List.of(3L), revisions(store.list(THINGS, "", null, 10, 0)));
        assertEquals("two at 3", text(store.get(key("a", "x")).orElseThrow().value()));
        Item later = put("a", "x", 3, "later");
        assertEquals(6, later.revision());
        assertEquals("two at 3", text(store.changes("", 5, 10).get(0).before()));
    }

    @Test
    void listenersHearOfAChangeBeforeItsWriteReturns() throws Exception {
        List<Change> heard = Collections.synchronizedList(new ArrayList<>());
        ApiStore.Registration registration = store.listen(heard::addAll);
        Item first = put("a", "x", 0, "one");
        assertEquals(1, heard.size());
        assertArrayEquals(first.value(), heard.get(0).value());
        delete("a", "x", 2);
        assertEquals(2, heard.size());
        registration.close();
        registration.close();
        put("a", "y", 0, "two");
        assertEquals(2, heard.size());
    }

    @Test
    void agreesWithAModelOverRandomWritesAndLists() throws Exception {
        for (long seed = 1; seed <= 3; seed++) {
            Random random = new Random(seed);
            StoreModel model = new StoreModel(store.revision());
            String collection = "random" + seed;
            for (int i = 0; i < 300; i++) {
                Key key = new Key(collection + random.nextInt(2), random.nextInt(4) == 0 ? "" : "ns" + random.nextInt(3), "n" + random.nextInt(12));
                model.write(store, key, random);
                if (i % 5 == 0) {
                    model.compare(store, collection + random.nextInt(2), random);
                }
            }
        }
    }

    @Test
    @SuppressWarnings("try") // the registration only has to be there
    void manyWritersAndReadersSeeOneHistory() throws Exception {
        int writers = 8;
        int rounds = 150;
        List<Change> heard = Collections.synchronizedList(new ArrayList<>());
        List<Page> seen = Collections.synchronizedList(new ArrayList<>());
        AtomicBoolean writing = new AtomicBoolean(true);
        ExecutorService pool = Executors.newCachedThreadPool();
        try (ApiStore.Registration registration = store.listen(heard::addAll)) {
            List<Future<?>> increments = new ArrayList<>();
            for (int w = 0; w < writers; w++) {
                increments.add(pool.submit(() -> increment(rounds)));
            }
            List<Future<?>> readers = new ArrayList<>();
            for (int r = 0; r < 3; r++) {
                readers.add(pool.submit(() -> {
                    while (writing.get()) {
                        Page page = store.list(THINGS, "", null, 100, 0);
                        assertTrue(store.revision() >= page.revision());
                        if (seen.size() < 2000) {
                            seen.add(page);
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> each : increments) {
                each.get(60, TimeUnit.SECONDS);
            }
            writing.set(false);
            for (Future<?> each : readers) {
                each.get(60, TimeUnit.SECONDS);
            }
        } finally {
            writing.set(false);
            pool.shutdownNow();
        }
        long sum = store.list(THINGS, "", null, 100, 0).items().stream().mapToLong(item -> Long.parseLong(text(item.value()))).sum();
        assertEquals(writers * rounds, sum);
        assertEquals(writers * rounds, heard.size());
        for (int i = 0; i < heard.size(); i++) {
            assertEquals(2 + i, heard.get(i).revision());
        }
        StoreModel model = new StoreModel(1);
        heard.forEach(model::note);
        for (Page page : seen) {
            assertEquals(model.list(THINGS, "", page.revision()).stream().map(Item::revision).toList(), revisions(page));
        }
    }

    /** Counts up; again when somebody else was faster. */
    private void increment(int rounds) {
        Random random = new Random();
        for (int done = 0; done < rounds;) {
            Key key = key("ns", "counter" + random.nextInt(4));
            Item before = store.get(key).orElse(new Item(key, 0, bytes("0")));
            try {
                store.write(key, before.revision(), revision -> bytes("" + (Long.parseLong(text(before.value())) + 1)));
                done++;
            } catch (ConflictException e) {
                assertTrue(e.actual() > before.revision());
            }
        }
    }

    private List<Long> remaining(String namespace, int limit, long at) throws CompactedException {
        List<Long> remaining = new ArrayList<>();
        Page page = store.list(THINGS, namespace, null, limit, at);
        remaining.add(page.remaining());
        while (page.remaining() > 0) {
            page = store.list(THINGS, namespace, page.items().get(limit - 1).key(), limit, page.revision());
            remaining.add(page.remaining());
        }
        return remaining;
    }

    private Item put(String namespace, String name, long expected, String text) throws ConflictException {
        return store.write(key(namespace, name), expected, revision -> bytes(text + " at " + revision));
    }

    private long delete(String namespace, String name, long expected) throws ConflictException {
        return store.delete(key(namespace, name), expected, revision -> bytes("last words at " + revision));
    }

    private static long conflict(Callable<?> write) {
        return assertThrows(ConflictException.class, write::call).actual();
    }

    private static Key key(String namespace, String name) {
        return new Key(THINGS, namespace, name);
    }

    private static List<Long> revisions(Page page) {
        return page.items().stream().map(Item::revision).toList();
    }

    private static List<String> names(Page page) {
        return page.items().stream().map(item -> item.key().namespace() + "/" + item.key().name()).toList();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
