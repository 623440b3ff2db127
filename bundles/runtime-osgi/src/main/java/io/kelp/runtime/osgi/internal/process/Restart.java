package io.kelp.runtime.osgi.internal.process;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends the Java machine so that its supervisor ({@code bin/kelp}, systemd) starts it again. */
public final class Restart implements Consumer<String> {

    /** Exit code that says so; EX_TEMPFAIL of sysexits.h. */
    public static final int CODE = 75;

    private static final Logger LOG = LoggerFactory.getLogger(Restart.class);
    private static final long HALT_MILLIS = 10_000;

    private final AtomicBoolean begun = new AtomicBoolean();

    /** Returns at once. The bundles are stopped in an orderly way, as far as they let themselves be. */
    @Override
    public void accept(String why) {
        if (begun.compareAndSet(false, true)) {
            LOG.error("the gateway is started anew: {}", why);
            Thread last = new Thread((ThreadGroup) null, () -> {
                try {
                    Thread.sleep(HALT_MILLIS); // a hook that hangs must not keep it
                } catch (InterruptedException e) {
                    LOG.debug("halted early");
                }
                Runtime.getRuntime().halt(CODE);
            }, "kelp-halt");
            last.setDaemon(true);
            last.start();
            new Thread((ThreadGroup) null, () -> System.exit(CODE), "kelp-restart").start();
        }
    }
}
