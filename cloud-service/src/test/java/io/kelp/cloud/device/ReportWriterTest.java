package io.kelp.cloud.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import io.kelp.cloud.kube.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReportWriterTest {

    private record Write(long nanos, String device, String value) {}

    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
    private final List<Write> writes = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger inFlight = new AtomicInteger();

    @AfterEach
    void stop() {
        executor.shutdownNow();
    }

    private CompletionStage<?> write(DeviceReports reports, DeviceReports.Batch batch) {
        writes.add(new Write(System.nanoTime(), reports.name(), batch.reported().containsKey("p") ? Json.text(batch.reported().get("p"), "value") : ""));
        return CompletableFuture.completedFuture(null);
    }

    private static DeviceReports device(String node, String name) {
        return new DeviceReports(Device.of(JsonParser.parseString("{'metadata':{'namespace':'default','name':'" + name + "','uid':'" + name
                + "'},'spec':{'nodeName':'" + node + "'}}").getAsJsonObject()));
    }

    private static void report(ReportWriter writer, DeviceReports device, String value, Runnable confirmation) {
        if (device.report(TwinReport.read(JsonParser.parseString("{'twin':{'p':{'actual':{'value':'" + value + "'}}}}")).orElseThrow(), confirmation)) {
            writer.submit(device);
        }
    }

    @Test
    void theFirstChangeGoesAtOnceAndLaterOnesOncePerIntervalWithTheNewestValue() {
        ReportWriter writer = new ReportWriter(this::write, executor, Duration.ofMillis(200), 1000, 8);
        DeviceReports device = device("n", "d");
        AtomicInteger confirmed = new AtomicInteger();
        long start = System.nanoTime();
        for (int i = 0; i < 100; i++) {
            report(writer, device, Integer.toString(i), confirmed::incrementAndGet);
        }
        Await.until("first write", () -> !writes.isEmpty());
        assertTrue(writes.get(0).nanos() - start < 100_000_000L);
        Await.until("all confirmed", () -> confirmed.get() == 100);
        assertTrue(writes.size() <= 2, writes.size() + " writes");
        assertEquals("99", writes.get(writes.size() - 1).value());
        if (writes.size() == 2) {
            assertTrue(writes.get(1).nanos() - writes.get(0).nanos() >= 195_000_000L);
        }
        report(writer, device, "last", null);
        Await.until("last", () -> writes.get(writes.size() - 1).value().equals("last"));
    }

    @Test
    void theBudgetIsKeptAndSharedByNodesInTurns() {
        ReportWriter writer = new ReportWriter(this::write, executor, Duration.ofMillis(1), 50, 8);
        List<DeviceReports> greedy = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            greedy.add(device("greedy", "g" + i));
        }
        long start = System.nanoTime();
        greedy.forEach(device -> report(writer, device, "1", null));
        Await.until("budget used", () -> writes.size() >= 50);
        DeviceReports modest = device("modest", "m");
        int before = writes.size();
        report(writer, modest, "1", null);
        Await.until("the modest node had its turn", () -> writes.stream().anyMatch(w -> w.device().equals("m")));
        int turn = 0;
        while (!writes.get(turn).device().equals("m")) {
            turn++;
        }
        assertTrue(turn - before <= 3, "after " + (turn - before) + " others");
        double seconds = (System.nanoTime() - start) / 1e9;
        assertTrue(writes.size() <= 50 + 50 * seconds + 2, writes.size() + " writes in " + seconds + " s");
    }

    @Test
    void oneWritePerDeviceIsInFlightAndNotMoreThanAllowedTogether() {
        List<CompletableFuture<Void>> open = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger most = new AtomicInteger();
        ReportWriter writer = new ReportWriter((reports, batch) -> {
            most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
            CompletableFuture<Void> answer = new CompletableFuture<>();
            open.add(answer);
            return answer;
        }, executor, Duration.ofMillis(1), 10_000, 3);
        List<DeviceReports> devices = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            devices.add(device("n" + i % 2, "d" + i));
        }
        AtomicInteger confirmed = new AtomicInteger();
        for (int round = 0; round < 3; round++) {
            devices.forEach(device -> report(writer, device, "1", confirmed::incrementAndGet));
        }
        Await.until("all confirmed", () -> {
            List<CompletableFuture<Void>> answers = List.copyOf(open);
            open.removeAll(answers);
            answers.forEach(answer -> {
                inFlight.decrementAndGet();
                answer.complete(null);
            });
            return confirmed.get() == 30;
        });
        assertTrue(most.get() <= 3, most.get() + " in flight");
    }

    @Test
    void afterAFailureTheNewestValueIsWrittenAndAllReportsAreConfirmed() {
        AtomicInteger tries = new AtomicInteger();
        ReportWriter writer = new ReportWriter((reports, batch) -> tries.incrementAndGet() == 1
                ? CompletableFuture.failedFuture(new IOException("away")) : write(reports, batch),
                executor, Duration.ofMillis(1), 1000, 8);
        DeviceReports device = device("n", "d");
        AtomicInteger confirmed = new AtomicInteger();
        report(writer, device, "old", confirmed::incrementAndGet);
        Await.until("failed", () -> tries.get() == 1);
        report(writer, device, "new", confirmed::incrementAndGet);
        Await.until("both confirmed", () -> confirmed.get() == 2);
        assertEquals("new", writes.get(writes.size() - 1).value());
        assertEquals(1, writer.failures());
    }
}
