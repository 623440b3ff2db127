package io.kelp.mapper.internal;

import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.Reading;
import io.kelp.mapper.internal.Timeline.Alarm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which properties of one device are to be read now, by their cycles or because something else wants to know; reads them. Confined to the timeline. */
final class PropertyReads {

    private final Timeline timeline;
    private final List<DeviceProperty> properties;
    private final Driving device;
    private final ValueIntake values;
    private final Outlets outlets;
    private final Runnable ask;
    private final Map<String, DeviceProperty> due = new LinkedHashMap<>();
    private Set<String> published = Set.of();
    private PollPlan plan;
    private Alarm alarm = () -> {};
    private boolean away;

    /** @param ask asks for a turn */
    PropertyReads(Timeline timeline, List<DeviceProperty> properties, Driving device, ValueIntake values, Outlets outlets, Runnable ask) {
        this.timeline = timeline;
        this.properties = properties;
        this.device = device;
        this.values = values;
        this.outlets = outlets;
        this.ask = ask;
    }

    /** The device is open: cycles begin. @param tellsItself names of the properties that are not polled */
    void open(Set<String> tellsItself) {
        published = tellsItself;
        plan = new PollPlan(properties.stream().filter(p -> !published.contains(p.name())).toList(), timeline.nanos());
        arm();
    }

    /** The device is there: everything is read once. */
    void begin() {
        away = false;
        for (DeviceProperty property : properties) {
            if (published.contains(property.name()) || !property.collectCycle().isZero()) {
                due.put(property.name(), property);
            }
        }
    }

    /** The device is not there, but its connection stays: cycles pass without reads. */
    void away() {
        away = true;
        due.clear();
    }

    /** The device is closed. */
    void close() {
        alarm.cancel();
        due.clear();
        away = false;
    }

    boolean isEmpty() {
        return due.isEmpty();
    }

    void soon(DeviceProperty property) {
        due.put(property.name(), property);
    }

    private void arm() {
        if (!plan.isEmpty()) {
            alarm = timeline.after(Duration.ofNanos(plan.untilNext(timeline.nanos())), this::poll);
        }
    }

    private void poll() {
        List<DeviceProperty> turn = new ArrayList<>();
        int missed = plan.take(timeline.nanos(), p -> due.containsKey(p.name()), turn);
        if (!away) {
            outlets.health().missed(missed);
            turn.forEach(p -> due.putIfAbsent(p.name(), p));
        }
        arm();
        ask.run();
    }

    /** Reads what is due; false when nothing is. */
    boolean readDue() {
        if (due.isEmpty()) {
            return false;
        }
        List<DeviceProperty> asked = List.copyOf(due.values());
        due.clear();
        device.calls().read(device.connection(), device.suspect(), asked, readings -> {
            outlets.health().read(true);
            device.answered();
            for (DeviceProperty property : asked) {
                Reading reading = readings.get(property.name());
                if (reading != null) {
                    values.take(property, reading, true);
                }
            }
            outlets.reporter().flush();
            device.settled();
        }, cause -> {
            outlets.health().read(false);
            if (!device.broken(cause)) {
                outlets.health().error("read refused: " + cause.getMessage());
            }
        });
        return true;
    }
}
