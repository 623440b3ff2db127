package io.kelp.mapper.mqtt.internal.sparkplug;

import io.kelp.mapper.AsyncConnection;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.DeviceProperty.AccessMode;
import io.kelp.mapper.DiscoveringDevice;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import io.kelp.mapper.RequestRefusedException;
import io.kelp.mapper.Settings;
import io.kelp.mapper.SuggestedProperty;
import io.kelp.mapper.mqtt.internal.broker.BrokerAddress;
import io.kelp.mapper.mqtt.internal.live.ValueBoard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** A device behind a Sparkplug edge node, or the node itself: metrics are its properties. */
public final class SparkplugDevice implements AsyncConnection, DiscoveringDevice, NodeSession.Member {

    /** Keys of {@code configData} for the device. */
    public static final Set<String> KEYS = Set.of("group", "node", "device", "answertimeout");
    /** Keys of a visitor. */
    public static final Set<String> VISITOR_KEYS = Set.of("metric");

    private static final int MOST_SUGGESTIONS = 1_000;

    private final SparkplugNodes nodes;
    private final DeviceConfig config;
    private final DeviceContext context;
    private final String device;
    private final Map<String, List<DeviceProperty>> byMetric = new HashMap<>();
    private final Map<String, String> metricOf = new HashMap<>();
    private final ValueBoard board;
    private NodeSession session;

    private SparkplugDevice(SparkplugNodes nodes, DeviceConfig config, DeviceContext context) throws ConfigurationException {
        this.nodes = nodes;
        this.config = config;
        this.context = context;
        this.device = level("device", config.name());
        for (DeviceProperty property : config.properties()) {
            String metric = property.visitor().text("metric", property.name());
            byMetric.computeIfAbsent(metric, m -> new ArrayList<>()).add(property);
            metricOf.put(property.name(), metric);
        }
        this.board = new ValueBoard(config.properties(), nodes.pulse(), Duration.ofMillis(config.settings().whole("answerTimeout", 2_000, 50, 30_000)));
    }

    public static SparkplugDevice open(SparkplugNodes nodes, BrokerAddress address, DeviceConfig config, DeviceContext context)
            throws ConfigurationException {
        SparkplugDevice opened = new SparkplugDevice(nodes, config, context);
        config.settings().text("group"); // missing is said as such
        config.settings().text("node");
        opened.session = nodes.join(address, opened.level("group", ""), opened.level("node", ""), opened);
        return opened;
    }

    /** A level of a topic. */
    private String level(String key, String absent) throws ConfigurationException {
        Settings settings = config.settings();
        String text = settings.text(key, absent);
        boolean mayBeEmpty = key.equals("device");
        if (!text.matches("[^/+#\\x00]{" + (mayBeEmpty ? 0 : 1) + ",255}")) {
            throw settings.refused(key, text, "a name without / + and #");
        }
        return text;
    }

    // --- what the node tells ---

    @Override
    public String device() {
        return device;
    }

    @Override
    public void born() {
        context.back();
    }

    @Override
    public void value(NodeState.Event.Value value) {
        for (DeviceProperty property : byMetric.getOrDefault(value.name(), List.of())) {
            Reading reading = reading(property, value);
            board.take(property.name(), reading);
            context.publish(property.name(), reading);
        }
    }

    private static Reading reading(DeviceProperty property, NodeState.Event.Value value) {
        Metric metric = value.metric();
        if (metric.raw() == null) {
            return Reading.bad("the device says that there is no value (null)");
        }
        if (metric.quality() == Metric.BAD) {
            return Reading.bad("the device says that the value is bad");
        }
        try {
            Reading reading = Reading.of(property.type().convert(value.type().value(metric.raw()))).at(value.timestampMillis());
            return metric.quality() == Metric.GOOD ? reading
                    : reading.uncertain(metric.quality() == Metric.STALE ? "the device says that the value is stale" : "the device says quality " + metric.quality());
        } catch (IllegalArgumentException e) {
            return Reading.bad(e.getMessage());
        }
    }

    @Override
    public void stale(String reason) {
        for (DeviceProperty property : config.properties()) {
            Reading last = board.slot(property.name()).last();
            if (last != null && last.value() != null) {
                context.publish(property.name(), last.uncertain(reason));
            }
        }
    }

    @Override
    public void away(String reason) {
        context.away(reason);
    }

    // --- what the runtime asks ---

    @Override
    public Set<String> published() {
        return config.properties().stream().map(DeviceProperty::name).collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public CompletionStage<Map<String, Reading>> readAsync(List<DeviceProperty> properties) {
        return board.read(properties.stream().map(property -> new ValueBoard.Query(property, null, false)).toList());
    }

    @Override
    public CompletionStage<Optional<Reading>> writeAsync(DeviceProperty property, PropertyValue value) {
        String name = metricOf.get(property.name());
        DataType type = session.metrics(device).get(name);
        if (type == null) {
            return CompletableFuture.failedFuture(new RequestRefusedException("the device has not told of a metric " + name));
        }
        Object raw;
        try {
            raw = type.raw(value);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(new RequestRefusedException(e.getMessage(), e));
        }
        board.writing(property, value);
        return session.command(device, List.of(Metric.of(name, nodes.clock().millis(), type, raw))).thenApply(sent -> Optional.empty());
    }

    @Override
    public List<SuggestedProperty> discover() {
        return session.metrics(device).entrySet().stream().filter(e -> !e.getKey().equals(Payload.BDSEQ)).limit(MOST_SUGGESTIONS)
                .map(e -> new SuggestedProperty(e.getKey().toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-"), e.getValue().propertyType(),
                        AccessMode.READ_WRITE, e.getKey() + " (" + e.getValue().name().toLowerCase(Locale.ROOT) + ")", Map.of("metric", e.getKey())))
                .toList();
    }

    @Override
    public void close() {
        nodes.leave(session, this);
    }
}
