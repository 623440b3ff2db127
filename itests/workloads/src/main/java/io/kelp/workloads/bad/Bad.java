package io.kelp.workloads.bad;

import io.kelp.runtime.osgi.PodContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Does what no workload should, as the variable {@code MODE} says. */
@Component(immediate = true)
public final class Bad {

    private final List<byte[]> kept = new ArrayList<>();
    private volatile long turns;

    @Activate
    public Bad(@Reference PodContext pod) {
        String mode = pod.env().getOrDefault("MODE", "throw");
        System.out.println("about to " + mode);
        switch (mode) {
            case "throw" -> throw new IllegalStateException("as told");
            case "exit" -> System.exit(3);
            case "halt" -> Runtime.getRuntime().halt(4);
            case "exit-later" -> start(() -> System.exit(5));
            case "throw-later" -> start(() -> {
                throw new IllegalStateException("as told, later");
            });
            case "block" -> block();
            case "spin" -> start(this::spin);
            case "deaf" -> start(this::ignoreInterrupts);
            case "leak" -> start(this::leak);
            default -> throw new IllegalArgumentException("no such mode: " + mode);
        }
    }

    private static void start(Runnable work) {
        new Thread(work, "bad").start();
    }

    /** Activation never ends, but can be interrupted. */
    private static void block() {
        while (!Thread.currentThread().isInterrupted()) {
            LockSupport.park();
        }
    }

    /** A whole processor, until interrupted. */
    private void spin() {
        while (!Thread.currentThread().isInterrupted()) {
            turns++;
        }
    }

    /** No processor time, but no end either. */
    private void ignoreInterrupts() {
        while (true) {
            LockSupport.parkNanos(10_000_000);
            Thread.interrupted();
        }
    }

    /** 1 MiB every 5 ms, all of it kept. */
    private void leak() {
        while (!Thread.currentThread().isInterrupted()) {
            kept.add(new byte[1 << 20]);
            LockSupport.parkNanos(5_000_000);
        }
    }
}
