package io.kelp.runtime.osgi.internal;

import io.kelp.devicetwin.DeviceTwins;
import io.kelp.edged.ContainerSpec;
import io.kelp.edged.WorkloadContainer;
import io.kelp.edged.WorkloadContainer.Exit;
import io.kelp.edged.WorkloadException;
import io.kelp.edged.WorkloadRuntime;
import io.kelp.oci.ImageStore.StoredImage;
import io.kelp.runtime.osgi.internal.bundle.BundleJar;
import io.kelp.runtime.osgi.internal.bundle.BundleProcess;
import io.kelp.runtime.osgi.internal.bundle.BundleSettings;
import io.kelp.runtime.osgi.internal.bundle.PodBundles;
import io.kelp.runtime.osgi.internal.bundle.PodWeaving;
import io.kelp.runtime.osgi.internal.region.Member;
import io.kelp.runtime.osgi.internal.region.RegionHooks;
import io.kelp.runtime.osgi.internal.region.Regions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleListener;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.hooks.weaving.WeavingHook;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogLevel;
import org.osgi.service.log.LogListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The containers that run, and what starts them. Safe for use by several threads; no method blocks but {@link #close}. */
final class Containers implements AutoCloseable, LogListener {

    private static final Logger LOG = LoggerFactory.getLogger(Containers.class);
    private static final long LOOK_SECONDS = 2; // at files of configurations, at components of those that are ready

    private final BundleContext context;
    private final Regions regions;
    private final RegionHooks hooks;
    private final PodBundles framework;
    private final ServiceComponentRuntime components;
    private final Containment containment;
    private final Supplier<DeviceTwins> twins;
    private final Ports ports;
    private final ScheduledExecutorService clock;
    private final Executor work;
    private final ServiceListener services = this::serviceChanged;
    private final BundleListener bundles = this::bundleChanged;
    private final ServiceRegistration<WeavingHook> weaving;
    private final ThreadGroup pods = ContainerGroup.lasting(new ThreadGroup(root(), "pods"));
    private final Map<String, Running> running = new ConcurrentHashMap<>();
    private volatile Limits limits;
    private volatile boolean stopping;
    private volatile boolean componentsChanged;

    /**
     * @param start what a container may take to start
     * @param nativeCode whether bundles may bring native code
     */
    record Limits(Duration start, boolean nativeCode) {}

    /** @param process {@code null} for a program without bundles */
    private record Running(ContainerSpec spec, OsgiContainer container, BundleProcess process, BundleSettings settings, Containment.Watched watched) {}

    Containers(BundleContext context, Regions regions, RegionHooks hooks, ServiceComponentRuntime components, Containment containment,
            Supplier<DeviceTwins> twins, Limits limits, ScheduledExecutorService clock, Executor work) {
        this.context = context;
        this.regions = regions;
        this.hooks = hooks;
        this.framework = new PodBundles(context, regions);
        this.components = components;
        this.containment = containment;
        this.twins = twins;
        this.ports = new Ports();
        this.limits = limits;
        this.clock = clock;
        this.work = work;
        framework.removeLeftovers();
        context.addServiceListener(services);
        context.addBundleListener(bundles);
        weaving = context.registerService(WeavingHook.class, new PodWeaving(regions, containment), null);
        clock.scheduleWithFixedDelay(this::look, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
    }

    /** Who makes us may be a thread of Config Admin, whose group ends with it. */
    private static ThreadGroup root() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        return group;
    }

    /** Until Java 19 its parent would keep it for ever. */
    @SuppressWarnings("removal") // from Java 19 on of no effect and of no need
    private void forgetGroup() {
        try {
            pods.destroy();
        } catch (IllegalThreadStateException e) {
            pods.setDaemon(true); // a thread of a pod lives yet; the group goes when that does
        }
    }

    /** For containers that are started from now on. */
    void limits(Limits now) {
        limits = now;
    }

    /** @return fails with {@link WorkloadException} */
    CompletionStage<WorkloadContainer> start(ContainerSpec spec, StoredImage image) {
        CompletableFuture<WorkloadContainer> started = new CompletableFuture<>();
        work.execute(() -> {
            try {
                OsgiContainer made = create(spec, image);
                if (stopping) {
                    made.cancel(); // it came too late for those who stop all
                }
                made.start(limits.start()).whenComplete((container, failure) -> {
                    if (failure == null) {
                        started.complete(container);
                    } else {
                        started.completeExceptionally(failure);
                    }
                });
            } catch (WorkloadException e) {
                started.completeExceptionally(e);
            } catch (RuntimeException e) { // else the caller would wait for ever
                started.completeExceptionally(new WorkloadException("CreateContainerError", "the container could not be made: " + e, e));
            }
        });
        return started;
    }

    private OsgiContainer create(ContainerSpec spec, StoredImage image) throws WorkloadException {
        List<BundleJar> jars = BundleJar.of(image, limits.nativeCode());
        boolean program = BundleJar.isProgram(jars);
        if (!program) {
            BundleJar.requireBundles(jars);
        }
        Map<Integer, Integer> taken = ports.take(spec);
        boolean made = false;
        Containment.Watched watched = null;
        try {
            Path folder = emptyFolder(spec);
            String key = UUID.randomUUID().toString();
            CompletableFuture<OsgiContainer> self = new CompletableFuture<>();
            ContainerGroup threads = new ContainerGroup(pods, spec, code -> self.thenAccept(c -> c.endedByItself(exit(code))));
            ContainerContext pod = new ContainerContext(spec, image, taken, folder.resolve("root"), threads);
            threads.context(pod);
            watched = containment.watch(threads);
            ContainerProcess.Run run = new ContainerProcess.Run(spec, image, pod, threads);
            NamespaceTwins devices = new NamespaceTwins(spec.pod().namespace(), threads, twins);
            BundleSettings settings = program ? null : new BundleSettings(context, hooks::configurations, threads, pod.env(), spec.mounts(), watched::log);
            BundleProcess bundleProcess = program ? null : new BundleProcess(run, jars, framework, components, folder,
                    new Member(spec.pod().uid(), key, pod, settings::of, devices), clock);
            ContainerProcess process = program ? containment.plainJars().create(run) : bundleProcess;
            OsgiContainer container = new OsgiContainer("kelp-osgi://" + key, threads, process, watched, taken,
                    new Execs(context, program ? List::of : bundleProcess::bundles, threads, clock), clock, () -> {
                        devices.close();
                        running.remove(key);
                        ports.release(spec);
                        delete(folder);
                    });
            running.put(key, new Running(spec, container, bundleProcess, settings, watched));
            self.complete(container);
            made = true;
            return container;
        } catch (IOException e) {
            throw new WorkloadException("CreateContainerError", "the container's folder or log cannot be written: " + e.getMessage(), e);
        } finally {
            if (!made) {
                ports.release(spec);
                if (watched != null) {
                    watched.close();
                }
            }
        }
    }

    private static Exit exit(int code) {
        return new Exit(code & 0xff, code == 0 ? "Completed" : "Error", code == 0 ? "" : "exit(" + code + ")", Instant.now());
    }

    private static Path emptyFolder(ContainerSpec spec) throws IOException {
        Path folder = spec.pod().folder().resolve("containers").resolve(spec.name()).resolve(String.valueOf(spec.attempt()));
        delete(folder);
        Files.createDirectories(folder.resolve("root"));
        return folder;
    }

    private static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(one);
            }
        } catch (IOException | UncheckedIOException e) { // something of it may still write to it
            LOG.warn("Folder {} of a container that has ended cannot be removed: {}", folder, e.toString());
        }
    }

    /** The pod is gone. */
    void forget(String podUid) {
        ports.forget(podUid);
    }

    /** Forgets what it still knows of other pods than these. */
    void retain(Set<String> podUids) {
        ports.retain(podUids);
        running.values().stream().filter(r -> !podUids.contains(r.spec().pod().uid())).forEach(r -> {
            LOG.warn("Stopping container {} of pod {}, which is not to be here", r.spec().name(), r.spec().pod());
            r.container().stop(Duration.ZERO);
        });
    }

    /** Ends what is being started of a container; its start fails then. */
    void cancel(String podUid, String name) {
        running.values().stream().filter(r -> r.spec().pod().uid().equals(podUid) && r.spec().name().equals(name)).forEach(r -> r.container().cancel());
    }

    /** What the framework's services say of a pod's bundle, as of a component that fails, is for the author of the pod. */
    @Override
    public void logged(LogEntry entry) {
        Member member = entry.getBundle() == null ? null : regions.of(entry.getBundle());
        Running one = member == null ? null : running.get(member.container());
        if (one != null && entry.getLogLevel().ordinal() <= LogLevel.INFO.ordinal()) {
            StringWriter text = new StringWriter();
            text.append(String.valueOf(entry.getLogLevel())).append(' ').append(entry.getMessage());
            if (entry.getException() != null) {
                entry.getException().printStackTrace(new PrintWriter(text.append('\n'), true));
            }
            one.watched().log(text.toString().stripTrailing());
        }
    }

    /** Ends a container for what it does to the others, with that as its end. */
    void end(ContainerGroup threads, Exit why) {
        running.values().stream().filter(r -> r.container().isOf(threads)).forEach(r -> r.container().kill(why));
    }

    /** Those that are up, for whoever looks after them now. */
    List<WorkloadRuntime.Running> running() {
        return running.values().stream().filter(r -> !r.container().exit().toCompletableFuture().isDone())
                .map(r -> new WorkloadRuntime.Running(r.spec(), r.container())).toList();
    }

    int count() {
        return running.size();
    }

    private void look() {
        if (componentsChanged) {
            componentsChanged = false;
            running.values().stream().filter(r -> r.process() != null).forEach(r -> r.process().changed(null));
        }
        for (Running one : running.values()) {
            if (one.settings() != null && one.settings().hasFiles()) {
                try {
                    work.execute(one.settings()::look);
                } catch (RejectedExecutionException e) {
                    LOG.debug("No time to look at the files of {}: {}", one.spec().name(), e.getMessage());
                }
            }
        }
    }

    private void serviceChanged(ServiceEvent event) {
        Bundle bundle = event.getServiceReference().getBundle();
        Member member = bundle == null ? null : regions.of(bundle);
        if (member != null) {
            Running one = running.get(member.container());
            if (one != null && one.settings() != null) {
                one.settings().serviceChanged(event);
                one.process().changed(null);
            }
        } else if (event.getServiceReference().isAssignableTo(context.getBundle(), ServiceComponentRuntime.class.getName())) {
            // Its property service.changecount says that some component somewhere has changed.
            // Those that are ready are told with the next look: to ask for all of them at each start of one is dear.
            componentsChanged = true;
            running.values().stream().filter(r -> r.process() != null && !r.process().wasReady()).forEach(r -> r.process().changed(null));
        }
    }

    private void bundleChanged(BundleEvent event) {
        Member member = event.getType() == BundleEvent.STOPPED ? regions.of(event.getBundle()) : null;
        Running one = member == null ? null : running.get(member.container());
        // When the whole framework stops, it is we who say what a container's end was.
        if (one != null && one.process() != null && context.getBundle(0).getState() == Bundle.ACTIVE) {
            one.process().changed(event.getBundle());
        }
    }

    /** Stops all of them at once; waits for it no longer than it may take. */
    void stopAll(Duration grace, Duration limit) {
        stopping = true;
        List<CompletableFuture<Exit>> ends = new ArrayList<>();
        running.values().forEach(r -> ends.add(r.container().stop(grace).toCompletableFuture()));
        try {
            CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)).get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warn("{} containers did not end within {} ms", running.size(), limit.toMillis());
        } catch (java.util.concurrent.ExecutionException e) {
            LOG.warn("A container ended badly: {}", e.getCause().toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        weaving.unregister();
        context.removeServiceListener(services);
        context.removeBundleListener(bundles);
        forgetGroup();
    }
}
