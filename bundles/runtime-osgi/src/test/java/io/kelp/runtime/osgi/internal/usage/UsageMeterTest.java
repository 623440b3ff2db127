package io.kelp.runtime.osgi.internal.usage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.edged.WorkloadContainer.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class UsageMeterTest {

    @Test
    void countsWhatThreadsUsedThatHaveEnded() throws Exception {
        List<Thread> threads = new ArrayList<>();
        CountDownLatch worked = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        AtomicLong kept = new AtomicLong();
        Thread thread = new Thread(() -> {
            for (int i = 0; i < 100; i++) {
                kept.addAndGet(new byte[100_000].length);
            }
            worked.countDown();
            try {
                end.await();
            } catch (InterruptedException e) {
                return;
            }
        });
        threads.add(thread);
        UsageMeter meter = new UsageMeter(() -> List.copyOf(threads), System::nanoTime);
        thread.start();
        assertTrue(worked.await(10, TimeUnit.SECONDS));
        Usage before = meter.sample();
        assertTrue(before.allocatedBytes() >= 10_000_000 && before.cpuNanos() > 0, before.toString());
        assertEquals(1, before.threads());
        end.countDown();
        thread.join();
        threads.clear();
        Usage after = meter.sample();
        assertEquals(new Usage(before.cpuNanos(), before.allocatedBytes(), 0), after);
        assertEquals(after, meter.sample());
    }

    @Test
    void measuringAHundredContainersCostsLittle() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        List<UsageMeter> meters = new ArrayList<>();
        for (int c = 0; c < 100; c++) {
            ThreadGroup group = new ThreadGroup("container " + c);
            for (int t = 0; t < 3; t++) {
                Thread thread = new Thread(group, () -> {
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        return;
                    }
                });
                thread.setDaemon(true);
                thread.start();
            }
            meters.add(new UsageMeter(() -> {
                Thread[] found = new Thread[8];
                return List.of(java.util.Arrays.copyOf(found, group.enumerate(found)));
            }, System::nanoTime));
        }
        long best = Long.MAX_VALUE;
        for (int round = 0; round < 20; round++) {
            long began = System.nanoTime();
            meters.forEach(UsageMeter::sample);
            best = Math.min(best, System.nanoTime() - began);
        }
        end.countDown();
        System.out.println("100 containers of 3 threads measured in " + best / 1000 + " µs");
        assertTrue(best < 50_000_000, best / 1000 + " µs"); // each 10 s: 0.5 % of a processor would be 50 ms
    }
}
