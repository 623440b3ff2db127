package io.kelp.history.internal;

import static io.kelp.history.internal.Gateway.NOON;
import static io.kelp.history.internal.Gateway.PUMP;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.history.DeviceHistory.Point;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {

    @TempDir
    Path home;

    private Gateway gateway;

    private Gateway start(Map<String, ?> settings) {
        gateway = Gateway.start(home, settings);
        return gateway;
    }

    private Gateway restart(Map<String, ?> settings) {
        gateway.close();
        gateway = Gateway.start(home, settings, gateway.nowMillis);
        return gateway;
    }

    @AfterEach
    void stop() {
        gateway.close();
    }

    /** A value each second, with what the component does every 30 and 60 s. */
    private void run(int seconds, java.util.function.IntFunction<Object> value) {
        for (int i = 0; i < seconds; i++) {
            gateway.note("speed", value.apply(i));
            gateway.pass(1000);
            if (i % 30 == 29) {
                gateway.history.gather();
            }
            if (i % 60 == 59) {
                gateway.history.tend(name -> true);
            }
        }
    }

    @Test
    void valuesAreThereAtOnceAndAfterARestart() {
        start(Map.of());
        gateway.note("speed", 1500);
        gateway.pass(1000);
        gateway.note("speed", "1501.5");
        List<Point> expected = List.of(new Point(NOON, 1, 1500, 1500, 1500, null), new Point(NOON + 1000, 1, 1501.5, 1501.5, 1501.5, null));
        assertEquals(expected, gateway.all("speed"));
        gateway.history.gather();
        assertEquals(expected, gateway.all("speed"));
        restart(Map.of());
        assertEquals(expected, gateway.all("speed"));
        assertEquals(expected.subList(1, 2), gateway.points("speed", NOON + 1, NOON + 1001, 10));
        assertEquals(List.of(), gateway.points("speed", NOON + 1, NOON + 1000, 10));
        assertEquals(List.of(), gateway.all("unknown"));
    }

    @Test
    void aMeanHasNoDigitsThatOnlyAddingMade() {
        start(Map.of());
        for (String value : List.of("0.1", "0.2")) {
            gateway.note("speed", value);
            gateway.pass(1000);
        }
        assertEquals(List.of(new Point(NOON, 2, 0.1, 0.15, 0.2, null)), gateway.points("speed", NOON, NOON + 10_000, 1));
        gateway.note("exact", "0.12345678901234567");
        assertEquals(0.12345678901234567, gateway.all("exact").get(0).mean());
        gateway.note("huge", "-1.7e308");
        gateway.pass(1000);
        gateway.note("huge", "-1.7e308");
        Point huge = gateway.points("huge", NOON, NOON + 20_000, 1).get(0);
        assertEquals(huge.minimum(), huge.mean());
    }

    @Test
    void aDayIsSummedUpWithoutAHoleOrADouble() {
        start(Map.of());
        int day = 86_400 / 4;
        run(day, i -> i % 600);
        List<Point> raw = gateway.points("speed", NOON, gateway.nowMillis, 10_000);
        assertEquals(day, raw.stream().mapToLong(Point::count).sum());
        List<Point> minutes = gateway.points("speed", NOON, gateway.nowMillis, 360);
        assertEquals(day, minutes.stream().mapToLong(Point::count).sum());
        assertTrue(minutes.size() <= 360 && minutes.size() >= 300, minutes.size() + " points");
        List<Point> quarters = gateway.points("speed", NOON, gateway.nowMillis, 25);
        assertEquals(day, quarters.stream().mapToLong(Point::count).sum());
        assertEquals(24, quarters.size());
        for (Point quarter : quarters) {
            assertEquals(900, quarter.count());
            assertEquals(0, quarter.minimum());
            assertEquals(599, quarter.maximum());
            assertEquals(299.5, quarter.mean(), 60);
        }
        restart(Map.of());
        assertEquals(quarters, gateway.points("speed", NOON, gateway.nowMillis, 25));
        assertEquals(minutes, gateway.points("speed", NOON, gateway.nowMillis, 360));
    }

    @Test
    @Tag("slow")
    void theOlderTheCoarserAndNeverMoreBytesThanAllowed() {
        Map<String, ?> settings = Map.of("totalKibibytes", 256);
        start(settings);
        Random random = new Random(1);
        run(4 * 86_400, i -> Math.round(50 + 30 * Math.sin(i / 500.0) + random.nextInt(20)) / 10.0);
        assertTrue(gateway.history.bytes() <= 256 * 1024 * 1.1, gateway.history.bytes() + " bytes");
        List<Point> all = gateway.all("speed");
        assertTrue(all.get(0).fromMillis() <= NOON + 3 * 86_400_000L, "begins " + (all.get(0).fromMillis() - NOON) / 3_600_000 + " h after the start");
        assertTrue(all.get(0).count() > 1, "old points stand for many values");
        List<Point> hour = gateway.points("speed", gateway.nowMillis - 3_600_000, gateway.nowMillis, 10_000);
        assertTrue(hour.size() > 3000, hour.size() + " points of the last hour");
        System.out.printf("4 days of a value per second: %d bytes kept, reaching back %.1f days; %d bytes written per hour%n",
                gateway.history.bytes(), (gateway.nowMillis - all.get(0).fromMillis()) / 86_400_000.0, gateway.history.written() / 96);
    }

    @Test
    void textsAreKeptAsChanges() {
        start(Map.of());
        run(120, i -> i < 50 ? "OFF" : i < 100 ? "ON" : "FAULT: " + "x".repeat(500));
        List<Point> all = gateway.all("speed");
        assertEquals(120, all.stream().mapToLong(Point::count).sum());
        assertTrue(all.size() <= 8, all.toString());
        assertEquals("OFF", all.get(0).text());
        Point last = all.get(all.size() - 1);
        assertEquals(200, last.text().length());
        assertTrue(last.text().endsWith("…"));
    }

    @Test
    void aPropertyThatChangesItsTypeKeepsBoth() {
        start(Map.of());
        gateway.note("speed", "12");
        gateway.pass(1000);
        gateway.note("speed", "overflow");
        gateway.pass(1000);
        gateway.note("speed", "NaN");
        gateway.pass(1000);
        gateway.note("speed", "-13.5e1");
        gateway.pass(1000);
        gateway.note("speed", "007");
        for (int round = 0; round < 2; round++) {
            List<Point> all = gateway.all("speed");
            assertEquals(5, all.size());
            assertEquals(12, all.get(0).mean());
            assertNull(all.get(0).text());
            assertEquals("overflow", all.get(1).text());
            assertEquals("NaN", all.get(2).text());
            assertEquals(-135, all.get(3).mean());
            assertEquals("007", all.get(4).text());
            restart(Map.of());
        }
    }

    @Test
    void aClockThatJumpsAndLateValuesLoseNothing() {
        start(Map.of());
        run(1800, i -> 1);
        gateway.nowMillis -= 3_600_000; // back an hour
        run(1800, i -> 2);
        gateway.nowMillis += 400L * 86_400_000; // ahead by more than a year
        run(1800, i -> 3);
        gateway.history.note(PUMP, "speed", "4", gateway.nowMillis - 86_400_000); // late by a day
        gateway.history.note(PUMP, "speed", "5", 0); // measured in 1970
        gateway.history.note(PUMP, "speed", "5", Long.MAX_VALUE);
        for (int round = 0; round < 2; round++) {
            List<Point> all = gateway.points("speed", 0, Long.MAX_VALUE, 10_000);
            assertEquals(5403, all.stream().mapToLong(Point::count).sum());
            assertEquals(1, all.stream().filter(p -> p.maximum() == 4).count());
            for (int i = 1; i < all.size(); i++) {
                assertTrue(all.get(i).fromMillis() >= all.get(i - 1).fromMillis());
            }
            assertEquals(gateway.nowMillis, all.get(all.size() - 1).fromMillis());
            restart(Map.of());
        }
    }

    @Test
    void removedDevicesAreForgottenAfterAWhileAndMakeRoom() {
        start(Map.of("mostProperties", 2, "forgetHours", 2));
        gateway.note("a", 1);
        gateway.note("b", 1);
        gateway.note("c", 1);
        assertEquals(1, gateway.history.withoutNumber.get());
        gateway.history.tend(name -> name.property().equals("b"));
        gateway.note("c", 2);
        assertEquals(List.of(2.0), gateway.all("c").stream().map(Point::mean).toList());
        assertEquals(1, gateway.all("b").size());
        assertEquals(List.of(), gateway.all("a"));
        restart(Map.of("mostProperties", 5, "forgetHours", 2));
        gateway.history.tend(name -> !name.property().equals("b"));
        gateway.pass(7_100_000);
        gateway.history.tend(name -> !name.property().equals("b"));
        assertEquals(1, gateway.all("b").size());
        gateway.pass(200_000);
        gateway.history.tend(name -> !name.property().equals("b"));
        assertEquals(0, gateway.all("b").size());
        assertEquals(1, gateway.all("c").size());
    }

    @Test
    @Tag("slow")
    void manyPropertiesStayWithinTheBudgetOfTheFlash() {
        start(Map.of("writeKibibytesPerHour", 4096, "mostProperties", 1000));
        Random random = new Random(9);
        double[] values = new double[1000];
        List<DeviceId> devices = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            devices.add(new DeviceId("plant", "device-" + i));
        }
        long before = gateway.history.written();
        for (int second = 0; second < 3600; second++) {
            for (int i = 0; i < values.length; i++) {
                values[i] = Math.round(values[i] * 10 + random.nextInt(5) - 2) / 10.0;
                gateway.history.note(devices.get(i / 10), "p" + i % 10, Double.toString(values[i]), gateway.nowMillis);
            }
            gateway.pass(1000);
            if (second % 28 == 27) {
                gateway.history.gather();
            }
            if (second % 60 == 59) {
                gateway.history.tend(name -> true);
            }
        }
        long written = gateway.history.written() - before;
        System.out.println("1000 values/s for an hour: " + written / 1024 + " KiB written, " + gateway.history.bytes() / 1024 + " KiB kept");
        assertTrue(written <= 4096 * 1024 * 1.05, written + " bytes written");
        List<Point> points = gateway.history.points(devices.get(7), "p3", NOON, gateway.nowMillis, 10_000);
        assertEquals(3600, points.stream().mapToLong(Point::count).sum());
        assertTrue(points.size() >= 50, points.size() + " points");
        gateway.history.finish();
    }
}
