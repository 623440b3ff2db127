package io.kelp.push.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Quality;
import io.kelp.push.internal.SendException.Remedy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is kept when one series is refused and another is not; time is a number here. */
class DestinationTest {

    private static final int STUCK = 300;
    private static final SendException REFUSED = new SendException(Remedy.RETRY, "answers 503");

    @TempDir
    Path home;

    private PushGateway gateway;
    private Destination destination;
    private final Map<String, Long> underWay = new LinkedHashMap<>();
    private long nanos;

    @BeforeEach
    void twoSeries() {
        gateway = new PushGateway(home, Map.of());
        destination = new Destination("http://127.0.0.1", null, gateway.store.ring("push.test", Item.CODEC, 1000),
                new Destination.Limits(1000, Duration.ofHours(1), 2, 1000, Duration.ofSeconds(1), Duration.ofSeconds(1)), 0);
        for (int i = 0; i < 10; i++) {
            append("/well", i);
        }
        for (int i = 0; i < STUCK; i++) {
            append("/stuck", i);
        }
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    private void append(String path, int value) {
        destination.ring().append(item(path, value));
    }

    private static Item item(String path, int value) {
        return new Item(new Target("http://127.0.0.1", path, 0, false, 0), new DeviceId("default", "pump"), "p", "int", String.valueOf(value), 1,
                Quality.GOOD, 1);
    }

    private void pump() {
        nanos += Duration.ofSeconds(2).toNanos();
        destination.pump(nanos, 0, (position, item) -> underWay.put(item.target().path(), position));
    }

    private void ended(String path, SendException failure) {
        destination.ended(underWay.remove(path), failure, nanos);
    }

    private long overflowed() {
        pump();
        return destination.report().overflowed();
    }

    @Test
    void aServerThatComesBackCostsNothingThoughOneSeriesIsTakenFirst() {
        for (int i = 0; i < 10; i++) {
            pump();
            ended("/well", REFUSED);
            ended("/stuck", REFUSED);
        }
        pump();
        ended("/well", null);
        ended("/stuck", REFUSED); // it had been sent before
        assertEquals(0, overflowed());
        ended("/stuck", null);
        assertEquals(0, overflowed());
        assertEquals(STUCK + 10 - 2, destination.report().waiting());
    }

    @Test
    void aSeriesThatIsRefusedAgainAndAgainWhileAnotherIsTakenKeepsItsShare() {
        for (int i = 0; i < 5; i++) {
            pump();
            ended("/stuck", REFUSED);
            ended("/well", null);
        }
        assertTrue(overflowed() > STUCK / 2, destination.report().toString());
        assertEquals(STUCK, destination.report().overflowed() + destination.report().waiting() - 5, destination.report().toString());
        for (Entry<String, Long> each : Map.copyOf(underWay).entrySet()) {
            ended(each.getKey(), null);
        }
        long cut = overflowed();
        pump();
        assertEquals(cut, destination.report().overflowed(), "no more once it is taken");
    }

    /** Whatever is refused for however long: each series arrives in order, and what did not arrive was counted. */
    @ParameterizedTest
    @CsvSource({"1, 5, 10000", "2, 5, 10000", "3, 5, 10000", "4, 40, 1300", "5, 100, 1300", "6, 300, 1250", "7, 600, 1250"})
    void nothingOvertakesAndNothingIsLostUncounted(long seed, int series, int capacity) {
        Random random = new Random(seed);
        Destination any = new Destination("http://127.0.0.1", null, gateway.store.ring("push.any", Item.CODEC, capacity),
                new Destination.Limits(capacity, Duration.ofHours(1), 3, 10_000, Duration.ofSeconds(1), Duration.ofSeconds(4)), 0);
        int total = 1200;
        for (int i = 0; i < total; i++) {
            any.ring().append(item("/" + (random.nextInt(3) == 0 || series > 5 ? random.nextInt(series) : 0), i));
        }
        boolean[] refuses = new boolean[series];
        Map<String, Integer> last = new HashMap<>();
        Map<Long, Item> sending = new LinkedHashMap<>();
        int taken = 0;
        for (int step = 0; step < 60_000 && taken + any.report().overflowed() < total; step++) {
            if (random.nextInt(500) < series) {
                refuses[random.nextInt(series)] = random.nextBoolean() && step < 5_000;
            }
            nanos += Duration.ofMillis(random.nextInt(500)).toNanos();
            any.pump(nanos, 0, sending::put);
            if (sending.isEmpty() || random.nextInt(3) == 0) {
                continue;
            }
            long position = List.copyOf(sending.keySet()).get(random.nextInt(sending.size()));
            Item item = sending.remove(position);
            boolean refused = refuses[Integer.parseInt(item.target().path().substring(1))];
            if (!refused) {
                int value = Integer.parseInt(item.text());
                Integer before = last.put(item.target().path(), value);
                assertTrue(before == null || before < value, () -> item.target().path() + ": " + value + " after " + before);
                taken++;
            }
            any.ended(position, refused ? REFUSED : null, nanos);
        }
        any.pump(nanos, 0, sending::put);
        assertEquals(total, taken + any.report().overflowed(), any.report().toString());
        assertEquals(0, any.report().waiting());
        assertEquals(0, any.report().inFlight());
    }
}
