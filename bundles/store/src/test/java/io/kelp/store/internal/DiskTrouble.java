package io.kelp.store.internal;

import io.kelp.store.Durability;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Child process on the shim's disk: meets the trouble, then the cure. Arguments: scenario, home, control file. */
final class DiskTrouble {

    private DiskTrouble() {}

    public static void main(String[] args) throws Exception {
        Path home = Path.of(args[1]);
        Path control = Path.of(args[2]);
        switch (args[0]) {
            case "full" -> trouble(home, control, 'f', "disk is full");
            case "readonly" -> trouble(home, control, 'r', "mounted writable");
            case "startreadonly" -> startWithout(home, control, 'r');
            case "startfull" -> startWithout(home, control, 'f');
            case "slow" -> slow(home);
            default -> throw new IllegalArgumentException(args[0]);
        }
        System.out.println("passed");
    }

    private static void trouble(Path home, Path control, char mode, String expected) throws Exception {
        LocalStore store = Stores.open(home, Map.of("foldSeconds", 1, "journalKibibytes", 64));
        var power = store.collection("t.power", Stores.TEXT, Durability.POWER);
        var process = store.collection("t.process", Stores.TEXT, Durability.PROCESS);
        Stores.put(power, "k", "before");
        DiskShim.mode(control, mode);
        for (int i = 0; i < 3; i++) {
            String message = failure(power.put("k", "refused" + i).toCompletableFuture());
            check(message.contains("meta.db") && message.contains(expected), message);
        }
        check(power.get("k").orElseThrow().equals("before"), "the old record shows again");
        // Reported values live on in memory: far more bytes than the journal's bound, few keys.
        for (int i = 0; i < 3000; i++) {
            Stores.put(process, "p" + i % 20, "value " + i);
        }
        check(process.get("p19").orElseThrow().equals("value 2999"), "reported values");
        check(store.problems.list().stream().anyMatch(p -> p.code().equals("STORE-DISK")), "no problem shown");
        DiskShim.mode(control, 'n');
        until("the problem is gone", () -> store.problems.list().isEmpty());
        Stores.put(power, "k", "after");
        until("the journal is folded", () -> store.unfoldedRows() == 0);
        store.close();
        LocalStore again = Stores.open(home);
        check(again.collection("t.power", Stores.TEXT, Durability.POWER).get("k").orElseThrow().equals("after"), "after");
        check(again.collection("t.process", Stores.TEXT, Durability.PROCESS).get("p19").orElseThrow().equals("value 2999"), "p19");
        again.close();
    }

    /** The parent has left a database behind; its log as well if it was killed. */
    private static void startWithout(Path home, Path control, char mode) throws Exception {
        DiskShim.mode(control, mode);
        LocalStore store = Stores.open(home, Map.of("foldSeconds", 1));
        var power = store.collection("t.power", Stores.TEXT, Durability.POWER);
        check(power.get("k").orElseThrow().equals("kept"), "reading goes on");
        failure(power.put("k", "refused").toCompletableFuture());
        var ring = store.ring("t.ring", Stores.TEXT, 10);
        ring.append("x");
        DiskShim.mode(control, 'n');
        until("writes work", () -> {
            try {
                Stores.put(power, "k", "new");
                return true;
            } catch (Exception e) {
                return false;
            }
        });
        store.close();
        LocalStore again = Stores.open(home);
        check(again.collection("t.power", Stores.TEXT, Durability.POWER).get("k").orElseThrow().equals("new"), "new");
        again.close();
    }

    /** Four writers of desired values one at a time, beside them 12 000 reported values/s, folded every 3 s. */
    private static void slow(Path home) throws Exception {
        LocalStore store = Stores.open(home, Map.of("foldSeconds", 3));
        var power = store.collection("t.power", Stores.TEXT, Durability.POWER);
        var process = store.collection("t.process", Stores.TEXT, Durability.PROCESS);
        String value = "x".repeat(400);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(6);
        int writers = 4;
        long[][] took = new long[writers][4000];
        int[] counts = new int[writers];
        Thread[] threads = new Thread[writers];
        for (int w = 0; w < writers; w++) {
            int number = w;
            threads[w] = new Thread(() -> {
                for (int i = 0; System.nanoTime() < end && i < 4000; i++) {
                    long begin = System.nanoTime();
                    power.put("k" + number + "-" + i % 50, value + i).toCompletableFuture().join();
                    took[number][counts[number]++] = System.nanoTime() - begin;
                }
            });
            threads[w].start();
        }
        long puts = 0;
        long begin = System.nanoTime();
        CompletableFuture<?> last;
        do {
            last = null;
            for (int i = 0; i < 100; i++) {
                last = process.put("device" + puts % 50, value + puts).toCompletableFuture();
                puts++;
            }
            last.join();
            LockSupport.parkNanos(begin + puts * 1_000_000_000L / 12_000 - System.nanoTime());
        } while (System.nanoTime() < end);
        double rate = puts / ((System.nanoTime() - begin) / 1e9);
        for (Thread thread : threads) {
            thread.join();
        }
        long[] all = new long[Arrays.stream(counts).sum()];
        int at = 0;
        for (int w = 0; w < writers; w++) {
            System.arraycopy(took[w], 0, all, at, counts[w]);
            at += counts[w];
        }
        Arrays.sort(all);
        double p50 = all[all.length / 2] / 1e6;
        double p99 = all[all.length * 99 / 100] / 1e6;
        System.out.printf("20 ms per sync: %d desired values, p50 %.1f ms, p99 %.1f ms, max %.1f ms; %.0f reported values/s; "
                + "%.2f bytes to meta.db per reported value, desired ones included%n", all.length, p50, p99,
                all[all.length - 1] / 1e6, rate, (double) store.counters.metaBytes.sum() / puts);
        check(all.length > 100, "hardly any writes");
        check(p50 > 15, "the shim does not work");
        // Not the p99: on a busy machine that tells how long a thread waits for a processor.
        double p90 = all[all.length * 90 / 100] / 1e6;
        check(p90 <= 100, "p90 " + p90);
        check(rate >= 10_000, "rate " + rate);
        store.close();
    }

    private static String failure(CompletableFuture<Void> stage) {
        try {
            stage.orTimeout(10, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            return String.valueOf(e.getCause().getMessage());
        }
        throw new AssertionError("the write should have failed");
    }

    private static void until(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (!condition.getAsBoolean()) {
            check(System.nanoTime() < end, "not in time: " + what);
            Thread.sleep(20);
        }
    }

    private static void check(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }
}
