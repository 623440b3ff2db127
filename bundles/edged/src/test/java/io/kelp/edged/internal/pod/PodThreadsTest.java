package io.kelp.edged.internal.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What comes from many threads arrives once, in order, and no more of it waits than there are pods. */
class PodThreadsTest {

    @Test
    void theInboxKeepsTheNewestOfEachPod() throws Exception {
        try (SerialLoop loop = new SerialLoop()) {
            CountDownLatch blocked = new CountDownLatch(1);
            loop.execute(() -> await(blocked));
            List<String> told = new java.util.concurrent.CopyOnWriteArrayList<>();
            Inbox inbox = new Inbox(loop, new Inbox.Reader() {
                @Override
                public void changed(Pod pod) {
                    told.add(pod.uid() + "=" + pod.resourceVersion());
                }

                @Override
                public void removed(Pod last) {
                    told.add("-" + last.uid());
                }

                @Override
                public void referenceChanged(String namespace) {
                    told.add(namespace);
                }

                @Override
                public void complete() {
                    told.add("complete");
                }
            });
            for (int i = 0; i < 10_000; i++) {
                inbox.changed(new Pod("default", "a", "u1", "" + i, new com.google.gson.JsonObject()));
                inbox.referenceChanged("default");
            }
            inbox.removed(new Pod("default", "a", "u1", "x", new com.google.gson.JsonObject()));
            inbox.changed(new Pod("default", "a", "u2", "1", new com.google.gson.JsonObject()));
            inbox.complete();
            blocked.countDown();
            CountDownLatch done = new CountDownLatch(1);
            loop.execute(done::countDown);
            assertTrue(done.await(10, TimeUnit.SECONDS));
            assertEquals(List.of("-u1", "u2=1", "default", "complete"), told);
        }
    }

    @Test
    void theLoopSurvivesATaskThatFailsAndEndsItsThread() throws Exception {
        Set<Thread> threads = new HashSet<>();
        AtomicInteger ran = new AtomicInteger();
        ConcurrentLinkedQueue<Map.Entry<Integer, Integer>> order = new ConcurrentLinkedQueue<>();
        try (SerialLoop loop = new SerialLoop()) {
            loop.execute(() -> threads.add(Thread.currentThread()));
            loop.execute(() -> {
                throw new IllegalStateException("expected by this test");
            });
            Thread[] writers = new Thread[4];
            for (int t = 0; t < writers.length; t++) {
                int writer = t;
                writers[t] = new Thread(() -> {
                    for (int i = 0; i < 1000; i++) {
                        int number = i;
                        loop.execute(() -> {
                            order.add(Map.entry(writer, number));
                            ran.incrementAndGet();
                        });
                    }
                });
                writers[t].start();
            }
            for (Thread writer : writers) {
                writer.join(10_000);
            }
            CountDownLatch done = new CountDownLatch(1);
            loop.execute(done::countDown);
            assertTrue(done.await(10, TimeUnit.SECONDS));
        }
        assertEquals(4000, ran.get());
        int[] last = {-1, -1, -1, -1};
        order.forEach(e -> assertEquals(++last[e.getKey()], e.getValue()));
        Thread loop = threads.iterator().next();
        loop.join(10_000);
        assertTrue(!loop.isAlive() && loop.getName().equals("kelp-pods"));
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(10, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
