package io.kelp.mapper.internal;

import io.kelp.devicetwin.DeviceTwins;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.internal.Timeline.Alarm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the values of one device on to its twins: the first one and each change, at most once per
 * report cycle and then the newest; an unchanged value now and then, so that its age tells that
 * the device is alive. What could not be handed on is tried again. Confined to the timeline.
 */
final class TwinReporter {

    private static final Logger LOG = LoggerFactory.getLogger(TwinReporter.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final Timeline timeline;
    private final DeviceTwins twins;
    private final DeviceId device;
    private final Duration leastRepeat;
    private final HealthBook health;
    private final Map<String, Slot> slots = new LinkedHashMap<>();
    private final Map<String, Slot> waiting = new LinkedHashMap<>();
    private Alarm alarm = () -> {};
    private String state = "";
    private boolean stateWaiting;
    private volatile boolean failing; // written on the timeline

    private static final class Slot {
        String newest;
        String sent;
        long sentNanos;
        long cycleNanos;
    }

    /** @param leastRepeat an unchanged value is not reported more often than this, whatever its report cycle */
    TwinReporter(Timeline timeline, DeviceTwins twins, DeviceId device, Duration leastRepeat, HealthBook health) {
        this.timeline = timeline;
        this.twins = twins;
        this.device = device;
        this.leastRepeat = leastRepeat;
        this.health = health;
    }

    /** Takes a value; {@link #flush} hands it on. */
    void accept(DeviceProperty property, String text) {
        Slot slot = slots.computeIfAbsent(property.name(), n -> new Slot());
        slot.newest = text;
        slot.cycleNanos = property.reportCycle().toNanos();
        boolean repeat = slot.cycleNanos > 0
                && timeline.nanos() - slot.sentNanos >= Math.max(slot.cycleNanos, leastRepeat.toNanos());
        if (!text.equals(slot.sent) || repeat) {
            waiting.put(property.name(), slot);
        } else {
            waiting.remove(property.name()); // back at what was sent last before it could be sent
        }
    }

    /** Hands on what may be handed on by now, in one report. */
    void flush() {
        flush(false);
    }

    /** Forgets what was sent, so that the next values are reported in any case: the device was away. */
    void startAnew() {
        slots.values().forEach(slot -> slot.sent = null);
    }

    void state(String now) {
        if (!now.equals(state)) {
            state = now;
            stateWaiting = true;
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
        Map<String, String> values = new LinkedHashMap<>();
        for (var entry : waiting.entrySet()) {
            Slot slot = entry.getValue();
            long wait = slot.sent == null ? 0 : slot.sentNanos + slot.cycleNanos - now;
            if (all || wait <= 0) {
                values.put(entry.getKey(), slot.newest);
                slot.sent = slot.newest;
                slot.sentNanos = now;
            } else {
                nextTurn = Math.min(nextTurn, wait);
            }
        }
        values.keySet().forEach(waiting::remove);
        if (stateWaiting) {
            stateWaiting = false;
            String sent = state;
            send(() -> twins.reportState(device, sent), List.of());
        }
        if (!values.isEmpty()) {
            health.reported(values.size());
            send(() -> twins.report(device, values), new ArrayList<>(values.keySet()));
        }
        if (nextTurn != Long.MAX_VALUE) {
            alarm = timeline.after(Duration.ofNanos(nextTurn), this::flush);
        }
    }

    private void send(Supplier<CompletionStage<Void>> report, List<String> names) {
        CompletionStage<Void> stage;
        try {
            stage = report.get();
        } catch (RuntimeException e) { // the twins' bundle may be going at this moment
            failed(names, e);
            return;
        }
        stage.whenComplete((done, failure) -> {
            if (failure != null || failing) {
                timeline.run(() -> ended(names, failure));
            }
        });
    }

    private void ended(List<String> names, Throwable failure) {
        if (failure != null) {
            failed(names, failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure);
        } else if (failing) {
            failing = false;
            LOG.info("Device {}: values are taken again", device);
        }
    }

    private void failed(List<String> names, Throwable cause) {
        if (!failing) {
            failing = true;
            LOG.warn("Device {}: a report of {} was not taken: {}", device, names.isEmpty() ? "its state" : names, cause.getMessage());
        }
        if (cause instanceof IllegalArgumentException) {
            // The same again would not help. But one bad value must not keep the others away.
            health.error("a value was not taken: " + cause.getMessage());
            if (names.size() > 1) {
                names.forEach(name -> send(() -> twins.report(device, Map.of(name, slots.get(name).newest)), List.of(name)));
            }
            return;
        }
        if (names.isEmpty()) {
            stateWaiting = true;
        }
        for (String name : names) {
            Slot slot = slots.get(name);
            slot.sent = null;
            waiting.putIfAbsent(name, slot);
        }
        alarm.cancel();
        alarm = timeline.after(RETRY, this::flush);
    }
}
