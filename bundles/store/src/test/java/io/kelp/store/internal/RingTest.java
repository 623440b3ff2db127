package io.kelp.store.internal;

import static io.kelp.store.internal.Stores.TEXT;
import static io.kelp.store.internal.Stores.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.store.RecordRing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RingTest {

    @TempDir
    Path home;

    private LocalStore store;

    @BeforeEach
    void open() {
        store = Stores.open(home, Map.of("seriesFlushSeconds", 1));
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static List<String> values(RecordRing<String> ring) {
        List<String> values = new ArrayList<>();
        ring.after(0, 1000).forEach(entry -> values.add(entry.value()));
        return values;
    }

    @Test
    void recordsComeInTheOrderOfTheirArrival() throws Exception {
        var ring = store.ring("r", TEXT, 100);
        ring.append("a");
        await(ring.append("b"));
        ring.append("c"); // not in the database yet
        assertEquals(List.of("a", "b", "c"), values(ring));
        assertEquals(List.of(2L, 3L), ring.after(1, 10).stream().map(RecordRing.Entry::position).toList());
        assertEquals(1, ring.after(0, 1).size());
        assertEquals(List.of(), ring.after(3, 10));
    }

    @Test
    void aFullRingOverwritesTheOldestAndCountsIt() throws Exception {
        var ring = store.ring("r", TEXT, 3);
        for (int i = 0; i < 5; i++) {
            ring.append("v" + i);
        }
        assertEquals(List.of("v2", "v3", "v4"), values(ring));
        await(ring.append("v5"));
        assertEquals(List.of("v3", "v4", "v5"), values(ring));
        ring.append("v6");
        assertEquals(List.of("v4", "v5", "v6"), values(ring));
        assertEquals(4, ring.dropped());
    }

    @Test
    @Tag("slow")
    void whatIsDiscardedIsGone() throws Exception {
        var ring = store.ring("r", TEXT, 100);
        ring.append("a");
        await(ring.append("b"));
        ring.append("c");
        ring.append("d");
        await(ring.discard(3));
        assertEquals(List.of("d"), values(ring));
        assertEquals(0, ring.dropped());
        await(ring.discard(1));
        await(ring.discard(Long.MAX_VALUE));
        assertEquals(List.of(), values(ring));
        ring.append("e");
        assertEquals(List.of(new RecordRing.Entry<>(5L, "e")), ring.after(0, 10));
    }

    @Test
    void recordsAndCountersLastAndPositionsAreNotUsedAgain() throws Exception {
        var ring = store.ring("r", TEXT, 3);
        for (int i = 0; i < 5; i++) {
            ring.append("v" + i);
        }
        store.close();
        store = Stores.open(home, Map.of("seriesFlushSeconds", 1));
        ring = store.ring("r", TEXT, 3);
        assertEquals(List.of("v2", "v3", "v4"), values(ring));
        assertEquals(3, ring.size());
        assertEquals(2, ring.dropped());
        ring.append("w0");
        assertEquals(List.of("v3", "v4", "w0"), values(ring));
        assertTrue(ring.after(5, 10).get(0).position() > 5);
        await(ring.append("w1"));
        assertEquals(List.of("v4", "w0", "w1"), values(ring));
        assertEquals(4, ring.dropped());
    }

    @Test
    void aSmallerCapacityDropsTheOldest() throws Exception {
        var ring = store.ring("r", TEXT, 10);
        for (int i = 0; i < 5; i++) {
            ring.append("v" + i);
        }
        ring = store.ring("r", TEXT, 2);
        assertEquals(List.of("v3", "v4"), values(ring));
    }

    @Test
    void ringsAreApart() throws Exception {
        var one = store.ring("one", TEXT, 10);
        var two = store.ring("two", TEXT, 10);
        one.append("a");
        await(two.append("b"));
        assertEquals(List.of("a"), values(one));
        assertEquals(List.of("b"), values(two));
    }

    @Test
    void ringsThatHoldSomethingAreListedAlsoBeforeTheyAreOpened() throws Exception {
        store.ring("b", TEXT, 10).append("x");
        store.ring("a", TEXT, 10).append("x");
        store.ring("empty", TEXT, 10);
        assertEquals(List.of("a", "b"), store.rings());
        store.close();
        store = Stores.open(home, Map.of("seriesFlushSeconds", 1));
        assertEquals(List.of("a", "b"), store.rings());
        await(store.ring("b", TEXT, 10).discard(Long.MAX_VALUE));
        assertEquals(List.of("a"), store.rings());
    }

    @Test
    void whatIsGatheredJustBeforeWritingIsWrittenWithIt() throws Exception {
        var ring = store.ring("r", TEXT, 10);
        var written = new java.util.concurrent.CompletableFuture<Void>();
        try (var fails = store.beforeWriting(() -> {
            throw new IllegalStateException("a fault of somebody");
        }); var open = store.beforeWriting(() -> ring.append("gathered").thenRun(() -> written.complete(null)))) {
            await(written);
        }
        assertTrue(values(ring).contains("gathered"));
        int before = values(ring).size();
        await(ring.append("later"));
        assertEquals(before + 1, values(ring).size());
    }

    @Test
    void recordsThatCannotBeReadDoNotLookLikeTheEnd() throws Exception {
        var codec = new io.kelp.store.RecordCodec<String>() {
            @Override
            public byte[] write(String record) {
                return TEXT.write(record);
            }

            @Override
            public String read(byte[] bytes) throws java.io.IOException {
                if (bytes[0] == 'x') {
                    throw new java.io.IOException("no record");
                }
                return TEXT.read(bytes);
            }
        };
        var ring = store.ring("r", codec, 100);
        for (String each : List.of("x1", "x2", "x3", "a", "x4", "b")) {
            ring.append(each);
        }
        assertEquals(List.of("a"), ring.after(0, 1).stream().map(RecordRing.Entry::value).toList());
        assertEquals(List.of("b"), ring.after(4, 1).stream().map(RecordRing.Entry::value).toList());
        assertEquals(List.of(), ring.after(6, 1));
    }
}
