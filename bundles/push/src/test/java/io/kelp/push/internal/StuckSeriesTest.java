package io.kelp.push.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.kelp.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A path that answers 5xx for ever, beside others of the same server. */
class StuckSeriesTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path home;

    private PathServer server;
    private PushGateway gateway;

    @BeforeEach
    void start() throws Exception {
        server = new PathServer();
        gateway = new PushGateway(home, Map.of("firstPauseMillis", 20, "longestPauseMillis", 50, "timeoutMillis", 2000,
                "ratePerSecond", 10_000, "inFlight", 6, "threads", 6));
        device("stuck", "/stuck");
        device("well", "/well");
    }

    @AfterEach
    void stop() {
        gateway.close();
        server.close();
    }

    private void device(String name, String path) {
        gateway.device(name, 1, JsonParser.parseString("{'http':{'hostName':'127.0.0.1','port':" + server.port() + ",'requestPath':'" + path + "'}}")
                .getAsJsonObject());
    }

    private void report(String device, int from, int to) {
        IntStream.range(from, to).forEach(i -> gateway.report(device, "p0", String.valueOf(i)));
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(String::valueOf).toList();
    }

    private Destination.Report seen() {
        return gateway.engine.reports().get(0);
    }

    @Test
    void holdsUpNoOtherSeriesAndKeepsNoMoreThanItsShare() throws Exception {
        server.answer("/stuck", 503);
        for (int round = 0; round < 10; round++) {
            report("stuck", round * 300, round * 300 + 300);
            report("well", round * 3, round * 3 + 3);
        }
        Await.until("the others have come", SOON, () -> server.taken("/well").size() == 30);
        assertEquals(numbers(0, 30), server.taken("/well"));
        Await.until("its share is left", SOON, () -> seen().waiting() <= 256);
        assertEquals(3000, seen().waiting() + seen().overflowed(), "what was dropped was counted");
        assertTrue(seen().lastError().contains("/stuck"), seen().lastError());

        server.answer("/stuck", 200);
        Await.until("the path takes what is left", SOON, () -> seen().waiting() == 0);
        List<String> taken = server.taken("/stuck");
        assertEquals(numbers(3000 - taken.size(), 3000), taken, "the newest, in order");
    }

    @Test
    void nothingIsDroppedWhileTheWholeServerAnswersWithAnError() throws Exception {
        server.answer("/stuck", 503);
        server.answer("/well", 503);
        report("stuck", 0, 2000);
        report("well", 0, 20);
        Await.until("both were tried", SOON, () -> seen().retries() > 10);
        Await.until("what was seen of it is of the end", SOON, () -> seen().waiting() == 2020);
        server.answer("/stuck", 200);
        server.answer("/well", 200);
        Await.until("all have come", SOON, () -> seen().waiting() == 0);
        assertEquals(numbers(0, 2000), server.taken("/stuck"));
        assertEquals(numbers(0, 20), server.taken("/well"));
        assertEquals(0, seen().overflowed());
    }

    /** A thread that has just ended a sending is not free yet: the next one must find room all the same. */
    @Test
    void asManySeriesAsThreadsLoseNothing() {
        for (int i = 0; i < 12; i++) {
            device("d" + i, "/d" + i);
        }
        for (int value = 0; value < 100; value++) {
            for (int i = 0; i < 12; i++) {
                report("d" + i, value, value + 1);
            }
        }
        Await.until("all have come", SOON, () -> seen().sent() == 1200);
        Await.until("nothing is under way", SOON, () -> seen().waiting() == 0 && seen().inFlight() == 0);
        assertEquals(numbers(0, 100), server.taken("/d11"));
    }
}
