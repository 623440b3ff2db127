package io.kelp.runtime.osgi.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.edged.ContainerSpec;
import io.kelp.edged.ContainerSpec.PodRef;
import io.kelp.edged.WorkloadContainer;
import io.kelp.edged.WorkloadContainer.Exit;
import io.kelp.edged.WorkloadContainer.Readiness;
import io.kelp.edged.WorkloadContainer.Usage;
import io.kelp.edged.WorkloadException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A container's end is told, whatever comes together with it. */
class OsgiContainerTest {

    private static final long SECONDS = 10;

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(r -> new Thread(r, "test-clock"));
    private final ContainerGroup threads = new ContainerGroup(daemonGroup(),
            new ContainerSpec(new PodRef("default", "web", "u1", "127.0.0.1", Map.of(), Map.of(), Path.of("pods/u1")), "app", 0, "sha256:1", List.of(),
                    List.of(), Map.of(), List.of(), List.of(), 0, 0, 0, Path.of("0.log"), Path.of("termination")), code -> { });
    private final CountDownLatch mayStart = new CountDownLatch(1);
    private final CountDownLatch begun = new CountDownLatch(1);
    private volatile CompletionStage<WorkloadContainer> starting;
    private boolean waitsForStart;

    @AfterEach
    void stopClock() {
        clock.shutdownNow();
    }

    private final ContainerProcess process = new ContainerProcess() {
        @Override
        public void start() {
            begun.countDown();
            uninterrupted(() -> mayStart.await(SECONDS, TimeUnit.SECONDS));
        }

        @Override
        public CompletionStage<Exit> exit() {
            return new CompletableFuture<>();
        }

        @Override
        public Exit stop(Duration grace) {
            mayStart.countDown();
            if (waitsForStart) {
                uninterrupted(() -> starting.toCompletableFuture().get(SECONDS, TimeUnit.SECONDS));
            }
            return new Exit(0, "Completed", "", Instant.now());
        }

        @Override
        public void close() {
            // holds nothing
        }

        @Override
        public Readiness readiness() {
            return new Readiness(true, "");
        }

        @Override
        public void onReadiness(Runnable listener) {
            // never changes
        }
    };

    /** As that of Config Admin's threads, one of which may activate the runtime. */
    @SuppressWarnings("removal") // from Java 19 on of no effect
    private static ThreadGroup daemonGroup() {
        ThreadGroup group = new ThreadGroup("daemons");
        group.setDaemon(true);
        return group;
    }

    private interface Waiting {
        Object now() throws Exception;
    }

    /** Like code that takes no notice of an interrupt. */
    private static void uninterrupted(Waiting step) {
        while (true) {
            try {
                step.now();
                return;
            } catch (InterruptedException e) {
                continue;
            } catch (Exception e) { // whatever it is fails the test
                throw new AssertionError(e);
            }
        }
    }

    private static Containment.Watched watched(CompletionStage<List<Thread>> end) {
        return new Containment.Watched() {
            @Override
            public Usage usage() {
                throw new UnsupportedOperationException("nobody asks");
            }

            @Override
            public void log(String line) {
                // nobody reads it
            }

            @Override
            public boolean runHooks(Duration limit) {
                return true;
            }

            @Override
            public CompletionStage<List<Thread>> end(Duration patience) {
                return end;
            }

            @Override
            public void condemn() {
                // no loops to be thrown out of
            }

            @Override
            public void uncaught(Thread thread, Throwable failure) {
                throw new AssertionError(failure);
            }

            @Override
            public void close() {
                // holds nothing
            }
        };
    }

    private OsgiContainer container(Containment.Watched watched, Runnable released) {
        return new OsgiContainer("kelp-osgi://1", threads, process, watched, Map.of(), (command, limit) -> {
            throw new UnsupportedOperationException("no commands");
        }, clock, released);
    }

    @Test
    void aStartThatComesThroughWhileItIsCancelledEndsAllTheSame() throws Exception {
        waitsForStart = true;
        OsgiContainer container = container(watched(CompletableFuture.completedFuture(List.of())), () -> { });
        starting = container.start(Duration.ofSeconds(SECONDS));
        assertTrue(begun.await(SECONDS, TimeUnit.SECONDS));
        container.cancel();
        assertEquals(container, starting.toCompletableFuture().get(SECONDS, TimeUnit.SECONDS));
        container.exit().toCompletableFuture().get(SECONDS, TimeUnit.SECONDS); // else nobody could ever stop it
    }

    @Test
    void aStartThatIsCancelledFails() throws Exception {
        OsgiContainer container = container(watched(CompletableFuture.completedFuture(List.of())), () -> { });
        container.cancel();
        ExecutionException e = assertThrows(ExecutionException.class,
                () -> container.start(Duration.ofSeconds(SECONDS)).toCompletableFuture().get(SECONDS, TimeUnit.SECONDS));
        assertTrue(e.getCause() instanceof WorkloadException, e.toString());
        assertEquals(1, begun.getCount(), "its code has not run");
    }

    @Test
    void troubleWithWhatIsLeftDoesNotKeepItsEndFromBeingTold() throws Exception {
        mayStart.countDown();
        OsgiContainer container = container(watched(CompletableFuture.failedFuture(new IllegalStateException("threads"))), () -> {
            throw new IllegalStateException("folder");
        });
        container.start(Duration.ofSeconds(SECONDS)).toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
        container.stop(Duration.ofSeconds(1)).toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void itEndsAlthoughNoneOfItsThreadsLives() throws Exception {
        mayStart.countDown();
        OsgiContainer container = container(watched(CompletableFuture.completedFuture(List.of())), () -> { });
        container.start(Duration.ofSeconds(SECONDS)).toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
        for (Thread each : threads.threads()) {
            each.join();
        }
        assertEquals(0, container.stop(Duration.ofSeconds(1)).toCompletableFuture().get(SECONDS, TimeUnit.SECONDS).code());
    }
}
