package io.kelp.mapper.simulator.internal;

import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import io.kelp.mapper.RequestRefusedException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.LinkedHashMap;
import java.util.Optional;

/**
 * A device in memory. It lives on while nobody is connected to it, as hardware does, and forgets everything when the gateway ends.
 * Safe for use by several threads.
 */
final class SimulatedDevice {

    private static final long FLAP_MILLIS = 2_000;

    private final InstantSource clock;
    private final Map<String, Signal.Memory> memories = new HashMap<>();
    private FaultKind demanded;
    private long demandedUntil;

    SimulatedDevice(InstantSource clock) {
        this.clock = clock;
    }

    /** The fault of this moment: the one on demand, else that of the plan. */
    synchronized Optional<FaultKind> fault(FaultPlan plan) {
        long now = clock.millis();
        Optional<FaultKind> fault = demanded != null && now < demandedUntil ? Optional.of(demanded) : plan.at(now);
        return fault.filter(kind -> kind != FaultKind.FLAPPING).or(() -> fault.filter(kind -> Math.floorDiv(now, FLAP_MILLIS) % 2 == 0)
                .map(kind -> FaultKind.OFFLINE));
    }

    /** @param fault empty to end it */
    synchronized void demand(Optional<Fault> fault, Duration longest) {
        demanded = fault.map(Fault::kind).orElse(null);
        demandedUntil = fault.isEmpty() ? 0
                : clock.millis() + (fault.get().lasts().compareTo(longest) > 0 ? longest : fault.get().lasts()).toMillis();
    }

    /** Whether a text is another one than was written to this fault switch last. */
    synchronized boolean isNews(DeviceProperty property, String text) {
        Signal.Memory memory = memory(property);
        PropertyValue before = memory.written;
        memory.written = PropertyValue.of(text);
        return !memory.written.equals(before);
    }

    synchronized Map<String, Reading> read(List<DeviceProperty> properties, Map<String, Signal> signals, Optional<FaultKind> fault) {
        long now = clock.millis();
        Map<String, Reading> readings = new LinkedHashMap<>();
        for (DeviceProperty property : properties) {
            Signal signal = signals.get(property.name());
            PropertyValue value = signal instanceof Signal.FaultSwitch
                    ? PropertyValue.of(fault.map(FaultKind::word).orElse("none"))
                    : signal.at(now, memory(property));
            readings.put(property.name(), spoiled(property, value, fault).at(now));
        }
        return readings;
    }

    private static Reading spoiled(DeviceProperty property, PropertyValue value, Optional<FaultKind> fault) {
        boolean number = property.type().numeric();
        if (fault.equals(Optional.of(FaultKind.NAN)) && number) {
            return Reading.of(Double.NaN);
        }
        if (fault.equals(Optional.of(FaultKind.WRONG_TYPE)) && (number || property.type() == PropertyType.BOOLEAN)) {
            return Reading.of("E-42");
        }
        return Reading.of(value);
    }

    synchronized void write(DeviceProperty property, Signal signal, PropertyValue value) throws RequestRefusedException {
        if (!signal.writable()) {
            throw new RequestRefusedException("property " + property.name() + " is simulated as a "
                    + signal.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT) + ", which goes its own way; simulate it as hold to set it");
        }
        memory(property).written = value;
    }

    synchronized void reset() {
        memories.values().forEach(Signal.Memory::clear);
        demanded = null;
    }

    private Signal.Memory memory(DeviceProperty property) {
        return memories.computeIfAbsent(property.name(), name -> new Signal.Memory());
    }
}
