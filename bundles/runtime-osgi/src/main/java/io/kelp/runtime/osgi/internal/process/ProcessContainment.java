package io.kelp.runtime.osgi.internal.process;

import io.kelp.edged.WorkloadContainer.Exit;
import io.kelp.runtime.osgi.internal.ContainerGroup;
import io.kelp.runtime.osgi.internal.ContainerProcess;
import io.kelp.runtime.osgi.internal.Containment;
import io.kelp.runtime.osgi.internal.output.ContainerLog;
import io.kelp.runtime.osgi.internal.output.ContainerOutput;
import io.kelp.runtime.osgi.internal.output.LogFlusher;
import io.kelp.runtime.osgi.internal.output.LogSettings;
import io.kelp.runtime.osgi.internal.usage.Culprits;
import io.kelp.runtime.osgi.internal.usage.UsageMeter;
import io.kelp.runtime.osgi.internal.usage.Watch;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Output, calls, usage and misbehaviour of all containers of this Java machine. Safe for use by several threads. */
public final class ProcessContainment implements Containment {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessContainment.class);
    private static final long FLUSH_MILLIS = 800;

    private final LogSettings logs;
    private final InstantSource clock;
    private final Culprits culprits;
    private final Watch watch;
    private final StuckThreads stuckThreads;
    private final ExitWitness witness;
    private final LogFlusher flusher;
    private final ContainerOutput output;
    private final Set<WatchedContainer> containers = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * @param clock for the time of log lines
     * @param data folder that lasts
     * @param run private folder of the gateway, in memory if possible
     * @param misbehaves has a container ended, with that end; returns at once
     * @param restart has the Java machine started anew, for the reason given; returns at once
     */
    public ProcessContainment(ContainmentSettings settings, InstantSource clock, Path data, Path run,
            BiConsumer<ContainerGroup, Exit> misbehaves, Consumer<String> restart) {
        this.logs = settings.logs();
        this.clock = clock;
        this.culprits = new Culprits(data, run);
        this.watch = new Watch(settings.watch(), culprits,
                verdict -> misbehaves.accept(((WatchedContainer) verdict.container()).threads(), verdict.exit()), restart);
        this.stuckThreads = new StuckThreads(culprits, restart);
        this.flusher = new LogFlusher(FLUSH_MILLIS, Thread.currentThread().getThreadGroup());
        this.output = ContainerOutput.install(ProcessContainment::logOfThread, ProcessContainment::logOfLoader, () -> !containers.isEmpty());
        this.witness = new ExitWitness(containers, culprits);
        Runtime.getRuntime().addShutdownHook(witness);
    }

    /** How this container brought the previous run of the gateway down; empty if it did not. */
    public Optional<Exit> lastEnd(String podUid, String container) {
        return culprits.lastEnd(podUid, container);
    }

    private static ContainerLog logOfThread() {
        WatchedContainer container = CurrentContainer.ofThread();
        return container == null ? null : container.log();
    }

    private static ContainerLog logOfLoader(ClassLoader loader) {
        ContainerGroup group = CurrentContainer.groupOf(loader);
        return group != null && group.watched() instanceof WatchedContainer container ? container.log() : null;
    }

    @Override
    public Watched watch(ContainerGroup threads) {
        ContainerLog log = new ContainerLog(threads.spec().log(), logs, clock, flusher);
        UsageMeter meter = new UsageMeter(threads::threads, System::nanoTime);
        WatchedContainer made = new WatchedContainer(threads, log, meter, new WatchedContainer.Events() {
            @Override
            public void stuck(WatchedContainer container, List<Thread> left) {
                stuckThreads.stuck(container, left);
            }

            @Override
            public void outOfMemory(WatchedContainer container) {
                watch.outOfMemory(container);
            }

            @Override
            public void closed(WatchedContainer container) {
                containers.remove(container);
                watch.remove(container);
            }
        });
        containers.add(made);
        watch.add(made);
        return made;
    }

    @Override
    public byte[] weave(String name, byte[] classFile) {
        try {
            return ClassWeaver.weave(classFile, true);
        } catch (UnweavableClassException e) {
            throw new ClassFormatError(name + ": " + e.getMessage());
        }
    }

    @Override
    public List<String> wovenImports() {
        return List.of(ClassWeaver.IMPORT);
    }

    @Override
    public ContainerProcess.Factory plainJars() {
        return run -> {
            run.threads().context(run.context());
            boolean command = !run.spec().command().isEmpty() || !run.image().entrypoint().isEmpty();
            LaunchCommand launch = LaunchCommand.of(run.image().jars(), run.context().args(), command);
            return new MainJar(run.threads(), launch.jars(), launch.mainClass(), launch.args());
        };
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            watch.close();
            output.close();
            flusher.close();
            removeWitness();
        }
    }

    private void removeWitness() {
        try {
            Runtime.getRuntime().removeShutdownHook(witness);
        } catch (IllegalStateException e) {
            LOG.debug("the Java machine ends, and the witness with it: {}", e.getMessage());
        }
    }
}
