package io.kelp.runtime.osgi.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.devicetwin.DeviceTwins;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Quality;
import io.kelp.devicetwin.DeviceTwins.Reading;
import io.kelp.devicetwin.DeviceTwins.ReportListener;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** A container sees and reports the devices of its namespace, on its own threads, and delays nobody. */
class NamespaceTwinsTest {

    private static final DeviceId OURS = new DeviceId("plant", "pump");
    private static final DeviceId THEIRS = new DeviceId("office", "lamp");

    private final List<ReportListener> listeners = Collections.synchronizedList(new ArrayList<>());
    private final List<String> called = Collections.synchronizedList(new ArrayList<>());
    private final DeviceTwins gateway = (DeviceTwins) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {DeviceTwins.class},
            (proxy, method, arguments) -> {
                if (method.getName().equals("watchReports")) {
                    listeners.add((ReportListener) arguments[0]);
                    return (AutoCloseable) () -> listeners.remove(arguments[0]);
                }
                called.add(method.getName() + " " + arguments[0]);
                return CompletableFuture.completedFuture(null);
            });
    private final ThreadGroup threads = new ThreadGroup("pod");
    private final NamespaceTwins twins = new NamespaceTwins("plant", threads, () -> gateway);

    private static Reading reading(int value) {
        return new Reading(String.valueOf(value), 1, Quality.GOOD, true);
    }

    private static void until(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + 5_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, what);
            Thread.sleep(5);
        }
    }

    @Test
    void reportsReachTheGatewayForDevicesOfTheNamespaceAlone() {
        twins.reportReadings(OURS, Map.of("x", reading(1)));
        twins.reportError(OURS, "x", "jammed");
        assertEquals(List.of("reportReadings plant/pump", "reportError plant/pump"), called);
        assertThrows(ExecutionException.class, () -> twins.reportReadings(THEIRS, Map.of()).toCompletableFuture().get());
        assertThrows(ExecutionException.class, () -> twins.reportError(THEIRS, "x", "").toCompletableFuture().get());
        assertEquals(2, called.size());
    }

    @Test
    void aListenerHearsItsNamespaceInOrderOnAThreadOfTheContainer() throws InterruptedException {
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        twins.watchReports((id, property, reading) -> {
            assertEquals(threads, Thread.currentThread().getThreadGroup());
            heard.add(id + " " + reading.text());
        });
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            listeners.get(0).reported(THEIRS, "x", reading(i));
            listeners.get(0).reported(OURS, "x", reading(i));
            expected.add("plant/pump " + i);
        }
        until("all are heard", () -> heard.size() == 500);
        assertEquals(expected, heard);
    }

    @Test
    void aListenerThatHangsDelaysNobodyAndLosesTheOldest() throws InterruptedException {
        CountDownLatch mayGoOn = new CountDownLatch(1);
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        twins.watchReports((id, property, reading) -> {
            try {
                mayGoOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            heard.add(reading.text());
        });
        for (int i = 0; i < 5 * ReportRelay.MOST_WAITING; i++) {
            listeners.get(0).reported(OURS, "x", reading(i));
        }
        mayGoOn.countDown();
        until("the newest is heard", () -> heard.contains(String.valueOf(5 * ReportRelay.MOST_WAITING - 1)));
        assertTrue(heard.size() <= ReportRelay.MOST_WAITING + 1, heard.size() + " kept");
    }

    @Test
    void aListenerThatFailsHearsTheNextValue() throws InterruptedException {
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        twins.watchReports((id, property, reading) -> {
            heard.add(reading.text());
            if (reading.text().equals("1")) {
                Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> { });
                throw new IllegalStateException("as bad listeners do");
            }
        });
        listeners.get(0).reported(OURS, "x", reading(1));
        until("one is heard", () -> heard.size() == 1);
        until("its thread has ended", () -> threads.activeCount() == 0);
        listeners.get(0).reported(OURS, "x", reading(2));
        until("two are heard", () -> heard.size() == 2);
    }

    @Test
    void watchesEndWithTheContainerAndAreBounded() {
        for (int i = 0; i < 64; i++) {
            twins.watchReports((id, property, reading) -> { });
        }
        assertThrows(IllegalStateException.class, () -> twins.watchReports((id, property, reading) -> { }));
        assertEquals(64, listeners.size());
        twins.close();
        assertEquals(0, listeners.size());
        assertFalse(called.contains("close"));
    }
}
