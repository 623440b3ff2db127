package io.kelp.mapper.internal;

import io.kelp.devicetwin.DeviceTwins.Twin;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceConnection;
import io.kelp.mapper.DeviceMethod;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.Lane;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import io.kelp.mapper.RequestRefusedException;
import io.kelp.mapper.SuggestedProperty;
import io.kelp.mapper.internal.Timeline.Alarm;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One device in the hands of its driver, from the first attempt to open it until the driver or the
 * device goes: opens, writes what is desired, reads what is due, closes after a failure, waits,
 * opens again. Each call of the driver is a turn on the device's bus. Confined to the timeline.
 */
final class DeviceRunner implements BusLane.Rider, DriverCalls.Observer, PushInbox.Receiver, Driving {

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
    private final DesiredWriter writer;
    private final DesiredValues desired;
    private final DeviceRequests requests;
    private final TwinReporter reporter;
    private final DeviceEvents events;
    private final HealthBook health;
    private final DeviceStanding standing;
    private final Owner owner;
    private final Backoff backoff;
    private final ValueIntake values;

    private final PropertyReads reads;
    private final Map<String, Reading> early = new LinkedHashMap<>(); // published while the device is being opened
    private Phase phase = Phase.TO_OPEN;
    private PushInbox inbox;
    private DeviceConnection connection;
    private Alarm alarm = () -> {}; // the end of the pause
    private boolean suspect = true;
    private boolean stopping;
    private boolean stoppedTold;
    private boolean requestsFirst;
    private String lostReason;
    private String awayReason; // the device is gone, its connection is not; null when it is there

    DeviceRunner(RuntimeContext runtime, DriverRef driver, DeviceConfig config, Lane terms, BusLane lane,
            Map<String, Twin> twins, Outlets outlets, Owner owner) {
        this.timeline = runtime.timeline();
        this.runtime = runtime;
        this.driver = driver;
        this.config = config;
        this.terms = terms;
        this.lane = lane;
        this.calls = new DriverCalls(runtime, runtime.deadlineOr(terms.deadline()), this);
        this.reporter = outlets.reporter();
        this.events = outlets.events();
        this.health = outlets.health();
        this.standing = new DeviceStanding(timeline, config.id(), outlets);
        this.owner = owner;
        this.writer = new DesiredWriter(timeline, config, twins, this, outlets);
        this.desired = writer.desired();
        this.values = writer.values();
        this.reads = new PropertyReads(timeline, config.properties(), this, values, outlets, this::askIfBusy);
        this.requests = new DeviceRequests(timeline, config.id(), this, outlets);
        this.backoff = new Backoff(runtime.firstPause(), runtime.longestPause(), runtime.random());
    }

    void start() {
        standing.opening();
        lane.ask(this);
    }

    /** Takes what the twins want now. */
    void desired(Map<String, Twin> twins) {
        desired.update(twins);
        writer.tellWaiting();
        askIfBusy();
    }

    /** Asks the device to do something now; see {@link DeviceRequests#call}. */
    void call(DeviceMethod method, Map<DeviceProperty, PropertyValue> arguments, Duration deadline, CompletableFuture<Map<String, String>> answer) {
        if (isThere(answer)) {
            requests.call(method, arguments, deadline, answer, values);
            askIfBusy();
        }
    }

    /** Asks the device what it has. */
    void discover(Duration deadline, CompletableFuture<List<SuggestedProperty>> answer) {
        if (isThere(answer)) {
            requests.discover(deadline, answer);
            askIfBusy();
        }
    }

    /** A device that is opened for the first time is waited for; one that does not answer is not. */
    private boolean isThere(CompletableFuture<?> answer) {
        boolean there = !stopping && awayReason == null && (phase == Phase.OPEN || phase == Phase.TO_OPEN && backoff.failures() == 0);
        if (!there) {
            answer.completeExceptionally(stopping ? new NotReadyException(changing())
                    : new IOException("device " + config.id() + " does not answer: " + health.lastError()));
        }
        return there;
    }

    private String changing() {
        return "device " + config.id() + " is being closed, because its configuration or its mapper changes or the gateway stops; call again";
    }

    Map<String, DesiredValues.Complaint> complaints() {
        return desired.complaints();
    }

    /** Ends the connection and then this runner; {@link Owner#stopped} follows. */
    void stop() {
        if (!stopping) {
            stopping = true;
            requests.putOff(changing());
            events.released();
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
            case OPEN -> awayReason == null && turn();
            case TO_CLOSE -> closeConnection();
            case PAUSING, ENDED -> false;
        };
    }

    /** Desired values go before all; then requests and reads take turns, so that neither keeps the other away. */
    private boolean turn() {
        requestsFirst = !requestsFirst;
        return writer.writeNext() || (requestsFirst ? requests.ride() || reads.readDue() : reads.readDue() || requests.ride());
    }

    @Override
    public Duration pauseAfter() {
        return terms.pause();
    }

    private void askIfBusy() {
        boolean busy = switch (phase) {
            case TO_OPEN, TO_CLOSE -> true;
            case OPEN -> awayReason == null && (desired.anyToWrite() || !reads.isEmpty() || !requests.isEmpty());
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
        String sentence = "a call to the mapper of protocol " + driver.protocol() + " does not end, although its deadline of "
                + calls.deadline().toMillis() + " ms has passed";
        if (stopping) {
            standing.hangs(sentence); // its driver or its device has gone; nobody waits for this thread
            tellStopped();
        } else {
            standing.hung(sentence);
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
        reads.open(opened.published());
        begin();
        if (awayReason != null) {
            gone(awayReason);
        } else if (reads.isEmpty() && !desired.anyToWrite()) {
            answered();
        }
        Map<String, Reading> told = Map.copyOf(early);
        early.clear();
        if (!told.isEmpty()) {
            published(inbox, told);
        }
    }

    /** The device is there, perhaps after having forgotten everything. */
    private void begin() {
        reporter.startAnew();
        desired.writeAll();
        reads.begin();
    }

    private void failure(String reason) {
        lostReason = null;
        suspect = true;
        // A device that was well is tried again within a second before its twins are told.
        standing.offline(reason, backoff.failures() > 0 || phase == Phase.TO_OPEN);
        writer.tellWaiting();
        requests.fail("device " + config.id() + " does not answer: " + reason);
        close();
    }

    /** The device is gone, but its connection stays and will tell of its return. */
    private void gone(String reason) {
        awayReason = reason;
        reads.away();
        standing.offline(reason, true);
        writer.tellWaiting();
        requests.fail("device " + config.id() + " does not answer: " + reason);
    }

    private void returned() {
        awayReason = null;
        if (phase == Phase.OPEN) {
            begin();
            answered();
            askIfBusy();
        }
    }

    /** Takes the device out of service; {@link #closed} follows, at once or when the driver has closed. */
    private void close() {
        alarm.cancel();
        reads.close();
        inbox = null;
        early.clear();
        awayReason = null;
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
        standing.pausing();
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

    // --- how the device is doing ---

    @Override
    public DriverCalls calls() {
        return calls;
    }

    @Override
    public DeviceConnection connection() {
        return connection;
    }

    @Override
    public boolean suspect() {
        return suspect;
    }

    @Override
    public void readSoon(DeviceProperty property) {
        if (phase == Phase.OPEN) {
            reads.soon(property);
        }
    }

    @Override
    public boolean broken(Throwable cause) {
        if (cause instanceof RequestRefusedException) {
            answered();
            settled();
            return false;
        }
        if (!stopping) {
            failure(calls.reason(driver, config, cause));
        }
        return true;
    }

    @Override
    public void answered() {
        suspect = false;
        if (phase == Phase.OPEN && !stopping && awayReason == null) {
            standing.online(backoff.failures() > 0);
        }
    }

    /** Everything that opening brings along has gone well: only now the pauses begin anew. */
    @Override
    public void settled() {
        if (reads.isEmpty() && !desired.anyToWrite()) {
            backoff.success();
        }
    }

    @Override
    public void published(PushInbox from, Map<String, Reading> readings) {
        if (from == inbox && phase == Phase.OPEN) {
            if (awayReason != null) {
                returned();
            }
            answered();
            readings.forEach((name, reading) -> config.property(name).ifPresent(p -> values.take(p, reading, false)));
            reporter.flush();
        } else if (from == inbox && phase == Phase.TO_OPEN) {
            awayReason = null;
            early.putAll(readings);
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

    @Override
    public void away(PushInbox from, String reason) {
        if (from == inbox && phase == Phase.OPEN) {
            gone(reason);
        } else if (from == inbox) {
            awayReason = reason; // it is being opened
        }
    }

    @Override
    public void back(PushInbox from) {
        if (from == inbox && awayReason != null) {
            returned();
        }
    }
}
