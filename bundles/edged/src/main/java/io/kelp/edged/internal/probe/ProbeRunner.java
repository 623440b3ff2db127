package io.kelp.edged.internal.probe;

import com.google.gson.JsonObject;
import io.kelp.edged.WorkloadContainer;
import io.kelp.edged.internal.SerialTasks;
import io.kelp.edged.internal.pod.ContainerProbes;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.edged.internal.pod.PodEvents;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Probes as kubelet runs them: {@code httpGet}, {@code tcpSocket} and {@code exec}, with all their
 * figures. No probe has a thread: they take turns on the given executor and wait for the network on
 * one thread in all, which is there only while something is probed over it.
 */
public final class ProbeRunner implements ContainerProbes, AutoCloseable {

    private final ProbeSockets sockets = new ProbeSockets();
    private final Checks checks;
    private final PodEvents events;
    private final SerialTasks serial;
    private final LongSupplier nanos;

    /**
     * @param executor serial
     * @param io looks up host names in probes; may refuse
     * @param podIp where probes go that name no host
     */
    public ProbeRunner(ScheduledExecutorService executor, Executor io, PodEvents events, Supplier<String> podIp) {
        this(executor, io, events, podIp, System::nanoTime);
    }

    ProbeRunner(ScheduledExecutorService executor, Executor io, PodEvents events, Supplier<String> podIp, LongSupplier nanos) {
        this.serial = new SerialTasks(executor, "probes");
        this.checks = new Checks(sockets, io, podIp);
        this.events = events;
        this.nanos = nanos;
    }

    @Override
    public AutoCloseable watch(Pod pod, JsonObject container, WorkloadContainer running, Listener listener) {
        ContainerWatch watch = new ContainerWatch(pod, container, running, listener, checks, events, serial, nanos);
        serial.run(watch::begin);
        return watch;
    }

    @Override
    public void close() {
        sockets.close();
    }
}
