package io.kelp.mapper.mqtt.internal;

import io.kelp.mapper.AsyncConnection;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.DiscoveringDevice;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import io.kelp.mapper.RequestRefusedException;
import io.kelp.mapper.SuggestedProperty;
import io.kelp.mapper.mqtt.internal.broker.Link;
import io.kelp.mapper.mqtt.internal.live.Pulse;
import io.kelp.mapper.mqtt.internal.live.ValueBoard;
import io.kelp.mapper.mqtt.internal.payload.Message;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A device with topics of its own: tells its values by itself, or is asked on another topic. Holds the last values, so that a
 * read after a write can wait for the message that shows it.
 */
final class TopicDevice implements AsyncConnection, DiscoveringDevice, Link.Watcher, Pulse.Beater {

    private static final Duration OPEN_TIME = Duration.ofSeconds(3);
    private static final Duration AVAILABILITY_TIME = Duration.ofSeconds(2);

    private final DevicePlan plan;
    private final DeviceContext context;
    private final Pulse pulse;
    private final Map<String, List<PropertyPlan>> byFilter = new HashMap<>();
    private final ValueBoard board;
    private final JsonSamples samples = new JsonSamples();
    private Link link;
    private volatile Boolean available; // null: it has not said
    private volatile long sinceNanos; // opened, or connected again
    private volatile long heardNanos; // equal when nothing was heard since
    private volatile boolean silent;
    private volatile boolean closed;

    TopicDevice(DevicePlan plan, DeviceContext context, Pulse pulse) {
        this.plan = plan;
        this.context = context;
        this.pulse = pulse;
        this.board = new ValueBoard(plan.device().properties(), pulse, plan.answerTimeout());
        for (PropertyPlan property : plan.properties().values()) {
            if (property.readable()) {
                byFilter.computeIfAbsent(property.filter(), f -> new ArrayList<>()).add(property);
            }
        }
        this.sinceNanos = pulse.nanos();
        this.heardNanos = sinceNanos;
    }

    /** Subscribes what the device tells. Without a broker it is opened, too, and away until there is one. */
    void open(Link.Opener opener) throws ConfigurationException, IOException, InterruptedException {
        link = opener.open(this);
        try {
            List<CompletableFuture<Void>> granted = new ArrayList<>();
            for (String filter : plan.availability().filters()) {
                granted.add(link.subscribe(filter, 1, this::availability).toCompletableFuture());
            }
            for (Map.Entry<String, List<PropertyPlan>> entry : byFilter.entrySet()) {
                int qos = entry.getValue().stream().mapToInt(PropertyPlan::qos).max().orElse(1);
                granted.add(link.subscribe(entry.getKey(), qos, message -> values(message, entry.getValue())).toCompletableFuture());
            }
            if (link.awaitUp(OPEN_TIME)) {
                await(granted);
            } else {
                context.away(link.trouble());
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            link.close();
            throw e;
        }
        pulse.add(this);
    }

    private static void await(List<CompletableFuture<Void>> granted) throws IOException, InterruptedException {
        try {
            CompletableFuture.allOf(granted.toArray(CompletableFuture[]::new)).get(OPEN_TIME.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException refused ? refused : new IOException(e.getCause().getMessage(), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("the broker does not answer a subscription within " + OPEN_TIME.toMillis() + " ms", e);
        }
    }

    // --- what the device tells ---

    private void availability(Message message) {
        if (closed) {
            return;
        }
        plan.availability().read(message).ifPresent(now -> {
            available = now;
            heardNanos = pulse.nanos();
            if (now) {
                silent = false;
                context.back();
            } else {
                context.away("it says \"" + plan.availability().offline() + "\" on topic " + message.topic());
            }
        });
    }

    private void values(Message message, List<PropertyPlan> properties) {
        if (closed) {
            return;
        }
        heardNanos = pulse.nanos();
        silent = false;
        samples.keep(message);
        for (PropertyPlan property : properties) {
            property.format().read(message).ifPresent(reading -> {
                Reading told = message.retained() && Boolean.FALSE.equals(available)
                        ? reading.value() == null ? reading : reading.uncertain("the device is offline; this is what it said last") : reading;
                board.take(property.property().name(), told);
                // A retained message tells what was, and not that the device is there.
                if (!Boolean.FALSE.equals(available)) {
                    context.publish(property.property().name(), told);
                }
            });
        }
    }

    @Override
    public void up() {
        long now = pulse.nanos();
        sinceNanos = now;
        heardNanos = now;
        silent = false;
        if (plan.availability().filters().isEmpty() || Boolean.TRUE.equals(available)) {
            context.back();
        }
    }

    @Override
    public void down(String reason) {
        context.away(reason);
    }

    @Override
    public void beat(long nowNanos) {
        for (PropertyPlan property : plan.properties().values()) {
            if (!property.timeout().isZero()) {
                String name = property.property().name();
                Reading old = board.slot(name).expire(nowNanos, property.timeout().toNanos());
                if (old != null) {
                    context.publish(name, old.uncertain("no message for " + property.timeout().toMillis() + " ms"));
                }
            }
        }
        boolean asked = !plan.availability().filters().isEmpty() && available == null;
        if (asked && !silent && heardNanos == sinceNanos && nowNanos - sinceNanos > AVAILABILITY_TIME.toNanos() && link.isUp()) {
            silent = true;
            context.away("nothing is known of it on topic " + plan.availability().filters().get(0));
        } else if (!plan.offlineAfter().isZero() && !silent && nowNanos - heardNanos > plan.offlineAfter().toNanos()) {
            silent = true;
            context.away("no message for " + plan.offlineAfter().toMillis() + " ms");
        }
    }

    // --- what the runtime asks ---

    @Override
    public Set<String> published() {
        Set<String> names = new LinkedHashSet<>();
        plan.properties().values().stream().filter(p -> p.readable() && !p.poll()).forEach(p -> names.add(p.property().name()));
        return names;
    }

    @Override
    public boolean readsBack(DeviceProperty property) {
        return plan.properties().get(property.name()).readable();
    }

    @Override
    public CompletionStage<Map<String, Reading>> readAsync(List<DeviceProperty> properties) {
        Map<String, CompletionStage<Void>> asked = new HashMap<>(); // properties that share a request
        List<ValueBoard.Query> queries = new ArrayList<>();
        for (DeviceProperty property : properties) {
            PropertyPlan how = plan.properties().get(property.name());
            if (how.readable()) {
                queries.add(new ValueBoard.Query(property, how.getTopic().isEmpty() ? null
                        : () -> asked.computeIfAbsent(how.getTopic() + '\n' + how.getMessage(), key -> ask(how)), how.poll()));
            }
        }
        return board.read(queries);
    }

    private CompletionStage<Void> ask(PropertyPlan how) {
        return link.publish(how.getTopic(), how.getMessage().getBytes(StandardCharsets.UTF_8), how.setQos(), false);
    }

    @Override
    public CompletionStage<Optional<Reading>> writeAsync(DeviceProperty property, PropertyValue value) {
        PropertyPlan how = plan.properties().get(property.name());
        if (how.setTopic().isEmpty()) {
            return CompletableFuture.failedFuture(new RequestRefusedException("property " + property.name()
                    + " has no setTopic, so nobody knows where to publish its value"));
        }
        byte[] payload;
        try {
            payload = how.format().write(value);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(new RequestRefusedException(e.getMessage(), e));
        }
        board.writing(property, value);
        return link.publish(how.setTopic(), payload, how.setQos(), how.setRetained()).thenApply(sent -> Optional.empty());
    }

    @Override
    public List<SuggestedProperty> discover() {
        return samples.suggest(plan.device());
    }

    @Override
    public void close() {
        closed = true;
        pulse.remove(this);
        link.close();
    }
}
