package io.kelp.mapper.internal;

import io.kelp.devicetwin.DeviceTwins;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Quality;
import io.kelp.devicetwin.DeviceTwins.Reading;
import io.kelp.mapper.internal.Timeline.Alarm;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the values, the state and the errors of one device on to its twins, by the {@linkplain ReportFilter rules} of its properties.
 * What could not be handed on is tried again. Confined to the timeline.
 */
final class TwinReporter {

    private static final Logger LOG = LoggerFactory.getLogger(TwinReporter.class);
    private static final String OFFLINE = "offline";
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
    private volatile boolean failing; // written on the timeline

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
        for (var entry : waiting.entrySet()) {
            long wait = entry.getValue().due(now);
            if (all || wait <= 0) {
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

    private void sendReadings(Map<String, Reading> readings) {
        send(() -> twins.reportReadings(device, readings), new Failed() {
            @Override
            public void again() {
                for (String name : readings.keySet()) {
                    ReportFilter filter = filters.get(name);
                    filter.startAnew();
                    waiting.putIfAbsent(name, filter);
                }
            }

            @Override
            public void refused() {
                // One bad value must not keep the others away.
                if (readings.size() > 1) {
                    readings.forEach((name, reading) -> sendReadings(Map.of(name, reading)));
                }
            }
        }, readings.keySet());
    }

    /** What happens after a report that the twins did not take. */
    private interface Failed {

        /** It may be taken another time. */
        void again();

        /** The same again would not help. */
        default void refused() {}
    }

    private void send(Supplier<CompletionStage<Void>> report, Failed failed, Object what) {
        CompletionStage<Void> stage;
        try {
            stage = report.get();
        } catch (RuntimeException e) { // the twins' bundle may be going at this moment
            failed(failed, what, e);
            return;
        }
        stage.whenComplete((done, failure) -> {
            if (failure != null || failing) {
                timeline.run(() -> ended(failed, what, failure));
            }
        });
    }

    private void ended(Failed failed, Object what, Throwable failure) {
        if (failure != null) {
            failed(failed, what, failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure);
        } else if (failing) {
            failing = false;
            LOG.info("Device {}: values are taken again", device);
        }
    }

    private void failed(Failed failed, Object what, Throwable cause) {
        if (!failing) {
            failing = true;
            LOG.warn("Device {}: a report of {} was not taken: {}", device, what, cause.getMessage());
        }
        if (cause instanceof IllegalArgumentException) {
            health.error("a value was not taken: " + cause.getMessage());
            failed.refused();
            return;
        }
        failed.again();
        alarm.cancel();
        alarm = timeline.after(RETRY, this::flush);
    }
}
