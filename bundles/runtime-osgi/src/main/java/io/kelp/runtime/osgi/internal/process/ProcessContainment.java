package io.kelp.runtime.osgi.internal.process;

import io.kelp.runtime.osgi.internal.ContainerGroup;
import io.kelp.runtime.osgi.internal.ContainerProcess;
import io.kelp.runtime.osgi.internal.Containment;
import io.kelp.runtime.osgi.internal.output.ContainerLog;
import io.kelp.runtime.osgi.internal.output.ContainerOutput;
import io.kelp.runtime.osgi.internal.output.LogFlusher;
import io.kelp.runtime.osgi.internal.output.LogSettings;
import io.kelp.runtime.osgi.internal.usage.UsageMeter;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** Output, calls, usage and misbehaviour of all containers of this Java machine. Safe for use by several threads. */
public final class ProcessContainment implements Containment {

    private static final long FLUSH_MILLIS = 800;

    private final LogSettings logs;
    private final InstantSource clock;
    private final LogFlusher flusher;
    private final ContainerOutput output;
    private final Set<WatchedContainer> containers = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** @param clock for the time of log lines */
    public ProcessContainment(LogSettings logs, InstantSource clock) {
        this.logs = logs;
        this.clock = clock;
        this.flusher = new LogFlusher(FLUSH_MILLIS, Thread.currentThread().getThreadGroup());
        this.output = ContainerOutput.install(ProcessContainment::logOfThread, ProcessContainment::logOfLoader);
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
        WatchedContainer[] made = new WatchedContainer[1];
        made[0] = new WatchedContainer(threads, log, meter, () -> containers.remove(made[0]));
        containers.add(made[0]);
        return made[0];
    }

    @Override
    public byte[] weave(String name, byte[] classFile) {
        try {
            return ClassWeaver.weave(classFile);
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
            output.close();
            flusher.close();
        }
    }
}
