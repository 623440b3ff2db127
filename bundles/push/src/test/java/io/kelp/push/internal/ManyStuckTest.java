package io.kelp.push.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Quality;
import io.kelp.push.internal.SendException.Remedy;
import io.kelp.store.RecordRing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Others beside what is refused for long, be it slow, fast or many; time is a number here. */
class ManyStuckTest {

    private static final SendException REFUSED = new SendException(Remedy.RETRY, "answers 503");
    private static final int CAPACITY = 4_000;

    @TempDir
    Path home;

    private PushGateway gateway;
    private Counting ring;
    private Destination destination;
    private boolean healed;
    private long nanos;
    private final Map<String, Integer> appended = new LinkedHashMap<>();
    private final Map<String, Integer> taken = new HashMap<>();
    private long takenAll;

    /** Counts what is read. */
    private static final class Counting implements RecordRing<Item> {

        private final RecordRing<Item> real;
        private long decoded;

        Counting(RecordRing<Item> real) {
            this.real = real;
        }

        @Override
        public CompletionStage<Void> append(Item item) {
            return real.append(item);
        }

        @Override
        public List<Entry<Item>> after(long position, int limit) {
            List<Entry<Item>> entries = real.after(position, limit);
            decoded += entries.size();
            return entries;
        }

        @Override
        public CompletionStage<Void> discard(long position) {
            return real.discard(position);
        }

        @Override
        public long dropped() {
            return real.dropped();
        }

        @Override
        public long size() {
            return real.size();
        }
    }

    @BeforeEach
    void start() {
        gateway = new PushGateway(home, Map.of());
        ring = new Counting(gateway.store.ring("push.test", Item.CODEC, CAPACITY));
        destination = new Destination("http://127.0.0.1", null, ring,
                new Destination.Limits(CAPACITY, Duration.ofHours(1), 4, 10_000, Duration.ofSeconds(1), Duration.ofSeconds(60)), 0);
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private void append(String path) {
        int value = appended.merge(path, 1, Integer::sum);
        ring.append(new Item(new Target("http://127.0.0.1", path, 0, false, 0), new DeviceId("default", "pump"), "p", "int", String.valueOf(value), 1,
                Quality.GOOD, 1));
    }

    /** Sends until nothing more can be sent now. */
    private void pump() {
        Map<Long, Item> started = new LinkedHashMap<>();
        do {
            started.clear();
            nanos += 1_000_000;
            destination.pump(nanos, 0, started::put);
            started.forEach((position, item) -> {
                String path = item.target().path();
                boolean refused = path.startsWith("/stuck") && !healed;
                if (!refused) {
                    int value = Integer.parseInt(item.text());
                    int before = taken.getOrDefault(path, 0);
                    assertTrue(value > before, () -> path + ": " + value + " after " + before);
                    taken.put(path, value);
                    takenAll++;
                }
                destination.ended(position, refused ? REFUSED : null, nanos);
            });
        } while (!started.isEmpty());
    }

    private void second(int wells, int stucks) {
        nanos += 1_000_000_000L;
        for (int i = 0; i < wells; i++) {
            append("/well" + i);
        }
        for (int i = 0; i < stucks; i++) {
            append("/stuck" + i);
        }
        pump();
    }

    private void everythingArrivesOrIsCounted() {
        healed = true;
        for (int i = 0; i < 5_000 && destination.report().waiting() > 0; i++) {
            nanos += 1_000_000_000L;
            pump();
        }
        assertEquals(0, destination.report().waiting(), destination.report().toString());
        assertEquals(appended.values().stream().mapToInt(n -> n).sum(), takenAll + destination.report().overflowed(), destination.report().toString());
    }

    @Test
    void oneValueThatIsRefusedForLongHoldsUpNothing() {
        second(0, 1);
        for (int i = 0; i < 900; i++) {
            second(1, 0);
        }
        assertEquals(900, taken.get("/well0"));
        assertEquals(1, destination.report().waiting());
        everythingArrivesOrIsCounted();
        assertEquals(1, taken.get("/stuck0"), "it was not dropped");
    }

    @Test
    void manySeriesThatAreRefusedHoldUpNothing() {
        for (int i = 0; i < 140; i++) {
            second(5, 20);
            assertEquals(i + 1, taken.get("/well4"), "after " + i + " s");
        }
        everythingArrivesOrIsCounted();
        assertEquals(0, destination.report().overflowed(), "there was room for all");
    }

    @Test
    void moreSeriesAreRefusedThanFitIntoMemory() {
        for (int i = 0; i < 5; i++) {
            second(3, 700);
            assertEquals(i + 1, taken.get("/well2"), "after " + i + " s");
        }
        everythingArrivesOrIsCounted();
    }

    @Test
    void whatWasSentBehindARefusedValueIsNotCountedAsDroppedWhenTheQueueIsFull() {
        second(0, 1);
        for (int i = 0; i < CAPACITY * 2; i++) {
            second(1, 0);
        }
        assertEquals(CAPACITY * 2, taken.get("/well0"));
        assertTrue(destination.report().overflowed() <= 1, destination.report().toString());
        everythingArrivesOrIsCounted();
    }

    @Test
    void whatIsRefusedIsNotReadAgainAndAgain() {
        for (int i = 0; i < 100; i++) {
            second(5, 20);
        }
        long before = ring.decoded;
        for (int i = 0; i < 100; i++) {
            second(10, 0);
        }
        long each = (ring.decoded - before) / 1_000;
        assertTrue(each <= 20, each + " values read for each that was sent");
    }
}
