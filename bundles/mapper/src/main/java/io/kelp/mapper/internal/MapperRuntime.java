package io.kelp.mapper.internal;

import com.google.gson.JsonObject;
import io.kelp.control.LivenessProbe;
import io.kelp.control.MetricSource;
import io.kelp.control.Problem;
import io.kelp.control.StatusSource;
import io.kelp.devicetwin.DeviceTwins;
import io.kelp.edged.ObjectEvents;
import io.kelp.mapper.DeviceCalls;
import io.kelp.mapper.DeviceDriver;
import io.kelp.mapper.DeviceHealth.State;
import io.kelp.mapper.DeviceHealth;
import io.kelp.mapper.MapperHealth;
import io.kelp.mapper.SuggestedProperty;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the devices of {@link DeviceTwins} and the {@link DeviceDriver} services together. */
@Component(configurationPid = "io.kelp.mapper", immediate = true,
        service = {MapperHealth.class, DeviceCalls.class, StatusSource.class, MetricSource.class, LivenessProbe.class})
@Designate(ocd = MapperConfig.class)
public final class MapperRuntime implements MapperHealth, DeviceCalls, StatusSource, MetricSource, LivenessProbe {

    private static final Logger LOG = LoggerFactory.getLogger(MapperRuntime.class);
    private static final long CLOSE_MILLIS = 2_000;

    private final SerialTimeline timeline = new SerialTimeline();
    private final WorkerPool workers;
    private final Fleet fleet;
    private final DeviceTwins twins;
    private final Map<DeviceDriver, DriverRef> drivers = new ConcurrentHashMap<>();
    private final EventOutlet events = new EventOutlet();
    private AutoCloseable watch = () -> {};

    @Activate
    public MapperRuntime(MapperConfig config, @Reference DeviceTwins twins) {
        this.twins = twins;
        workers = new WorkerPool(timeline, new WorkerPool.Limits(
                config.threads(), config.extraThreads(), Duration.ofMillis(config.slowCallMillis())));
        RuntimeContext context = new RuntimeContext(timeline, workers, RandomGenerator.getDefault(),
                Duration.ofMillis(config.deadlineMillis()), Duration.ofMillis(config.firstPauseMillis()),
                Duration.ofMillis(config.longestPauseMillis()));
        fleet = new Fleet(context, twins, new DeviceConfigReader(Duration.ofMillis(config.shortestCycleMillis()),
                new ReportRule.Defaults(Duration.ofMillis(config.shortestRepeatMillis()), config.reportToCloudDefault())),
                config.mostDevices(), events);
    }

    @Activate
    void start() {
        watch = twins.watch(fleet);
    }

    @Deactivate
    void stop() {
        try {
            watch.close();
        } catch (Exception e) { // AutoCloseable declares no narrower one
            LOG.warn("The watch on the twins did not close", e);
        }
        if (!fleet.stop(CLOSE_MILLIS)) {
            LOG.warn("Not all devices were closed within {} ms", CLOSE_MILLIS);
        }
        workers.close();
        timeline.close();
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    void setEvents(ObjectEvents target) {
        events.target(target);
    }

    void unsetEvents(ObjectEvents target) {
        events.gone(target);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addDriver(DeviceDriver driver, Map<String, Object> properties) {
        DriverRef ref;
        try {
            ref = DriverRef.of(driver, properties.get(Constants.SERVICE_RANKING) instanceof Integer ranking ? ranking : 0,
                    (Long) properties.get(Constants.SERVICE_ID));
        } catch (RuntimeException e) { // foreign code; without a protocol it is no use
            LOG.error("Mapper {} does not say its protocol and is left out", driver.getClass().getName(), e);
            return;
        }
        drivers.put(driver, ref);
        fleet.driverCame(ref);
    }

    void removeDriver(DeviceDriver driver) {
        DriverRef ref = drivers.remove(driver);
        // Waits, within bounds, so that ports and sockets are free when the bundle is gone or its successor comes.
        if (ref != null && !fleet.driverGoes(ref, CLOSE_MILLIS)) {
            LOG.warn("Not all devices of protocol {} were closed within {} ms", ref.protocol(), CLOSE_MILLIS);
        }
    }

    @Override
    public String name() {
        return "mapper";
    }

    @Override
    public CompletionStage<Void> probe() {
        return timeline.probe();
    }

    @Override
    public List<DeviceHealth> devices() {
        return fleet.devices();
    }

    @Override
    public CompletionStage<Map<String, String>> call(String namespace, String device, String method, Map<String, String> arguments,
            Duration deadline) {
        return fleet.call(namespace, device, method, arguments, deadline);
    }

    @Override
    public CompletionStage<List<SuggestedProperty>> discover(String namespace, String device, Duration deadline) {
        return fleet.discover(namespace, device, deadline);
    }

    @Override
    public JsonObject status() {
        JsonObject counts = new JsonObject();
        counts().forEach((state, number) -> counts.addProperty(state.name().toLowerCase(Locale.ROOT), number));
        JsonObject status = new JsonObject();
        status.add("drivenDevices", counts);
        return status;
    }

    private Map<State, Integer> counts() {
        Map<State, Integer> counts = new EnumMap<>(State.class);
        for (State state : State.values()) {
            counts.put(state, 0);
        }
        fleet.devices().forEach(d -> counts.merge(d.state(), 1, Integer::sum));
        return counts;
    }

    @Override
    public List<Problem> problems() {
        return fleet.problems();
    }

    @Override
    public void collect(Sink sink) {
        counts().forEach((state, number) -> sink.gauge("kelp_mapper_devices", "Devices by the state of their connection.",
                number, "state", state.name().toLowerCase(Locale.ROOT)));
        sink.gauge("kelp_mapper_drivers", "Device drivers that are here.", fleet.drivers().size());
        var totals = fleet.totals();
        sink.counter("kelp_mapper_reads_total", "Read requests that devices answered.", totals.reads());
        sink.counter("kelp_mapper_read_errors_total", "Read requests that failed.", totals.readErrors());
        sink.counter("kelp_mapper_writes_total", "Writes that devices took.", totals.writes());
        sink.counter("kelp_mapper_write_errors_total", "Writes that failed or were refused.", totals.writeErrors());
        sink.counter("kelp_mapper_reported_values_total", "Values handed on to the twins.", totals.reports());
        sink.counter("kelp_mapper_outdated_values_total", "Values dropped because their device says that they are older than one before.",
                totals.outdated());
        sink.counter("kelp_mapper_missed_polls_total", "Cycles that passed without a read because device or bus was busy.", totals.missedPolls());
    }
}
