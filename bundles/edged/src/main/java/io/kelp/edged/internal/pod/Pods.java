package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import io.kelp.control.ControlCommand;
import io.kelp.control.LivenessProbe;
import io.kelp.control.MetricSource;
import io.kelp.control.Problem;
import io.kelp.control.StatusSource;
import io.kelp.edged.ObjectEvents;
import io.kelp.edged.WorkloadRuntime;
import io.kelp.edged.internal.Machine;
import io.kelp.edged.internal.env.Environments;
import io.kelp.edged.internal.env.SecretCredentials;
import io.kelp.edged.internal.manifest.StaticPods;
import io.kelp.edged.internal.eviction.Pressure;
import io.kelp.edged.internal.eviction.PressureSource;
import io.kelp.edged.internal.probe.ProbeRunner;
import io.kelp.edged.internal.report.CloudStatuses;
import io.kelp.edged.internal.report.EventRecorder;
import io.kelp.edged.internal.report.NodeEvents;
import io.kelp.edged.internal.volume.VolumeFolders;
import io.kelp.edged.internal.volume.VolumeSettings;
import io.kelp.edged.internal.volume.Volumes;
import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.CloudMessageHandler;
import io.kelp.edgehub.GatewayClock;
import io.kelp.edgehub.GatewayIdentity;
import io.kelp.message.Message;
import io.kelp.message.ResourcePath;
import io.kelp.metamanager.MetaStore;
import io.kelp.store.Store;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.Designate;

/** The pods of the gateway, in the framework: puts the parts together and ends them. */
@Component(configurationPid = "io.kelp.edged.pod", immediate = true,
        service = {CloudMessageHandler.class, ControlCommand.class, StatusSource.class, MetricSource.class, LivenessProbe.class,
                ObjectEvents.class})
@Designate(ocd = PodConfig.class)
public final class Pods implements CloudMessageHandler, ControlCommand, StatusSource, MetricSource, LivenessProbe, ObjectEvents {

    private static final String UNHOLD = "unhold-upgrade";
    /** As often as the Node looks at the machine. */
    private static final Duration LOOK = Duration.ofSeconds(10);
    private static final int IO_THREADS = 2;
    private static final int IO_QUEUE = 2_000;

    private final SerialLoop loop = new SerialLoop();
    private final ThreadPoolExecutor io;
    private final CloudStatuses statuses;
    private final EventRecorder events;
    private final Volumes volumes;
    private final ProbeRunner probes;
    private final NodeEvents nodeEvents;
    private final StaticPods manifests;
    private final PodAgent agent;
    private final Evictor evictor;
    private final Pressure pressure;
    private final CompletableFuture<PodAgent> begun = new CompletableFuture<>();
    private final PodCommand command;
    private final PodReport report;

    @Activate
    public Pods(PodConfig config, BundleContext context, @Reference CloudLink link, @Reference GatewayIdentity identity,
            @Reference GatewayClock clock, @Reference MetaStore objects, @Reference Store store,
            @Reference PressureSource machine) {
        Path home = folder(context, "kelp.home");
        Path data = folder(context, "kelp.data");
        String run = context.getProperty("kelp.run");
        io = new ThreadPoolExecutor(IO_THREADS, IO_THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(IO_QUEUE), r -> {
            Thread thread = new Thread(r, "kelp-pods-io");
            thread.setDaemon(true);
            return thread;
        });
        io.allowCoreThreadTimeOut(true);
        Runtimes runtimes = new Runtimes();
        Machine host = new Machine(Path.of("/"), data);
        GatewayFacts node = new GatewayFacts(identity, host, runtimes);
        statuses = new CloudStatuses(link, objects, store, loop.executor(), this::goneAtCloud);
        events = new EventRecorder(link, clock, store, loop.executor(), io, identity.nodeName());
        List<Path> own = Stream.of(home.toString(), data.toString(), run, context.getProperty("kelp.etc")).filter(f -> f != null).map(Path::of).toList();
        volumes = new Volumes(objects, node, events, io, loop.executor(), new VolumeFolders(data, run == null ? null : Path.of(run)),
                new VolumeSettings(Stream.of(config.hostPathAllowed()).map(Path::of).toList(), own));
        probes = new ProbeRunner(loop.executor(), io, events, identity::nodeAddress);
        ProcessHandle self = ProcessHandle.current();
        nodeEvents = new NodeEvents(events, store, objects, identity.nodeName(), host.bootId(),
                self.pid() + " " + self.info().startInstant().orElse(Instant.EPOCH));
        Path etc = Path.of(Objects.requireNonNullElse(context.getProperty("kelp.etc"), home.resolve("etc").toString()));
        manifests = new StaticPods(config.manifests().isEmpty() ? etc.resolve("manifests") : Path.of(config.manifests()),
                Duration.ofSeconds(config.manifestSeconds()), identity.nodeName(), objects, link, loop.executor(), io);
        PodFolders folders = new PodFolders(data, home.resolve("log"), io);
        Seams seams = new Seams(loop, clock::now, identity::nodeAddress, statuses, events, volumes,
                new Environments(objects, node, events), probes, new SecretCredentials(objects), runtimes, folders,
                new PodRecords(store), new HostPorts());
        agent = new PodAgent(seams, new Hooks(io, loop),
                new PodAgent.Limits(config.maxPods(), Duration.ofSeconds(config.runtimeWaitSeconds())), identity.nodeName(),
                List.of(new MetaPods(objects), manifests));
        begun.complete(agent);
        command = new PodCommand(agent, folders, clock::now);
        evictor = new Evictor(agent, volumes, events, () -> runtimes.all().stream().map(Runtimes.Handle::runtime).toList());
        pressure = machine.pressure();
        loop.schedule(this::look, LOOK);
        report = new PodReport(agent, clock::now, Duration.ofMinutes(config.problemMinutes()));
    }

    private void look() {
        loop.schedule(this::look, LOOK);
        evictor.look(pressure);
    }

    private static Path folder(BundleContext context, String property) {
        String value = context.getProperty(property);
        if (value == null) {
            throw new IllegalStateException("framework property " + property + " is not set; start the gateway with bin/kelp");
        }
        return Path.of(value).toAbsolutePath();
    }

    @Deactivate
    void stop() {
        agent.close();
        manifests.close();
        nodeEvents.close();
        loop.close();
        probes.close();
        volumes.close();
        events.close();
        statuses.close();
        io.shutdownNow();
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addRuntime(WorkloadRuntime runtime) {
        agent.runtimeCame(runtime);
    }

    void removeRuntime(WorkloadRuntime runtime) {
        agent.runtimeWent(runtime);
    }

    private void goneAtCloud(String namespace, String name, String uid) {
        begun.thenAccept(all -> all.goneAtCloud(uid)); // an answer may come before this component is complete
    }

    @Override
    public void record(ObjectReference object, Type type, String reason, String message) {
        events.record(object, type, reason, message);
    }

    // ---- messages ----

    /** Only what releases held pods; pods themselves come from the meta manager. */
    @Override
    public boolean claims(Message message) {
        return UNHOLD.equals(message.operation()) && !message.isAnswer();
    }

    @Override
    public CompletionStage<Void> handle(Message message) {
        Optional<ResourcePath> path = ResourcePath.parse(message.resource());
        if (path.isEmpty() || path.get().name().isEmpty()) {
            return CompletableFuture.failedFuture(new IllegalArgumentException("\"" + message.resource()
                    + "\" names no pod; expected <namespace>/pod/<name> or <namespace>/node/<name>"));
        }
        if (path.get().type().equals("node")) {
            agent.releaseAll();
        } else {
            agent.release(path.get().namespace(), path.get().name());
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void connected(CloudLink.Peer peer) {
        statuses.connected();
        events.connected();
        manifests.connected();
    }

    @Override
    public void disconnected() {
        statuses.disconnected();
        events.disconnected();
        manifests.disconnected();
    }

    // ---- operators ----

    @Override
    public String name() {
        return "pod";
    }

    @Override
    public List<String> usage() {
        return command.usage();
    }

    @Override
    public Result run(List<String> arguments) {
        return command.run(arguments);
    }

    @Override
    public JsonObject status() {
        return report.status();
    }

    @Override
    public List<Problem> problems() {
        return Stream.concat(report.problems().stream(), manifests.problems().stream()).toList();
    }

    @Override
    public void collect(Sink sink) {
        report.collect(sink);
        sink.counter("kelp_events_dropped_total", "Kubernetes Events lost because too many waited for the cloud.", events.dropped());
        sink.counter("kelp_events_suppressed_total", "Kubernetes Events not made because their object had too many.", events.suppressed());
    }

    @Override
    public CompletionStage<Void> probe() {
        return CompletableFuture.runAsync(() -> {}, loop::execute);
    }
}
