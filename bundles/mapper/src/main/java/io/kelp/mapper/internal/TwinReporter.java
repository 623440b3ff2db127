package io.kelp.mapper.internal;

import io.kelp.devicetwin.DeviceTwins;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Quality;
import io.kelp.devicetwin.DeviceTwins.Reading;
import io.kelp.mapper.internal.Timeline.Alarm;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the values, the state and the errors of one device on to its twins, by the {@linkplain ReportFilter rules} of its properties.
 * What could not be handed on is tried again. Confined to the timeline.
 */
final class TwinReporter {

    private static final Logger LOG = LoggerFactory.getLogger(TwinReporter.class);
    private static final String OFFLINE = "offline";
    private static final int MOST_NAMED = 8;
    private static final int MOST_ALONE = 16; // properties that were refused before, at a time
    private static final int MOST_UNANSWERED = 4; // a device may have thousands of properties
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final Timeline timeline;
    private final DeviceTwins twins;
    private final DeviceId device;
    private final HealthBook health;
    private final Map<String, ReportFilter> filters = new LinkedHashMap<>();
    private final Map<String, ReportFilter> waiting = new LinkedHashMap<>();
    private final Map<String, String> errors = new LinkedHashMap<>(); // as told last, by property
    private final Map<String, String> errorsWaiting = new LinkedHashMap<>();
    private Map<String, ReportRule> rules = Map.of();
    private Alarm alarm = () -> {};
    private String state = "";
    private boolean stateWaiting;
    private final Map<Object, String> refused = new ConcurrentHashMap<>(); // report → why it was not taken; written on the timeline
    private final AtomicInteger unanswered = new AtomicInteger(); // reports of values
    private volatile boolean failing; // written on the timeline
    private volatile boolean held; // written on the timeline: values wait until a report has been answered

    TwinReporter(Timeline timeline, DeviceTwins twins, DeviceId device, HealthBook health) {
        this.timeline = timeline;
        this.twins = twins;
        this.device = device;
        this.health = health;
    }

    /** Takes the rules of the properties, which may change at any time. */
    void rules(Map<String, ReportRule> now) {
        rules = now;
        filters.forEach((property, filter) -> filter.rule(rule(property)));
    }

    private ReportRule rule(String property) {
        return rules.getOrDefault(property, ReportRule.EACH_CHANGE);
    }

    /**
     * Takes a value; {@link #flush} hands it on.
     *
     * @param text {@code null} when the quality is bad
     * @param measuredMillis by the device, 0 when it does not say
     * @return false when it is older than what was taken before
     */
    boolean accept(String property, String text, Quality quality, long measuredMillis) {
        ReportFilter filter = filters.computeIfAbsent(property, p -> {
            ReportFilter fresh = new ReportFilter();
            fresh.rule(rule(p));
            return fresh;
        });
        switch (filter.take(text, quality, measuredMillis, timeline.now().toEpochMilli(), timeline.nanos())) {
            case WAITS -> waiting.put(property, filter);
            case UNCHANGED -> waiting.remove(property); // back at what was sent last before it could be sent
            case OUTDATED -> {
                health.outdated();
                return false;
            }
        }
        return true;
    }

    /** Hands on what may be handed on by now, in one report. */
    void flush() {
        flush(false);
    }

    /** Forgets what was sent, so that the next values are reported in any case: the device was away. */
    void startAnew() {
        filters.values().forEach(ReportFilter::startAnew);
    }

    /** Forgets what was sent of a property: it was written, and whoever wrote it wants to see exactly what is there. */
    void startAnew(String property) {
        ReportFilter filter = filters.get(property);
        if (filter != null) {
            filter.startAnew();
        }
    }

    boolean saidState() {
        return !state.isEmpty();
    }

    void state(String now) {
        if (!now.equals(state)) {
            state = now;
            stateWaiting = true;
            flush(false);
        }
    }

    boolean isOffline() {
        return state.equals(OFFLINE);
    }

    /** Errors that the twins have already, for example from before a restart. */
    void errorsKnown(Map<String, String> known) {
        known.forEach(errors::putIfAbsent);
    }

    /** Notes why a desired value was not taken; an empty sentence when it was. Told when it is news. */
    void error(String property, String sentence) {
        if (!sentence.equals(errors.getOrDefault(property, ""))) {
            errors.put(property, sentence);
            errorsWaiting.put(property, sentence);
            flush(false);
        }
    }

    /** Hands on all that waits, whatever its cycle; the device loses its driver. */
    void close() {
        flush(true);
        alarm.cancel();
    }

    private void flush(boolean all) {
        alarm.cancel();
        long now = timeline.nanos();
        long nextTurn = Long.MAX_VALUE;
        Map<String, Reading> readings = new LinkedHashMap<>();
        boolean later = !all && !waiting.isEmpty() && isHeld();
        for (var entry : waiting.entrySet()) {
            long wait = entry.getValue().due(now);
            if (later) {
                break;
            } else if (all || wait <= 0) {
                readings.put(entry.getKey(), entry.getValue().send(now));
            } else {
                nextTurn = Math.min(nextTurn, wait);
            }
        }
        readings.keySet().forEach(waiting::remove);
        if (stateWaiting) {
            stateWaiting = false;
            String sent = state;
            send(() -> twins.reportState(device, sent), () -> stateWaiting = true, "its state");
        }
        if (!errorsWaiting.isEmpty()) {
            Map<String, String> sent = new LinkedHashMap<>(errorsWaiting);
            errorsWaiting.clear();
            sent.forEach((property, sentence) -> send(() -> twins.reportError(device, property, sentence),
                    () -> errorsWaiting.putIfAbsent(property, sentence), "the error of " + property));
        }
        if (!readings.isEmpty()) {
            health.reported(readings.size());
            sendReadings(readings);
        }
        if (nextTurn != Long.MAX_VALUE) {
            alarm = timeline.after(Duration.ofNanos(nextTurn), this::flush);
        }
    }

    /** Whether the twins have so much of this device to take that newer values replace those that wait. */
    private boolean isHeld() {
        held = true; // before the look, so that an answer that comes meanwhile is not missed
        if (unanswered.get() < MOST_UNANSWERED) {
            held = false;
        }
        return held;
    }

    private void sendReadings(Map<String, Reading> readings) {
        if (readings.size() > 1 && !refused.isEmpty()) { // those that will hardly be taken go alone
            Map<String, Reading> others = new LinkedHashMap<>(readings);
            others.keySet().removeIf(name -> refused.containsKey(Set.of(name)));
            if (others.size() < readings.size()) {
                int alone = 0;
                for (Map.Entry<String, Reading> reading : readings.entrySet()) {
                    if (!others.containsKey(reading.getKey()) && alone++ < MOST_ALONE) {
                        sendReadings(Map.of(reading.getKey(), reading.getValue()));
                    } else if (!others.containsKey(reading.getKey())) {
                        again(reading.getKey());
                    }
                }
                if (!others.isEmpty()) {
                    sendReadings(others);
                }
                return;
            }
        }
        unanswered.incrementAndGet();
        send(() -> twins.reportReadings(device, readings), new Failed() {
            @Override
            public void answered() {
                if (unanswered.decrementAndGet() < MOST_UNANSWERED && held) {
                    timeline.run(TwinReporter.this::flush);
                }
            }

            @Override
            public void again() {
                readings.keySet().forEach(TwinReporter.this::again);
            }

            @Override
            public boolean inParts() {
                // One bad value must not keep the others away.
                if (readings.size() > 1) {
                    Map<String, Reading> half = new LinkedHashMap<>();
                    Map<String, Reading> otherHalf = new LinkedHashMap<>();
                    readings.forEach((name, reading) -> (half.size() < readings.size() / 2 ? half : otherHalf).put(name, reading));
                    sendReadings(half);
                    sendReadings(otherHalf);
                }
                return readings.size() > 1;
            }
        }, readings.keySet());
    }

    private void again(String property) {
        ReportFilter filter = filters.get(property);
        filter.startAnew();
        waiting.putIfAbsent(property, filter);
    }

    private static Object named(Object what) {
        if (!(what instanceof Set<?> properties)) {
            return what;
        }
        String all = properties.stream().limit(MOST_NAMED).map(String::valueOf).collect(Collectors.joining(", ", "[", ""));
        return all + (properties.size() > MOST_NAMED ? ", and " + (properties.size() - MOST_NAMED) + " more]" : "]");
    }

    /** What happens after a report. */
    private interface Failed {

        /** It may be taken another time. */
        void again();

        /** Taken or not. On any thread. */
        default void answered() {}

        /** The same again would not help; whether parts of it have been sent instead. */
        default boolean inParts() {
            return false;
        }
    }

    private void send(Supplier<CompletionStage<Void>> report, Failed failed, Object what) {
        CompletionStage<Void> stage;
        try {
            stage = report.get();
        } catch (RuntimeException e) { // the twins' bundle may be going at this moment
            failed.answered();
            failed(failed, what, e);
            return;
        }
        stage.whenComplete((done, failure) -> {
            failed.answered();
            if (failure != null || failing || !refused.isEmpty()) {
                timeline.run(() -> ended(failed, what, failure));
            }
        });
    }

    private void ended(Failed failed, Object what, Throwable failure) {
        if (failure != null) {
            failed(failed, what, failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure);
            return;
        }
        refused.remove(what);
        if (failing) {
            failing = false;
            LOG.info("Device {}: values are taken again", device);
        }
    }

    private void failed(Failed failed, Object what, Throwable cause) {
        if (cause instanceof IllegalArgumentException) {
            if (!failed.inParts()) {
                health.error("a value was not taken: " + cause.getMessage());
                boolean news = !cause.getMessage().equals(refused.put(what, cause.getMessage()));
                if (news && refused.size() <= MOST_NAMED) {
                    LOG.warn("Device {}: a report of {} was not taken: {}{}", device, named(what), cause.getMessage(),
                            refused.size() == MOST_NAMED ? "; further properties are not named" : "");
                }
            }
            return;
        }
        if (!failing) {
            failing = true;
            LOG.warn("Device {}: a report of {} was not taken: {}", device, named(what), cause.getMessage());
        }
        failed.again();
        alarm.cancel();
        alarm = timeline.after(RETRY, this::flush);
    }
}
