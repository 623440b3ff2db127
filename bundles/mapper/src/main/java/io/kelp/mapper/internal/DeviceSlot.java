package io.kelp.mapper.internal;

import io.kelp.control.Problem;
import io.kelp.devicetwin.DeviceTwins;
import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.Generation;
import io.kelp.edged.ObjectEvents;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceHealth.State;
import io.kelp.mapper.DeviceMethod;
import io.kelp.mapper.Lane;
import io.kelp.mapper.SuggestedProperty;
import io.kelp.mapper.internal.Timeline.Alarm;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One device of this gateway: brings it together with the driver that speaks its protocol, and
 * starts anew when device or driver change. Confined to the timeline, but for health and problems.
 */
final class DeviceSlot implements DeviceRunner.Owner {

    private static final Logger LOG = LoggerFactory.getLogger(DeviceSlot.class);

    /** A mapper that is updated comes back within this time; before that, nobody is told that the device has no driver. */
    private static final Duration SWAP_TIME = Duration.ofSeconds(5);

    private final RuntimeContext runtime;
    private final DeviceConfigReader reader;
    private final Supplier<List<DriverRef>> drivers;
    private final LaneTable lanes;
    private final HealthBook health;
    private final TwinReporter reporter;
    private final Outlets outlets;
    private Device device;
    private DevicePlan plan; // null while there is none that can be followed
    private DeviceConfig config; // of the plan
    private DriverRef driver;
    private String bus = "";
    private volatile DeviceRunner runner;
    private boolean matching;
    private boolean removed;
    private Runnable whenStopped = () -> {};
    private Alarm swapAlarm = () -> {};

    private record Match(DriverRef driver, Lane lane) {}

    /** @param drivers those that are here now, the preferred ones first */
    DeviceSlot(RuntimeContext runtime, DeviceTwins twins, DeviceConfigReader reader, Supplier<List<DriverRef>> drivers,
            LaneTable lanes, Device device, HealthBook.Totals totals, ObjectEvents events) {
        this.runtime = runtime;
        this.reader = reader;
        this.drivers = drivers;
        this.lanes = lanes;
        this.device = device;
        this.health = new HealthBook(device.id().toString(), runtime.timeline().now(), totals);
        this.reporter = new TwinReporter(runtime.timeline(), twins, device.id(), health);
        this.outlets = new Outlets(reporter, new DeviceEvents(runtime.timeline(), events, device), health);
    }

    HealthBook health() {
        return health;
    }

    void changed(Device now) {
        device = now;
        outlets.events().changed(now);
        if (now.model() == null && now.generation() == Generation.MODERN && !DeviceConfigReader.modelName(now).isEmpty()) {
            if (runner != null) {
                runner.desired(now.twins()); // it is driven already; its model was deleted under it
            } else {
                state(State.NO_MODEL);
            }
            return;
        }
        DevicePlan fresh;
        try {
            fresh = reader.read(now);
        } catch (ConfigurationException e) {
            plan = null;
            config = null;
            misconfiguredBecause(e.getMessage());
            if (runner != null) {
                runner.stop();
            }
            return;
        }
        boolean same = fresh.sameWiring(plan);
        plan = fresh;
        config = fresh.config();
        reporter.rules(fresh.rules());
        if (runner == null) {
            if (!same) {
                match();
            }
        } else if (same) {
            runner.desired(now.twins());
        } else {
            LOG.info("Device {} is configured anew", config.id());
            runner.stop();
        }
    }

    /** See {@link io.kelp.mapper.DeviceCalls#call}. */
    void call(String name, Map<String, String> arguments, Duration deadline, CompletableFuture<Map<String, String>> answer) {
        if (!isDriven(answer)) {
            return;
        }
        try {
            DeviceMethod method = MethodArguments.method(config, name);
            runner.call(method, MethodArguments.checked(config, method, arguments), deadline, answer);
        } catch (CallRefusal e) {
            answer.completeExceptionally(e);
        }
    }

    /** See {@link io.kelp.mapper.DeviceCalls#discover}. */
    void discover(Duration deadline, CompletableFuture<List<SuggestedProperty>> answer) {
        if (isDriven(answer)) {
            runner.discover(deadline, answer);
        }
    }

    private boolean isDriven(CompletableFuture<?> answer) {
        if (runner == null || config == null) {
            String why = switch (health.state()) {
                case MISCONFIGURED, HUNG -> ": " + health.lastError();
                case NO_MODEL -> ": its DeviceModel " + DeviceConfigReader.modelName(device) + " is not here";
                default -> config == null ? "" : ": there is no mapper for protocol " + config.protocol();
            };
            String sentence = "device " + device.id() + " is not driven" + why;
            answer.completeExceptionally(switch (health.state()) {
                case MISCONFIGURED, HUNG -> new IOException(sentence);
                default -> new NotReadyException(sentence); // a driver is being looked for, or comes
            });
            return false;
        }
        return true;
    }

    void remove() {
        removed = true;
        if (runner != null) {
            runner.stop();
        }
    }

    /** The runtime ends; no driver is looked for any more. */
    void close() {
        removed = true;
        swapAlarm.cancel();
    }

    void driverCame() {
        if (runner == null && config != null) {
            match();
        }
    }

    /** @param done runs when the driver is used no more for this device */
    void driverGoes(DriverRef gone, Runnable done) {
        if (runner == null || !gone.equals(driver)) {
            done.run();
            return;
        }
        whenStopped = done;
        tellWhenAway();
        runner.stop();
    }

    /** Nobody looks at the device any more: what was said of it last holds no longer, unless it is driven again soon. */
    private void tellWhenAway() {
        swapAlarm.cancel();
        swapAlarm = runtime.timeline().after(SWAP_TIME, () -> {
            if (runner == null && !removed && (reporter.saidState() || !device.state().isEmpty())) {
                reporter.state("unknown");
            }
        });
    }

    /** Looks for a driver. Asking drivers is a call of foreign code, so it happens on a worker. */
    private void match() {
        if (matching || removed || config == null) {
            return;
        }
        List<DriverRef> asked = drivers.get();
        if (asked.isEmpty()) {
            undriven();
            return;
        }
        DeviceConfig of = config;
        matching = true;
        runtime.workers().call(true, runtime.deadline(), () -> choose(asked, of), new Workers.Result<Match>() {
            @Override
            public void done(Match match) {
                matching = false;
                if (!of.equals(config) || !asked.equals(drivers.get())) {
                    match(); // what was asked is no longer the question
                } else if (match == null) {
                    undriven();
                } else {
                    drive(match);
                }
            }

            @Override
            public void failed(Throwable cause, Match late) {
                matching = false;
                if (!of.equals(config) || !asked.equals(drivers.get())) {
                    match();
                } else if (cause instanceof ConfigurationException) {
                    misconfiguredBecause(cause.getMessage());
                } else {
                    misconfiguredBecause("device " + of.id() + ": a mapper failed when it was asked whether it drives it: " + cause);
                    runtime.timeline().after(runtime.longestPause(), DeviceSlot.this::driverCame);
                }
            }

            @Override
            public void hung() {
                health.error("device " + of.id() + ": a mapper does not say whether it drives it");
                state(State.HUNG);
            }
        });
    }

    private static Match choose(List<DriverRef> drivers, DeviceConfig config) throws ConfigurationException {
        for (DriverRef candidate : drivers) {
            if (candidate.speaks(config)) {
                return new Match(candidate, candidate.driver().lane(config));
            }
        }
        for (DriverRef candidate : drivers) {
            if (candidate.driver().claims(config)) {
                return new Match(candidate, candidate.driver().lane(config));
            }
        }
        return null;
    }

    private void drive(Match match) {
        if (removed) {
            return;
        }
        swapAlarm.cancel();
        driver = match.driver();
        bus = match.lane().bus();
        health.protocol(driver.protocol());
        Map<String, String> errors = new HashMap<>();
        device.twins().forEach((property, twin) -> errors.put(property, twin.error()));
        reporter.errorsKnown(errors);
        runner = new DeviceRunner(runtime, driver, config, match.lane(), lanes.take(driver, bus), device.twins(), outlets, this);
        runner.start();
    }

    @Override
    public void misconfigured(String sentence) {
        release();
        misconfiguredBecause(sentence);
        done();
    }

    @Override
    public void stopped() {
        release();
        tellWhenAway();
        if (config != null) {
            undriven();
        }
        done();
        match();
    }

    private void release() {
        lanes.give(driver, bus);
        runner = null;
        driver = null;
    }

    private void done() {
        Runnable waiting = whenStopped;
        whenStopped = () -> {};
        waiting.run();
    }

    private void undriven() {
        health.protocol("");
        state(State.UNDRIVEN);
    }

    private void misconfiguredBecause(String sentence) {
        boolean news = !sentence.equals(health.lastError());
        health.error(sentence);
        if (state(State.MISCONFIGURED) || news) {
            LOG.warn("Not driven: {}", sentence);
        }
        outlets.events().misconfigured(sentence);
        tellWhenAway();
    }

    private boolean state(State now) {
        return health.state(now, runtime.timeline().now());
    }

    /** What is wrong with this device. For any thread. */
    List<Problem> problems() {
        var now = health.snapshot();
        List<Problem> found = new ArrayList<>();
        switch (now.state()) {
            case MISCONFIGURED -> found.add(new Problem("DEVICE-MISCONFIGURED", now.lastError(), now.device(),
                    "Correct the Device or its DeviceModel and apply it again.", now.since()));
            case OFFLINE -> found.add(new Problem("DEVICE-UNREACHABLE", "Device " + now.device() + " does not answer: " + now.lastError(),
                    now.device(), "Check its power, its wiring or network, and its address in the Device.", now.since()));
            case HUNG -> found.add(new Problem("DEVICE-HUNG", "Device " + now.device() + ": " + now.lastError(), now.device(),
                    "Update the mapper, or restart the gateway if the device does not come back.", now.since()));
            case NO_MODEL -> found.add(new Problem("DEVICE-NO-MODEL", "Device " + now.device() + " waits for its DeviceModel "
                    + DeviceConfigReader.modelName(device), now.device(), "Create the DeviceModel in the namespace of the device.", now.since()));
            case UNDRIVEN, OPENING, ONLINE -> { }
        }
        DeviceRunner running = runner;
        Map<String, DesiredValues.Complaint> complaints = running == null ? Map.of() : running.complaints();
        complaints.values().forEach(c -> found.add(new Problem("DESIRED-NOT-TAKEN", "Device " + now.device() + ": " + c.sentence(),
                now.device() + " " + c.property(), "Set a value that the device and its model allow.", c.since())));
        return found;
    }
}
