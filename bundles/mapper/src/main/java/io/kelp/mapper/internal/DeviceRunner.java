package io.kelp.mapper.internal;

import io.kelp.devicetwin.DeviceTwins.Twin;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceConnection;
import io.kelp.mapper.DeviceHealth.State;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.Lane;
import io.kelp.mapper.Reading;
import io.kelp.mapper.RequestRefusedException;
import io.kelp.mapper.internal.Timeline.Alarm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One device in the hands of its driver, from the first attempt to open it until the driver or the
 * device goes: opens, writes what is desired, reads what is due, closes after a failure, waits,
 * opens again. Each call of the driver is a turn on the device's bus. Confined to the timeline.
 */
final class DeviceRunner implements BusLane.Rider, DriverCalls.Observer, PushInbox.Receiver {

    private static final Logger LOG = LoggerFactory.getLogger(DeviceRunner.class);

    /** What the owner is told. */
    interface Owner {

        /** The driver will not drive this device as it is configured; the runner has ended. */
        void misconfigured(String sentence);

        /** The runner has ended after {@link DeviceRunner#stop}; its connection is closed, or hangs and is given up. */
        void stopped();
    }

    private enum Phase { TO_OPEN, OPEN, TO_CLOSE, PAUSING, ENDED }

    private final Timeline timeline;
    private final RuntimeContext runtime;
    private final DriverRef driver;
    private final DeviceConfig config;
    private final Lane terms;
    private final BusLane lane;
    private final DriverCalls calls;
    private final DesiredValues desired;
    private final TwinReporter reporter;
    private final HealthBook health;
    private final Owner owner;
    private final Backoff backoff;
    private final ValueIntake values;

    private final Map<String, DeviceProperty> due = new LinkedHashMap<>();
    private Phase phase = Phase.TO_OPEN;
    private PushInbox inbox;
    private DeviceConnection connection;
    private PollPlan plan;
    private Alarm alarm = () -> {}; // the next poll, or the end of the pause
    private boolean suspect = true;
    private boolean stopping;
    private boolean stoppedTold;
    private String lostReason;

    DeviceRunner(RuntimeContext runtime, DriverRef driver, DeviceConfig config, Lane terms, BusLane lane,
            Map<String, Twin> twins, TwinReporter reporter, HealthBook health, Owner owner) {
        this.timeline = runtime.timeline();
        this.runtime = runtime;
        this.driver = driver;
        this.config = config;
        this.terms = terms;
        this.lane = lane;
        this.calls = new DriverCalls(runtime, runtime.deadlineOr(terms.deadline()), this);
        this.reporter = reporter;
        this.health = health;
        this.owner = owner;
        this.desired = new DesiredValues(config);
        this.backoff = new Backoff(runtime.firstPause(), runtime.longestPause(), runtime.random());
        desired.update(twins);
        this.values = new ValueIntake(timeline, twins, desired, reporter, health);
    }

    void start() {
        state(State.OPENING);
        lane.ask(this);
    }

    /** Takes what the twins want now. */
    void desired(Map<String, Twin> twins) {
        desired.update(twins);
        askIfBusy();
    }

    Map<String, DesiredValues.Complaint> complaints() {
        return desired.complaints();
    }

    /** Ends the connection and then this runner; {@link Owner#stopped} follows. */
    void stop() {
        if (!stopping) {
            stopping = true;
            reporter.close();
            close();
            if (calls.hung()) {
                tellStopped();
            }
        }
    }

    // --- turns on the bus ---

    @Override
    public boolean ride() {
        return switch (phase) {
            case TO_OPEN -> open();
            case OPEN -> writeNext() || readDue();
            case TO_CLOSE -> closeConnection();
            case PAUSING, ENDED -> false;
        };
    }

    @Override
    public Duration pauseAfter() {
        return terms.pause();
    }

    private void askIfBusy() {
        boolean busy = switch (phase) {
            case TO_OPEN, TO_CLOSE -> true;
            case OPEN -> desired.anyToWrite() || !due.isEmpty();
            case PAUSING, ENDED -> false;
        };
        if (busy && !calls.running()) {
            lane.ask(this);
        }
    }

    @Override
    public void over() {
        if (phase == Phase.OPEN && lostReason != null) {
            failure(lostReason);
        }
        lane.release(this);
        askIfBusy();
    }

    @Override
    public void hung() {
        health.error("a call to the mapper of protocol " + driver.protocol() + " does not end, although its deadline of "
                + calls.deadline().toMillis() + " ms has passed");
        LOG.warn("Device {}: {}", config.id(), health.lastError());
        if (stopping) {
            tellStopped(); // its driver or its device has gone; nobody waits for this thread
        } else {
            state(State.HUNG);
            reporter.state("offline");
        }
    }

    // --- opening and closing ---

    private boolean open() {
        PushInbox fresh = new PushInbox(timeline,
                config.properties().stream().map(DeviceProperty::name).collect(Collectors.toUnmodifiableSet()), values.lastReported(), this);
        inbox = fresh;
        calls.open(driver.driver(), config, fresh, this::opened, (cause, late) -> {
            if (late != null) {
                connection = late.connection();
            }
            if (stopping) {
                close();
            } else if (cause instanceof ConfigurationException) {
                phase = Phase.ENDED;
                owner.misconfigured(cause.getMessage());
            } else {
                failure(calls.reason(driver, config, cause));
            }
        });
        return true;
    }

    private void opened(DriverCalls.Opened opened) {
        connection = opened.connection();
        if (stopping) {
            close();
            return;
        }
        phase = Phase.OPEN;
        reporter.startAnew();
        desired.writeAll();
        List<DeviceProperty> polled = new ArrayList<>();
        for (DeviceProperty property : config.properties()) {
            boolean published = opened.published().contains(property.name());
            if (!published) {
                polled.add(property);
            }
            if (published || !property.collectCycle().isZero()) {
                due.put(property.name(), property);
            }
        }
        plan = new PollPlan(polled, timeline.nanos());
        armPolls();
        if (due.isEmpty() && !desired.anyToWrite()) {
            success();
        }
    }

    private void failure(String reason) {
        lostReason = null;
        health.error(reason);
        if (state(State.OFFLINE)) {
            LOG.info("Device {} is unreachable, tried again until it is back: {}", config.id(), reason);
        }
        suspect = true;
        // A device that was well is tried again within a second before anybody is told.
        if (backoff.failures() > 0 || phase == Phase.TO_OPEN) {
            reporter.state("offline");
        }
        close();
    }

    /** Takes the device out of service; {@link #closed} follows, at once or when the driver has closed. */
    private void close() {
        alarm.cancel();
        due.clear();
        inbox = null;
        if (connection == null && !calls.running()) {
            closed();
        } else {
            phase = Phase.TO_CLOSE;
            askIfBusy();
        }
    }

    private boolean closeConnection() {
        DeviceConnection closing = connection;
        connection = null;
        calls.close(closing, this::closed, cause -> {
            LOG.debug("Device {} was not closed cleanly: {}", config.id(), calls.reason(driver, config, cause));
            closed();
        });
        return true;
    }

    private void closed() {
        if (stopping) {
            phase = Phase.ENDED;
            if (stoppedTold) {
                runtime.workers().renew(); // it had hung; what it left in the thread that closed it must go, too
            }
            tellStopped();
            return;
        }
        phase = Phase.PAUSING;
        state(State.OFFLINE);
        alarm = timeline.after(backoff.failure(), () -> {
            phase = Phase.TO_OPEN;
            askIfBusy();
        });
    }

    private void tellStopped() {
        if (!stoppedTold) {
            stoppedTold = true;
            owner.stopped();
        }
    }

    // --- reading ---

    private void armPolls() {
        if (!plan.isEmpty()) {
            alarm = timeline.after(Duration.ofNanos(plan.untilNext(timeline.nanos())), this::poll);
        }
    }

    private void poll() {
        List<DeviceProperty> turn = new ArrayList<>();
        health.missed(plan.take(timeline.nanos(), p -> due.containsKey(p.name()), turn));
        turn.forEach(p -> due.putIfAbsent(p.name(), p));
        armPolls();
        askIfBusy();
    }

    private boolean readDue() {
        if (due.isEmpty()) {
            return false;
        }
        List<DeviceProperty> asked = List.copyOf(due.values());
        due.clear();
        calls.read(connection, suspect, asked, readings -> {
            health.read(true);
            success();
            for (DeviceProperty property : asked) {
                Reading reading = readings.get(property.name());
                if (reading != null) {
                    values.take(property, reading, true);
                }
            }
            reporter.flush();
            settled();
        }, cause -> {
            health.read(false);
            if (!broken(cause)) {
                health.error("read refused: " + cause.getMessage());
            }
        });
        return true;
    }

    // --- writing ---

    private boolean writeNext() {
        for (Optional<DeviceProperty> next = desired.next(); next.isPresent(); next = desired.next()) {
            DeviceProperty property = next.get();
            String text = desired.wanted(property);
            try {
                var value = property.checked(text);
                calls.write(connection, suspect, property, value,
                        written -> written(property, text, written), cause -> notWritten(property, text, cause));
                return true;
            } catch (IllegalArgumentException e) {
                refused(property, e.getMessage());
            }
        }
        return false;
    }

    private void written(DeviceProperty property, String text, DriverCalls.Written written) {
        health.write(true);
        success();
        desired.written(property, text, written.readsBack(), timeline.nanos());
        written.reading().ifPresentOrElse(reading -> values.take(property, reading, true), () -> {
            if (phase == Phase.OPEN) {
                due.put(property.name(), property);
            }
        });
        reporter.flush();
        settled();
    }

    private void notWritten(DeviceProperty property, String text, Throwable cause) {
        health.write(false);
        if (broken(cause)) {
            desired.lost(property);
        } else {
            refused(property, "property " + property.name() + " was not set to \"" + text
                    + "\", the device refused it: " + cause.getMessage());
        }
    }

    private void refused(DeviceProperty property, String sentence) {
        LOG.info("Device {}: {}", config.id(), sentence);
        health.error(sentence);
        desired.refused(property, sentence, timeline.now());
    }

    // --- how the device is doing ---

    /** @return whether the call's failure means that the device is lost; it is then taken out of service */
    private boolean broken(Throwable cause) {
        if (cause instanceof RequestRefusedException) {
            success();
            settled();
            return false;
        }
        if (!stopping) {
            failure(calls.reason(driver, config, cause));
        }
        return true;
    }

    /** The device has answered. */
    private void success() {
        suspect = false;
        if (phase == Phase.OPEN && !stopping) {
            if (state(State.ONLINE) && backoff.failures() > 0) {
                LOG.info("Device {} is back", config.id());
            }
            reporter.state("online");
        }
    }

    /** Everything that opening brings along has gone well: only now the pauses begin anew. */
    private void settled() {
        if (due.isEmpty() && !desired.anyToWrite()) {
            backoff.success();
        }
    }

    private boolean state(State now) {
        return health.state(now, timeline.now());
    }

    @Override
    public void published(PushInbox from, Map<String, Reading> readings) {
        if (from == inbox && phase == Phase.OPEN) {
            success();
            readings.forEach((name, reading) -> config.property(name).ifPresent(p -> values.take(p, reading, false)));
            reporter.flush();
        }
    }

    @Override
    public void lost(PushInbox from, String reason) {
        if (from != inbox) {
            return; // told of a connection that is closed already
        }
        if (phase == Phase.OPEN && !calls.running()) {
            failure(reason);
        } else {
            lostReason = reason; // taken up when the call at hand is over
        }
    }
}
