package io.kelp.mapper.mqtt.internal.live;

import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The last values of a device that tells them by itself, and reads of them: at once when nothing was written, else when the
 * message has come that shows what was written. Safe for use by several threads.
 */
public final class ValueBoard {

    private final Pulse pulse;
    private final Duration answerTimeout;
    private final Map<String, Slot> slots;
    private final Map<String, Written> written = new ConcurrentHashMap<>();

    private record Written(PropertyValue value, long nanos, boolean shown) {}

    /**
     * A property to be read.
     *
     * @param ask asks the device for it; {@code null} when it cannot be asked
     * @param must whether the device is lost when it does not answer; it is then always asked
     */
    public record Query(DeviceProperty property, Supplier<CompletionStage<Void>> ask, boolean must) {}

    public ValueBoard(Iterable<DeviceProperty> properties, Pulse pulse, Duration answerTimeout) {
        this.pulse = pulse;
        this.answerTimeout = answerTimeout;
        Map<String, Slot> made = new HashMap<>();
        properties.forEach(property -> made.put(property.name(), new Slot()));
        slots = Map.copyOf(made);
    }

    public Slot slot(String property) {
        return slots.get(property);
    }

    public void take(String property, Reading reading) {
        slots.get(property).take(reading, pulse.nanos());
    }

    /** Notes what is being written, before it is sent. */
    public void writing(DeviceProperty property, PropertyValue value) {
        written.put(property.name(), new Written(value, pulse.nanos(), false));
    }

    public CompletionStage<Map<String, Reading>> read(List<Query> queries) {
        Map<String, CompletableFuture<Reading>> waiting = new LinkedHashMap<>();
        Map<String, Reading> known = new LinkedHashMap<>();
        List<CompletableFuture<Void>> asked = new ArrayList<>();
        boolean must = false;
        for (Query query : queries) {
            String name = query.property().name();
            Slot slot = slots.get(name);
            Written before = written.get(name);
            boolean unshown = before != null && !before.shown();
            if (unshown) {
                written.put(name, new Written(before.value(), before.nanos(), true)); // waited for once only
            }
            Reading now = before == null ? slot.last() : slot.since(before.nanos());
            boolean enough = now != null && !query.must() && (!unshown || same(query.property(), before.value()).test(now.value()));
            if (enough) {
                known.put(name, now);
            } else if (unshown || query.ask() != null) {
                waiting.put(name, slot.next(unshown ? same(query.property(), before.value()) : value -> true));
                must |= query.must();
                if (query.ask() != null) {
                    asked.add(query.ask().get().toCompletableFuture());
                }
            }
        }
        if (waiting.isEmpty()) {
            return CompletableFuture.completedFuture(known);
        }
        boolean needed = must;
        return CompletableFuture.allOf(asked.toArray(CompletableFuture[]::new)).thenCompose(sent -> answered(waiting))
                .thenCompose(over -> collect(waiting, known, needed));
    }

    /** Completes when all have come or the time for answers is over. */
    private CompletionStage<Void> answered(Map<String, CompletableFuture<Reading>> waiting) {
        CompletableFuture<Void> all = CompletableFuture.allOf(waiting.values().toArray(CompletableFuture[]::new));
        CompletableFuture<Void> end = new CompletableFuture<>();
        Runnable cancel = pulse.after(answerTimeout, () -> end.complete(null));
        all.whenComplete((nothing, failure) -> {
            cancel.run();
            end.complete(null);
        });
        return end;
    }

    private CompletionStage<Map<String, Reading>> collect(Map<String, CompletableFuture<Reading>> waiting, Map<String, Reading> known, boolean must) {
        boolean any = false;
        for (Map.Entry<String, CompletableFuture<Reading>> entry : waiting.entrySet()) {
            Reading reading = entry.getValue().getNow(null);
            entry.getValue().cancel(false);
            any |= reading != null;
            Written before = written.get(entry.getKey());
            if (reading == null && before != null) {
                reading = slots.get(entry.getKey()).since(before.nanos()); // not what was written, but what it has said since
            }
            if (reading != null) {
                known.put(entry.getKey(), reading);
            }
        }
        if (must && !any) {
            return CompletableFuture.failedFuture(new IOException("no answer to a request for " + String.join(", ", waiting.keySet())
                    + " within " + answerTimeout.toMillis() + " ms"));
        }
        return CompletableFuture.completedFuture(known);
    }

    private static Predicate<PropertyValue> same(DeviceProperty property, PropertyValue expected) {
        return value -> value != null && property.type().format(value).equals(property.type().format(expected));
    }
}
