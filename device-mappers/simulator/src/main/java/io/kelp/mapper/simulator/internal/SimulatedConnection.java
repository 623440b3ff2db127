package io.kelp.mapper.simulator.internal;

import io.kelp.mapper.AsyncConnection;
import io.kelp.mapper.CallableDevice;
import io.kelp.mapper.DeviceMethod;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import io.kelp.mapper.RequestRefusedException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A connection to a simulated device, which answers after its latency and as its fault of the moment lets it. */
final class SimulatedConnection implements AsyncConnection, CallableDevice {

    private static final long SLOW_MILLIS = 3_000;

    private final SimulatedDevice device;
    private final Map<String, Signal> signals;
    private final FaultPlan plan;
    private final long latencyMillis;
    private final Duration longestFault;
    private final ScheduledExecutorService timer;

    SimulatedConnection(SimulatedDevice device, Map<String, Signal> signals, FaultPlan plan, long latencyMillis, Duration longestFault,
            ScheduledExecutorService timer) {
        this.device = device;
        this.signals = signals;
        this.plan = plan;
        this.latencyMillis = latencyMillis;
        this.longestFault = longestFault;
        this.timer = timer;
    }

    @Override
    public CompletionStage<Map<String, Reading>> readAsync(List<DeviceProperty> properties) {
        Optional<FaultKind> fault = device.fault(plan);
        return answer(fault, () -> device.read(properties, signals, fault));
    }

    @Override
    public CompletionStage<Optional<Reading>> writeAsync(DeviceProperty property, PropertyValue value) {
        Optional<FaultKind> fault = device.fault(plan);
        return answer(fault, () -> {
            Signal signal = signals.get(property.name());
            if (signal instanceof Signal.FaultSwitch) {
                demand(property, value.asText());
                return Optional.of(Reading.of(value));
            }
            if (fault.equals(Optional.of(FaultKind.REFUSING))) {
                throw new RequestRefusedException("the simulated device is in fault refusing");
            }
            device.write(property, signal, value);
            return Optional.empty();
        });
    }

    /** A desired value is written again whenever the device is opened; that must not bring the fault again. */
    private void demand(DeviceProperty property, String text) throws RequestRefusedException {
        Optional<Fault> fault = parsed(text);
        if (device.isNews(property, text)) {
            device.demand(fault, longestFault);
        }
    }

    private static Optional<Fault> parsed(String text) throws RequestRefusedException {
        try {
            return Fault.parse(text);
        } catch (IllegalArgumentException e) {
            throw new RequestRefusedException(e.getMessage(), e);
        }
    }

    /** What a fault switch reads is the fault of the moment, not what was asked for. */
    @Override
    public boolean readsBack(DeviceProperty property) {
        return signals.get(property.name()) instanceof Signal.Hold;
    }

    @Override
    public boolean calls(DeviceMethod method) {
        return isReset(method) || faultSwitch(method).isPresent();
    }

    private static boolean isReset(DeviceMethod method) {
        return method.name().equalsIgnoreCase("reset") && method.propertyNames().isEmpty();
    }

    /** The one property of a method that asks for a fault. */
    private Optional<String> faultSwitch(DeviceMethod method) {
        return method.propertyNames().stream().filter(name -> signals.get(name) instanceof Signal.FaultSwitch)
                .filter(name -> method.propertyNames().size() == 1).findFirst();
    }

    @Override
    public Map<String, String> call(DeviceMethod method, Map<String, PropertyValue> arguments) throws IOException {
        if (device.fault(plan).equals(Optional.of(FaultKind.OFFLINE))) {
            throw offline();
        }
        if (isReset(method)) {
            device.reset();
        } else {
            String name = faultSwitch(method).orElseThrow();
            device.demand(parsed(arguments.containsKey(name) ? arguments.get(name).asText() : "none"), longestFault);
        }
        return Map.of();
    }

    private <T> CompletionStage<T> answer(Optional<FaultKind> fault, Callable<T> what) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        if (fault.equals(Optional.of(FaultKind.HANGING))) {
            return answer;
        }
        if (fault.equals(Optional.of(FaultKind.OFFLINE))) {
            return CompletableFuture.failedFuture(offline());
        }
        long delay = latencyMillis + (fault.equals(Optional.of(FaultKind.SLOW)) ? SLOW_MILLIS : 0);
        if (delay == 0) {
            complete(answer, what);
        } else {
            timer.schedule(() -> complete(answer, what), delay, TimeUnit.MILLISECONDS);
        }
        return answer;
    }

    private static <T> void complete(CompletableFuture<T> answer, Callable<T> what) {
        try {
            answer.complete(what.call());
        } catch (Exception e) { // Callable declares no narrower one; whoever waits is told
            answer.completeExceptionally(e);
        }
    }

    private static IOException offline() {
        return new IOException("the simulated device is offline");
    }

    @Override
    public void close() {
        // nothing is held: the device lives on without connection
    }
}
