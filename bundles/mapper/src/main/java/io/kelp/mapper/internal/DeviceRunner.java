package io.kelp.mapper.internal;

import io.kelp.devicetwin.DeviceTwins.Twin;
import io.kelp.mapper.AsyncConnection;
import io.kelp.mapper.BlockingConnection;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceConnection;
import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.DeviceHealth.State;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.Lane;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import io.kelp.mapper.RequestRefusedException;
import io.kelp.mapper.internal.Timeline.Alarm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One device in the hands of its driver, from the first attempt to open it until the driver or the
 * device goes: opens, writes what is desired, reads what is due, closes after a failure, waits,
 * opens again. At most one call of the driver runs at a time. Confined to the timeline.
 */
final class DeviceRunner implements BusLane.Rider {

    private static final Logger LOG = LoggerFactory.getLogger(DeviceRunner.class);

    /** What the owner is told. */
    interface Owner {

        /** The driver will not drive this device as it is configured; the runner has ended. */
        void misconfigured(String sentence);

        /** The runner has ended after {@link DeviceRunner#stop}; its connection is closed, or hangs and is given up. */
        void stopped();
    }

    private enum Phase { TO_OPEN, OPEN, TO_CLOSE, PAUSING, ENDED }

    /** What opening gave; taken on the driver's thread, since asking the connection is a call, too. */
    private record Opened(DeviceConnection connection, Set<String> published) {}

    private final RuntimeContext runtime;
    private final DriverRef driver;
    private final DeviceConfig config;
    private final Lane terms;
    private final BusLane lane;
    private final DesiredValues desired;
    private final TwinReporter reporter;
    private final HealthBook health;
    private final Owner owner;
    private final Backoff backoff;

    private final Map<String, DeviceProperty> due = new LinkedHashMap<>();
    private final Map<String, Optional<String>> lastReported = new LinkedHashMap<>();
    private Phase phase = Phase.TO_OPEN;
    private Context context;
    private DeviceConnection connection;
    private PollPlan plan;
    private Alarm pollAlarm = () -> {};
    private Alarm pauseAlarm = () -> {};
    private boolean calling;
    private boolean hung;
    private boolean suspect = true;
    private boolean stopping;
    private boolean stoppedTold;
    private String lostReason;

    DeviceRunner(RuntimeContext runtime, DriverRef driver, DeviceConfig config, Lane terms, BusLane lane,
            Map<String, Twin> twins, TwinReporter reporter, HealthBook health, Owner owner) {
        this.runtime = runtime;
        this.driver = driver;
        this.config = config;
        this.terms = terms;
        this.lane = lane;
        this.reporter = reporter;
        this.health = health;
        this.owner = owner;
        this.desired = new DesiredValues(config);
        this.backoff = new Backoff(runtime.firstPause(), runtime.longestPause(), runtime.random());
        desired.update(twins);
        twins.forEach((name, twin) -> lastReported.put(name,
                Optional.ofNullable(twin.reported()).map(v -> v.text()).filter(t -> t != null)));
    }

    void start() {
        state(State.OPENING);
        lane.ask(this);
    }

    /** Takes what the twins want now. */
    void desired(Map<String, Twin> twins) {
        desired.update(twins);
        if (phase == Phase.OPEN && desired.anyToWrite()) {
            lane.ask(this);
        }
    }

    Map<String, DesiredValues.Complaint> complaints() {
        return desired.complaints();
    }

    /** Ends the connection and then this runner; {@link Owner#stopped} follows. */
    void stop() {
        if (stopping) {
            return;
        }
        stopping = true;
        reporter.close();
        close();
        if (hung) {
            tellStopped();
        }
    }

    // --- the lane ---

    @Override
    public boolean ride() {
        return switch (phase) {
            case TO_OPEN -> {
                open();
                yield true;
            }
            case OPEN -> writeNext() || readDue();
            case TO_CLOSE -> {
                closeConnection();
                yield true;
            }
            case PAUSING, ENDED -> false;
        };
    }

    @Override
    public Duration pauseAfter() {
        return terms.pause();
    }

    /** What goes before and after each call of the driver. */
    private abstract class Step<T> implements WorkerPool.Result<T> {

        abstract void ended(T value);

        abstract void broken(Throwable cause, T late);

        @Override
        public final void done(T value) {
            calling = false;
            ended(value);
            next();
        }

        @Override
        public final void failed(Throwable cause, T late) {
            calling = false;
            broken(cause, late);
            next();
        }

        @Override
        public final void hung() {
            hangs();
        }

        private void next() {
            hung = false;
            if (phase == Phase.OPEN && lostReason != null) {
                failure(lostReason);
            }
            lane.release(DeviceRunner.this);
            askIfBusy();
        }
    }

    private void askIfBusy() {
        boolean busy = switch (phase) {
            case TO_OPEN, TO_CLOSE -> true;
            case OPEN -> desired.anyToWrite() || !due.isEmpty();
            case PAUSING, ENDED -> false;
        };
        if (busy) {
            lane.ask(this);
        }
    }

    private <T> void call(Callable<T> body, Step<T> step) {
        calling = true;
        runtime.workers().call(suspect, deadline(), body, step);
    }

    private Duration deadline() {
        return runtime.deadlineOr(terms.deadline());
    }

    private void hangs() {
        hung = true;
        health.error("a call to the mapper of protocol " + driver.protocol() + " does not end, although its deadline of "
                + deadline().toMillis() + " ms has passed");
        LOG.warn("Device {}: {}", config.id(), health.lastError());
        state(State.HUNG);
        reporter.state("offline");
        if (stopping) {
            tellStopped(); // its driver or its device has gone; nobody waits for this thread
        }
    }

    // --- opening and closing ---

    private void open() {
        Context fresh = new Context();
        call(() -> {
            DeviceConnection opened = driver.driver().open(config, fresh);
            return new Opened(opened, Set.copyOf(opened.published()));
        }, new Step<Opened>() {
            @Override
            void ended(Opened opened) {
                opened(fresh, opened);
            }

            @Override
            void broken(Throwable cause, Opened late) {
                if (late != null) {
                    connection = late.connection();
                }
                if (stopping) {
                    close();
                } else if (cause instanceof ConfigurationException) {
                    phase = Phase.ENDED;
                    owner.misconfigured(cause.getMessage());
                } else {
                    failure(reason(cause));
                }
            }
        });
    }

    private void opened(Context fresh, Opened opened) {
        connection = opened.connection();
        if (stopping) {
            close();
            return;
        }
        phase = Phase.OPEN;
        context = fresh;
        lostReason = fresh.lostEarly;
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
        plan = new PollPlan(polled, runtime.timeline().nanos());
        armPolls();
        if (due.isEmpty() && !desired.anyToWrite()) {
            success();
        }
    }

    private void failure(String reason) {
        lostReason = null;
        health.error(reason);
        boolean first = state(State.OFFLINE);
        if (first) {
            LOG.info("Device {} is unreachable, tried again until it is back: {}", config.id(), reason);
        }
        suspect = true;
        // One failure of a device that was well is tried again within a second before anybody is told.
        if (backoff.failures() > 0 || phase == Phase.TO_OPEN) {
            reporter.state("offline");
        }
        close();
    }

    /** Takes the device out of service; then {@link #closed} goes on. */
    private void close() {
        pollAlarm.cancel();
        pauseAlarm.cancel();
        due.clear();
        context = null;
        if (connection == null && !calling) {
            closed();
        } else {
            phase = Phase.TO_CLOSE;
            if (!calling) {
                lane.ask(this);
            }
        }
    }

    private void closeConnection() {
        DeviceConnection closing = connection;
        connection = null;
        if (closing == null) {
            runtime.timeline().run(() -> {
                lane.release(this);
                closed();
            });
            return;
        }
        call(() -> {
            closing.close();
            return true;
        }, new Step<Boolean>() {
            @Override
            void ended(Boolean nothing) {
                closed();
            }

            @Override
            void broken(Throwable cause, Boolean late) {
                LOG.debug("Device {} was not closed cleanly: {}", config.id(), reason(cause));
                closed();
            }
        });
    }

    private void closed() {
        if (stopping) {
            end();
            return;
        }
        phase = Phase.PAUSING;
        state(State.OFFLINE);
        pauseAlarm = runtime.timeline().after(backoff.failure(), () -> {
            phase = Phase.TO_OPEN;
            lane.ask(this);
        });
    }

    private void end() {
        phase = Phase.ENDED;
        pollAlarm.cancel();
        pauseAlarm.cancel();
        tellStopped();
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
            Duration wait = Duration.ofNanos(plan.untilNext(runtime.timeline().nanos()));
            pollAlarm = runtime.timeline().after(wait, this::poll);
        }
    }

    private void poll() {
        List<DeviceProperty> turn = new ArrayList<>();
        health.missed(plan.take(runtime.timeline().nanos(), p -> due.containsKey(p.name()), turn));
        turn.forEach(p -> due.putIfAbsent(p.name(), p));
        armPolls();
        if (!due.isEmpty()) {
            lane.ask(this);
        }
    }

    private boolean readDue() {
        if (due.isEmpty()) {
            return false;
        }
        List<DeviceProperty> asked = List.copyOf(due.values());
        due.clear();
        DeviceConnection open = connection;
        callDevice(
                () -> ((BlockingConnection) open).read(asked),
                () -> ((AsyncConnection) open).readAsync(asked),
                Map::copyOf,
                readings -> {
                    health.read(true);
                    success();
                    for (DeviceProperty property : asked) {
                        Reading reading = readings.get(property.name());
                        if (reading != null) {
                            accept(property, reading, true);
                        }
                    }
                    reporter.flush();
                    settled();
                },
                (cause, refused) -> {
                    health.read(false);
                    if (refused) {
                        success();
                        health.error("read refused: " + cause.getMessage());
                    }
                });
        return true;
    }

    private void accept(DeviceProperty property, Reading reading, boolean asked) {
        if (reading.quality() == Reading.Quality.BAD) {
            health.error("property " + property.name() + " has no value: " + reading.reason());
            return;
        }
        String text;
        try {
            text = property.type().format(reading.value());
        } catch (IllegalArgumentException e) {
            health.error("property " + property.name() + " has no value that fits its type " + property.type() + ": " + e.getMessage());
            return;
        }
        reporter.accept(property, text);
        if (asked) {
            desired.read(property, text, runtime.timeline().nanos(), runtime.timeline().now());
        }
    }

    // --- writing ---

    private boolean writeNext() {
        for (Optional<DeviceProperty> next = desired.next(); next.isPresent(); next = desired.next()) {
            DeviceProperty property = next.get();
            String text = desired.wanted(property);
            try {
                write(property, text, property.checked(text));
                return true;
            } catch (IllegalArgumentException e) {
                refused(property, e.getMessage());
            }
        }
        return false;
    }

    private record WriteOutcome(Optional<Reading> reading, boolean readsBack) {}

    private void write(DeviceProperty property, String text, PropertyValue value) {
        DeviceConnection open = connection;
        callDevice(
                () -> ((BlockingConnection) open).write(property, value),
                () -> ((AsyncConnection) open).writeAsync(property, value),
                reading -> new WriteOutcome(reading, open.readsBack(property)),
                outcome -> {
                    health.write(true);
                    success();
                    desired.written(property, text, outcome.readsBack(), runtime.timeline().nanos());
                    outcome.reading().ifPresentOrElse(
                            reading -> accept(property, reading, true), () -> due.put(property.name(), property));
                    reporter.flush();
                    settled();
                },
                (cause, refused) -> {
                    health.write(false);
                    if (refused) {
                        success();
                        refused(property, "property " + property.name() + " was not set to \"" + text
                                + "\", the device refused it: " + cause.getMessage());
                    } else {
                        desired.lost(property);
                    }
                });
    }

    private void refused(DeviceProperty property, String sentence) {
        LOG.info("Device {}: {}", config.id(), sentence);
        health.error(sentence);
        desired.refused(property, sentence, runtime.timeline().now());
    }

    // --- both ---

    private interface Broken {
        void because(Throwable cause, boolean refused);
    }

    /**
     * Calls the device in the manner of its connection.
     *
     * @param check turns the driver's answer into ours, still on the driver's thread: what the driver
     *     returns may be of its own classes
     */
    private <A, B> void callDevice(
            Callable<A> blocking, Callable<CompletionStage<A>> async, Function<A, B> check, Consumer<B> taken, Broken broken) {
        Step<B> step = new Step<>() {
            @Override
            void ended(B value) {
                taken.accept(value);
            }

            @Override
            void broken(Throwable cause, B late) {
                boolean refused = cause instanceof RequestRefusedException;
                broken.because(cause, refused);
                if (refused) {
                    settled();
                } else if (!stopping) {
                    failure(reason(cause));
                }
            }
        };
        if (connection instanceof BlockingConnection) {
            call(() -> check.apply(blocking.call()), step);
        } else {
            calling = true;
            AsyncCall.start(runtime, suspect, deadline(), async, check, step);
        }
    }

    /** The device has answered. */
    private void success() {
        suspect = false;
        if (phase == Phase.OPEN && state(State.ONLINE)) {
            if (backoff.failures() > 0) {
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
        return health.state(now, runtime.timeline().now());
    }

    private String reason(Throwable cause) {
        if (cause instanceof TimeoutException) {
            return cause.getMessage();
        }
        if (!(cause instanceof java.io.IOException) && !(cause instanceof InterruptedException)
                && health.state() != State.OFFLINE) {
            LOG.warn("The mapper of protocol {} failed at device {}", driver.protocol(), config.id(), cause);
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    /** What the driver holds; alive as long as the connection it belongs to. */
    private final class Context implements DeviceContext {

        private final Map<String, Reading> inbox = new ConcurrentHashMap<>();
        private String lostEarly; // timeline; while the connection is being opened

        @Override
        public void publish(String property, Reading reading) {
            if (config.property(property).isPresent() && inbox.put(property, reading) == null) {
                runtime.timeline().run(this::drain);
            }
        }

        /** A value that comes while another of its property waits takes its place: the inbox is bounded by the properties. */
        private void drain() {
            for (String property : List.copyOf(inbox.keySet())) {
                Reading reading = inbox.remove(property);
                if (reading != null && context == this && phase == Phase.OPEN) {
                    success();
                    config.property(property).ifPresent(p -> accept(p, reading, false));
                }
            }
            reporter.flush();
        }

        @Override
        public void lost(String reason) {
            runtime.timeline().run(() -> {
                if (context == null && phase == Phase.TO_OPEN) {
                    lostEarly = reason;
                } else if (context == this && phase == Phase.OPEN) {
                    if (calling) {
                        lostReason = reason;
                    } else {
                        failure(reason);
                    }
                }
            });
        }

        @Override
        public Optional<String> lastReported(String property) {
            return lastReported.getOrDefault(property, Optional.empty());
        }
    }
}
