package io.kelp.runtime.osgi.internal;

import com.google.gson.JsonObject;
import io.kelp.control.ControlCommand;
import io.kelp.control.MetricSource;
import io.kelp.control.StatusSource;
import io.kelp.devicetwin.DeviceTwins;
import io.kelp.edged.ContainerSpec;
import io.kelp.edged.ImageCredentials;
import io.kelp.edged.WorkloadContainer;
import io.kelp.edged.WorkloadException;
import io.kelp.edged.WorkloadRuntime;
import io.kelp.oci.ImageStore.StoredImage;
import io.kelp.oci.LocalImageStore;
import io.kelp.runtime.osgi.internal.process.ProcessContainment;
import io.kelp.runtime.osgi.internal.process.Restart;
import io.kelp.runtime.osgi.internal.region.AllowList;
import io.kelp.runtime.osgi.internal.region.RegionHooks;
import io.kelp.runtime.osgi.internal.region.Regions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.log.LogReaderService;
import org.osgi.service.metatype.annotations.Designate;

/**
 * Runs pods whose images hold OSGi bundles or plain jars, in the gateway's own process; see README.md of the bundle.
 * Immediate, so that containers go on while nobody holds the service, as when edged is exchanged.
 */
@Component(immediate = true, configurationPid = "io.kelp.runtime.osgi", service = {WorkloadRuntime.class, StatusSource.class, MetricSource.class})
@Designate(ocd = OsgiRuntimeConfig.class)
public final class OsgiRuntime implements WorkloadRuntime, StatusSource, MetricSource {

    private static final String HANDLER = "osgi";
    private static final long MIB = 1 << 20;
    private static final int WORKERS = 2;
    private static final int MOST_WORK = 1024;
    // The launcher gives the whole framework 4.5 s to stop.
    private static final Duration STOP_GRACE = Duration.ofMillis(2_500);
    private static final Duration STOP_LIMIT = Duration.ofMillis(3_500);

    private final ScheduledThreadPoolExecutor clock;
    private final ExecutorService work;
    private final Path data;
    private final Path home;
    private final AllowList allowed;
    private final ProcessContainment containment;
    private final RegionHooks hooks;
    private final Containers containers;
    private final String version;
    private final List<ServiceRegistration<?>> registrations = new ArrayList<>();
    private volatile Images images;
    private volatile long memoryBytes;
    private volatile DeviceTwins twins;

    /** @throws IOException when the image store cannot be opened */
    @Activate
    public OsgiRuntime(BundleContext context, OsgiRuntimeConfig config, @Reference ServiceComponentRuntime components) throws IOException {
        data = Path.of(context.getProperty("kelp.data"));
        home = Path.of(context.getProperty("kelp.home"));
        images = openImages(config);
        String run = context.getProperty("kelp.run");
        containment = new ProcessContainment(Bounds.of(config), InstantSource.system(), data, run == null ? data : Path.of(run),
                this::misbehaves, new Restart());
        clock = new ScheduledThreadPoolExecutor(1, r -> new Thread(r, "kelp-osgi"));
        clock.setRemoveOnCancelPolicy(true);
        clock.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        ThreadPoolExecutor pool = new ThreadPoolExecutor(WORKERS, WORKERS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(MOST_WORK),
                r -> new Thread(r, "kelp-osgi-work"));
        pool.allowCoreThreadTimeOut(true);
        work = pool;
        memoryBytes = memoryBytes(config);
        version = "kelp-osgi://" + context.getBundle().getVersion();
        Regions regions = new Regions(context.getBundle());
        allowed = new AllowList(morePackages(config), List.of(config.services()));
        hooks = new RegionHooks(context, regions, allowed);
        containers = new Containers(context, regions, hooks, components, containment, () -> twins, limits(config), clock, work);
        registrations.add(context.registerService(ControlCommand.class, new ImageCommand(() -> images.store()), null));
        work.execute(() -> images.loadAll(home.resolve("images")));
    }

    /**
     * Containers go on. What concerns logs and measuring applies when the gateway starts next, the rest at once.
     *
     * @throws IOException when the image store cannot be opened
     */
    @Modified
    void modified(OsgiRuntimeConfig config) throws IOException {
        images.store().close(); // downloads go on where they were when they are asked for again
        images = openImages(config);
        memoryBytes = memoryBytes(config);
        allowed.change(morePackages(config), List.of(config.services()));
        containers.limits(limits(config));
    }

    private Images openImages(OsgiRuntimeConfig config) throws IOException {
        return new Images(new LocalImageStore(data.resolve("images"), Images.settings(config)));
    }

    private List<String> morePackages(OsgiRuntimeConfig config) {
        List<String> packages = new ArrayList<>(containment.wovenImports());
        packages.addAll(List.of(config.packages()));
        return packages;
    }

    private static Containers.Limits limits(OsgiRuntimeConfig config) {
        return new Containers.Limits(Duration.ofSeconds(config.startSeconds()), config.nativeCode());
    }

    private static long memoryBytes(OsgiRuntimeConfig config) {
        return config.memoryMebibytes() > 0 ? config.memoryMebibytes() * MIB
                : Math.max(0, Runtime.getRuntime().maxMemory() - config.gatewayMebibytes() * MIB);
    }

    private void misbehaves(ContainerGroup threads, WorkloadContainer.Exit why) {
        containers.end(threads, why);
    }

    @Override
    public List<Running> running() {
        return containers.running();
    }

    @Override
    public Optional<WorkloadContainer.Exit> lastEnd(String podUid, String container) {
        return containment.lastEnd(podUid, container);
    }

    @Deactivate
    void stop() {
        registrations.forEach(ServiceRegistration::unregister);
        containers.stopAll(STOP_GRACE, STOP_LIMIT);
        containers.close();
        hooks.close();
        clock.shutdownNow();
        work.shutdownNow();
        images.store().close();
        containment.close();
    }

    @Reference(policy = ReferencePolicy.DYNAMIC, cardinality = ReferenceCardinality.OPTIONAL, unbind = "unsetTwins")
    void setTwins(DeviceTwins there) {
        twins = there;
        hooks.offerTwins(true);
    }

    void unsetTwins(DeviceTwins gone) {
        if (twins == gone) {
            hooks.offerTwins(false);
            twins = null;
        }
    }

    @Reference(policy = ReferencePolicy.DYNAMIC, cardinality = ReferenceCardinality.OPTIONAL, unbind = "unsetLog")
    void setLog(LogReaderService there) {
        there.addLogListener(containers);
    }

    void unsetLog(LogReaderService gone) {
        gone.removeLogListener(containers);
    }

    @Override
    public String handler() {
        return HANDLER;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public long memoryBytes() {
        return memoryBytes;
    }

    @Override
    public CompletionStage<Image> pull(String reference, List<ImageCredentials> credentials, Consumer<String> progress) {
        return images.pull(reference, credentials, progress);
    }

    @Override
    public Optional<Image> image(String reference) {
        return images.find(reference);
    }

    @Override
    public List<Image> images() {
        return images.all();
    }

    @Override
    public void keepImages(Set<String> ids) {
        images.store().keep(ids);
    }

    @Override
    public CompletionStage<Long> freeImages(long bytes) {
        return images.store().free(bytes);
    }

    @Override
    public CompletionStage<WorkloadContainer> start(ContainerSpec spec) {
        Optional<StoredImage> image = images.byId(spec.image());
        if (image.isEmpty()) {
            return CompletableFuture.failedFuture(new WorkloadException("CreateContainerError", "image " + spec.image() + " of container "
                    + spec.name() + " is not here any more; it is to be pulled again"));
        }
        return containers.start(spec, image.get());
    }

    @Override
    public void cancel(String podUid, String container) {
        containers.cancel(podUid, container);
    }

    @Override
    public void forget(String podUid) {
        containers.forget(podUid);
    }

    @Override
    public void retain(Set<String> podUids) {
        containers.retain(podUids);
    }

    @Override
    public JsonObject status() {
        JsonObject runtime = new JsonObject();
        runtime.addProperty("containers", containers.count());
        runtime.addProperty("images", images.store().images().size());
        runtime.addProperty("imageBytes", images.store().images().stream().mapToLong(StoredImage::bytes).sum());
        runtime.addProperty("memoryBytes", memoryBytes);
        JsonObject status = new JsonObject();
        status.add("workloads", runtime);
        return status;
    }

    @Override
    public void collect(Sink sink) {
        sink.gauge("kelp_workload_containers", "Containers of OSGi workloads that run", containers.count(), "runtime", HANDLER);
        sink.gauge("kelp_workload_images", "Images of OSGi workloads that are here", images.store().images().size(), "runtime", HANDLER);
        sink.gauge("kelp_workload_image_bytes", "Bytes that these images take, shared content counted in full",
                images.store().images().stream().mapToLong(StoredImage::bytes).sum(), "runtime", HANDLER);
    }
}
