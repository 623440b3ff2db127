package io.kelp.mapper.internal;

import io.kelp.mapper.CallableDevice;
import io.kelp.mapper.DeviceMethod;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.DiscoveringDevice;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import io.kelp.mapper.RequestRefusedException;
import io.kelp.mapper.SuggestedProperty;
import io.kelp.mapper.internal.Timeline.Alarm;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * What people and programs ask of one device now: methods, and what it has. Served in the turns of the device, first come, first
 * served. Confined to the timeline; answers complete there.
 */
final class DeviceRequests {

    /** Requests that may wait for one device: as many as the cloud's may be, and some of people at the gateway. */
    static final int MOST_WAITING = CallLedger.MOST_OF_DEVICE + 16;

    private static final int MOST_SUGGESTIONS = 1_000;

    private final Timeline timeline;
    private final String id;
    private final Driving device;
    private final Outlets outlets;
    private final Queue<Request<?>> waiting = new ArrayDeque<>();

    DeviceRequests(Timeline timeline, String id, Driving device, Outlets outlets) {
        this.timeline = timeline;
        this.id = id;
        this.device = device;
        this.outlets = outlets;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** @param arguments checked, in the order in which they are to be written if the driver does not know the method */
    void call(DeviceMethod method, Map<DeviceProperty, PropertyValue> arguments, Duration deadline, CompletableFuture<Map<String, String>> answer,
            ValueIntake values) {
        add(new MethodRequest(method, arguments, deadline, answer, values));
    }

    void discover(Duration deadline, CompletableFuture<List<SuggestedProperty>> answer) {
        add(new Discovery(deadline, answer));
    }

    private void add(Request<?> request) {
        if (waiting.size() >= MOST_WAITING) {
            request.failed(new RequestRefusedException("device " + id + ": " + MOST_WAITING + " calls wait for it already, and this one was not begun; "
                    + "call again when some of them have ended"));
        } else {
            waiting.add(request);
            request.arm();
        }
    }

    /** Makes the next call of the driver; false when there is none to make. */
    boolean ride() {
        for (Request<?> next = waiting.peek(); next != null; next = waiting.peek()) {
            if (next.step()) {
                return true;
            }
        }
        return false;
    }

    /** The device is lost, or its driver: nothing that was asked will be answered. */
    void fail(String sentence) {
        List.copyOf(waiting).forEach(request -> request.failed(new IOException(sentence)));
    }

    /** As {@link #fail}, but what was not begun may be asked again. */
    void putOff(String sentence) {
        List.copyOf(waiting).forEach(request -> request.failed(request.isBegun() ? new IOException(sentence) : new NotReadyException(sentence)));
    }

    private abstract class Request<T> {

        private final Duration deadline;
        private final long end;
        private final CompletableFuture<T> answer;
        private Alarm alarm = () -> {};

        Request(Duration deadline, CompletableFuture<T> answer) {
            this.deadline = deadline;
            this.end = timeline.nanos() + deadline.toNanos();
            this.answer = answer;
        }

        void arm() {
            alarm = timeline.after(deadline, () -> failed(new CallTimeoutException("device " + id + ": no answer within "
                    + deadline.toMillis() + " ms; " + soFar())));
        }

        /** Makes one call of the driver; false when there is nothing to call, and the request is over. */
        abstract boolean step();

        abstract String soFar();

        /** Whether the driver was asked for something that changes the device. */
        abstract boolean isBegun();

        /** Time for a call that takes as long as it takes. */
        Duration rest() {
            Duration rest = Duration.ofNanos(end - timeline.nanos());
            return rest.compareTo(device.calls().deadline()) < 0 ? device.calls().deadline() : rest;
        }

        void done(T value) {
            leave();
            answer.complete(value);
        }

        void failed(Throwable cause) {
            leave();
            answer.completeExceptionally(cause);
        }

        private void leave() {
            alarm.cancel();
            waiting.remove(this);
        }

        /** A call of the driver failed: the device is lost or refuses. */
        void notDone(Throwable cause, String what) {
            String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
            failed(cause instanceof RequestRefusedException ? new RequestRefusedException("device " + id + " refused " + what + ": " + why)
                    : new IOException("device " + id + ": " + what + " failed: " + why));
            device.broken(cause);
        }
    }

    private final class MethodRequest extends Request<Map<String, String>> {

        private final DeviceMethod method;
        private final Map<DeviceProperty, PropertyValue> arguments;
        private final ValueIntake values;
        private final Iterator<Map.Entry<DeviceProperty, PropertyValue>> toWrite;
        private final List<DeviceProperty> toRead = new ArrayList<>();
        private final List<String> written = new ArrayList<>();
        private final Map<String, String> answers = new LinkedHashMap<>();
        private boolean driverAsked;

        MethodRequest(DeviceMethod method, Map<DeviceProperty, PropertyValue> arguments, Duration deadline,
                CompletableFuture<Map<String, String>> answer, ValueIntake values) {
            super(deadline, answer);
            this.method = method;
            this.arguments = arguments;
            this.values = values;
            this.toWrite = arguments.entrySet().iterator();
        }

        @Override
        String soFar() {
            return isBegun() ? written.isEmpty() ? "whether it has done " + method.name() + " is unknown"
                    : "set so far: " + String.join(", ", written) : "method " + method.name() + " was not begun";
        }

        @Override
        boolean isBegun() {
            return driverAsked;
        }

        @Override
        boolean step() {
            if (!driverAsked && device.connection() instanceof CallableDevice callable) {
                askDriver(callable);
            } else if (toWrite.hasNext()) {
                driverAsked = true;
                write(toWrite.next());
            } else if (!toRead.isEmpty()) {
                read();
            } else {
                nothingToDo();
                return false;
            }
            return true;
        }

        private void askDriver(CallableDevice callable) {
            driverAsked = true;
            Map<String, PropertyValue> named = new LinkedHashMap<>();
            arguments.forEach((property, value) -> named.put(property.name(), value));
            device.calls().perform(device.suspect(), rest(),
                    () -> callable.calls(method) ? Optional.of(Map.copyOf(callable.call(method, named))) : Optional.<Map<String, String>>empty(),
                    own -> {
                        device.answered();
                        if (own.isPresent()) {
                            done(own.get());
                        } else if (arguments.isEmpty()) {
                            nothingToDo();
                        }
                        device.settled();
                    }, cause -> notDone(cause, "method " + method.name()));
        }

        private void nothingToDo() {
            failed(new CallRefusal(CallRefusal.Reason.ARGUMENT_INVALID, "device " + id + ": method " + method.name()
                    + (method.propertyNames().isEmpty() ? " names no properties, and the mapper has no code for it"
                            : " needs a value for at least one of " + String.join(", ", method.propertyNames()))));
        }

        private void write(Map.Entry<DeviceProperty, PropertyValue> argument) {
            DeviceProperty property = argument.getKey();
            device.calls().write(device.connection(), device.suspect(), property, argument.getValue(), result -> {
                outlets.health().write(true);
                device.answered();
                written.add(property.name());
                outlets.reporter().startAnew(property.name());
                result.reading().ifPresentOrElse(reading -> take(property, reading), () -> toRead.add(property));
                outlets.reporter().flush();
                if (!toWrite.hasNext() && toRead.isEmpty()) {
                    done(answers);
                }
                device.settled();
            }, cause -> {
                outlets.health().write(false);
                notDone(cause, "to set " + property.name() + (written.isEmpty() ? "" : " after " + String.join(", ", written)));
            });
        }

        private void read() {
            device.calls().read(device.connection(), device.suspect(), toRead, readings -> {
                outlets.health().read(true);
                device.answered();
                toRead.forEach(property -> {
                    Reading reading = readings.get(property.name());
                    if (reading != null) {
                        take(property, reading);
                    }
                });
                outlets.reporter().flush();
                done(answers);
                device.settled();
            }, cause -> {
                outlets.health().read(false);
                if (cause instanceof RequestRefusedException) {
                    done(answers); // all was set; what the device will not let be read is not answered
                } else {
                    failed(new IOException("device " + id + ": all was set, but then the device was lost: " + cause.getMessage()));
                }
                device.broken(cause);
            });
        }

        private void take(DeviceProperty property, Reading reading) {
            values.take(property, reading, false).ifPresent(text -> answers.put(property.name(), text));
        }
    }

    private final class Discovery extends Request<List<SuggestedProperty>> {

        Discovery(Duration deadline, CompletableFuture<List<SuggestedProperty>> answer) {
            super(deadline, answer);
        }

        @Override
        String soFar() {
            return "it has not said what it has";
        }

        @Override
        boolean isBegun() {
            return false;
        }

        @Override
        boolean step() {
            Consumer<List<SuggestedProperty>> done = found -> {
                device.answered();
                done(found);
                device.settled();
            };
            if (device.connection() instanceof DiscoveringDevice discovering) {
                device.calls().perform(device.suspect(), rest(),
                        () -> discovering.discover().stream().limit(MOST_SUGGESTIONS).toList(), done, cause -> notDone(cause, "to say what it has"));
            } else {
                failed(new IllegalArgumentException("device " + id + ": its protocol has no way to ask a device what it has"));
                return false;
            }
            return true;
        }
    }
}
