package io.kelp.control.internal;

import io.kelp.control.LivenessProbe;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd that the gateway has started and that it works (sd_notify(3)). Does nothing when
 * systemd did not start it.
 *
 * <p>The JDK has no Unix datagram sockets, so the program {@code systemd-notify} speaks: two or
 * three times per watchdog period, some milliseconds of processor time each. The alternative, a
 * shell loop beside the gateway, would tell that the shell works.
 */
@Component(immediate = true)
public final class SystemdNotifier {

    private static final Logger LOG = LoggerFactory.getLogger(SystemdNotifier.class);
    private static final long LOOK_MILLIS = 250;
    private static final long PROGRAM_SECONDS = 10;

    private final Whiteboard<LivenessProbe> probes;
    private final BundleContext context;
    private final ScheduledExecutorService thread;
    private final long periodMillis;
    private String lastTrouble = "";

    @Activate
    public SystemdNotifier(BundleContext context) {
        this(context, System.getenv("NOTIFY_SOCKET"), System.getenv("WATCHDOG_USEC"));
    }

    SystemdNotifier(BundleContext context, String socket, String watchdogMicros) {
        this.context = context;
        this.probes = new Whiteboard<>(context, LivenessProbe.class);
        boolean digits = watchdogMicros != null && watchdogMicros.matches("\\d{1,15}");
        this.periodMillis = digits ? Long.parseLong(watchdogMicros) / 3000 : 0;
        if (socket == null || socket.isEmpty()) {
            this.thread = null;
            return;
        }
        this.thread = Executors.newSingleThreadScheduledExecutor(r -> new Thread(r, "kelp-watchdog"));
        thread.schedule(this::start, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Deactivate
    void stop() {
        probes.close();
        if (thread != null) {
            thread.shutdownNow();
        }
    }

    private void start() {
        // The system bundle is ACTIVE when the last start level is reached, that is, when all bundles had their turn.
        if (context.getBundle(0).getState() != Bundle.ACTIVE) {
            thread.schedule(this::start, LOOK_MILLIS, TimeUnit.MILLISECONDS);
            return;
        }
        say("--ready");
        if (periodMillis > 0) {
            thread.scheduleAtFixedRate(this::watch, periodMillis, periodMillis, TimeUnit.MILLISECONDS);
        }
    }

    private void watch() {
        List<LivenessProbe> asked = probes.services();
        String trouble = "";
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(periodMillis);
        for (LivenessProbe probe : asked) {
            try {
                CompletableFuture<Void> answer = probe.probe().toCompletableFuture();
                answer.get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException | ExecutionException e) {
                trouble = probe.name() + ": " + (e instanceof TimeoutException ? "no sign of life for " + periodMillis + " ms" : e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                trouble = probe.name() + ": " + e; // foreign code; counts as not alive
            }
        }
        if (!trouble.equals(lastTrouble)) {
            lastTrouble = trouble;
            LOG.warn(trouble.isEmpty() ? "All components work again" : "systemd is not told that the gateway works: {}", trouble);
        }
        if (trouble.isEmpty()) {
            say("WATCHDOG=1");
        }
    }

    private void say(String what) {
        try {
            Process program = new ProcessBuilder("systemd-notify", what)
                    .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            if (!program.waitFor(PROGRAM_SECONDS, TimeUnit.SECONDS)) {
                program.destroyForcibly();
                LOG.warn("systemd-notify {} does not end; killed", what);
            } else if (program.exitValue() != 0) {
                LOG.warn("systemd-notify {} failed with code {}", what, program.exitValue());
            }
        } catch (IOException e) {
            LOG.warn("systemd cannot be told {}: {}", what, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
