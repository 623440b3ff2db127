package io.kelp.devicetwin.internal;

import com.google.gson.JsonObject;
import io.kelp.control.LivenessProbe;
import io.kelp.control.MetricSource;
import io.kelp.control.Problem;
import io.kelp.control.StatusSource;
import io.kelp.devicetwin.DeviceTwins;
import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.CloudMessageHandler;
import io.kelp.edgehub.GatewayIdentity;
import io.kelp.eventbus.MqttBus;
import io.kelp.eventbus.TopicHandler;
import io.kelp.message.Message;
import io.kelp.store.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Offers the twins to the other bundles. Works without link and without MQTT, which come and go. */
@Component(configurationPid = "io.kelp.devicetwin", immediate = true, service = {
        DeviceTwins.class, CloudMessageHandler.class, TopicHandler.class, StatusSource.class, MetricSource.class,
        LivenessProbe.class})
@Designate(ocd = DeviceTwinConfig.class)
public final class DeviceTwinComponent implements DeviceTwins, CloudMessageHandler, TopicHandler, StatusSource, MetricSource,
        LivenessProbe {

    private static final Logger LOG = LoggerFactory.getLogger(DeviceTwinComponent.class);

    private final DeviceTable table = new DeviceTable();
    private final CloudSender sender;
    private final TwinService service;
    private final int maxRequestBytes;

    private volatile CloudLink link;
    private volatile MqttBus mqtt;
    private volatile String node = "";

    /** Opens the store; the thread starts with {@link #start}. */
    @Activate
    public DeviceTwinComponent(DeviceTwinConfig config, @Reference Store store) {
        ValueRules rules = new ValueRules(charset(config.valueCharset()));
        int maxDevices = limit("maxDevices", config.maxDevices(), 1, 100_000);
        int maxTwins = limit("maxTwinsPerDevice", config.maxTwinsPerDevice(), 1, 10_000);
        CloudEngine cloud = new CloudEngine(table, rules, maxDevices, () -> node, System::currentTimeMillis);
        TwinEngine engine = new TwinEngine(table, cloud, rules, maxTwins, () -> node, System::currentTimeMillis, this::isHeard);
        maxRequestBytes = limit("maxRequestBytes", config.maxRequestBytes(), 1024, 16_777_216);
        sender = new CloudSender(table, () -> link, () -> node, System::currentTimeMillis,
                Duration.ofSeconds(limit("retrySeconds", config.retrySeconds(), 1, 600)),
                Duration.ofMillis(limit("spacingMillis", config.spacingMillis(), 20, 10_000)), this::cloudAnswer);
        TwinPersistence persistence = new TwinPersistence(store);
        persistence.load(table, System.currentTimeMillis());
        service = new TwinService(table, engine, cloud, sender, persistence, () -> mqtt,
                Duration.ofMillis(limit("compareMillis", config.compareMillis(), 0, 60_000)),
                limit("queueCapacity", config.queueCapacity(), 100, 1_000_000));
    }

    /** A value out of bounds must not leave the gateway without twins, so the nearest good one is taken. */
    private static int limit(String key, int value, int min, int max) {
        int good = Math.max(min, Math.min(max, value));
        if (good != value) {
            LOG.error("Configuration io.kelp.devicetwin: {} is {}, allowed are {} to {}; {} is used", key, value, min, max, good);
        }
        return good;
    }

    private static ValueRules.Charset charset(String name) {
        for (ValueRules.Charset charset : ValueRules.Charset.values()) {
            if (charset.name().equalsIgnoreCase(name)) {
                return charset;
            }
        }
        LOG.error("Configuration io.kelp.devicetwin: valueCharset is {}, allowed are STRICT and RELAXED; STRICT is used", name);
        return ValueRules.Charset.STRICT;
    }

    private boolean isHeard(String topic) {
        MqttBus bus = mqtt;
        return bus == null || bus.isWanted(topic);
    }

    @Activate
    void start() {
        service.start();
        CloudLink now = link;
        if (now != null && now.status().state() == CloudLink.State.CONNECTED && now.status().peer() != null) {
            connected(now.status().peer()); // the link was up before we came
        }
    }

    @Deactivate
    void stop() {
        service.close();
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    void setLink(CloudLink newLink) {
        link = newLink;
    }

    void unsetLink(CloudLink oldLink) {
        if (link == oldLink) {
            link = null;
        }
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    void setMqtt(MqttBus newMqtt) {
        mqtt = newMqtt;
    }

    void unsetMqtt(MqttBus oldMqtt) {
        if (mqtt == oldMqtt) {
            mqtt = null;
        }
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    void setIdentity(GatewayIdentity identity) {
        node = identity.nodeName();
    }

    /** The name of the node stays known while the hub is exchanged. */
    void unsetIdentity(GatewayIdentity identity) {}

    // ---- DeviceTwins ----

    @Override
    public List<Device> devices() {
        return table.devices().stream().map(entry -> DeviceViews.of(entry.state(), table.model(entry.state()))).toList();
    }

    @Override
    public Optional<Device> device(DeviceId id) {
        return Optional.ofNullable(table.device(id)).map(entry -> DeviceViews.of(entry.state(), table.model(entry.state())));
    }

    @Override
    public AutoCloseable watch(DeviceListener listener) {
        service.watch(listener).exceptionally(e -> {
            LOG.error("A listener for devices could not be added: {}", e.getMessage());
            return null;
        });
        return () -> service.unwatch(listener);
    }

    @Override
    public CompletionStage<Void> report(DeviceId id, Map<String, String> values) {
        return service.report(id, values);
    }

    @Override
    public CompletionStage<Void> reportReadings(DeviceId id, Map<String, Reading> readings) {
        return service.reportReadings(id, readings);
    }

    @Override
    public CompletionStage<Void> reportError(DeviceId id, String property, String sentence) {
        return service.reportError(id, property, sentence);
    }

    @Override
    public AutoCloseable watchReports(ReportListener listener) {
        service.watchReports(listener).exceptionally(e -> {
            LOG.error("A listener for reported values could not be added: {}", e.getMessage());
            return null;
        });
        return () -> service.unwatchReports(listener);
    }

    @Override
    public CompletionStage<Void> reportState(DeviceId id, String state) {
        return service.reportState(id, state);
    }

    @Override
    public CompletionStage<Void> setDesired(DeviceId id, String property, String value) {
        return service.setDesired(id, property, value);
    }

    // ---- CloudMessageHandler ----

    private void cloudAnswer(Message message, Throwable failure) {
        service.cloudAnswer(message, failure);
    }

    @Override
    public boolean claims(Message message) {
        return CloudEngine.claims(message);
    }

    @Override
    public CompletionStage<Void> handle(Message message) {
        return service.cloudMessage(message);
    }

    @Override
    public List<StoredObject> inventory() {
        List<StoredObject> objects = new ArrayList<>();
        table.models().forEach((key, model) -> objects.add(stored("devicemodel", model)));
        table.devices().forEach(entry -> {
            DeviceState state = entry.state();
            if (state.object() != null && !entry.isUnstored()) {
                objects.add(new StoredObject(DeviceObject.text(state.object(), "apiVersion"), "device",
                        state.id().namespace(), state.id().name(), state.uid(), state.resourceVersion()));
            }
        });
        return objects;
    }

    private static StoredObject stored(String type, JsonObject object) {
        JsonObject metadata = DeviceObject.object(object, "metadata");
        return new StoredObject(DeviceObject.text(object, "apiVersion"), type, DeviceObject.text(metadata, "namespace"),
                DeviceObject.text(metadata, "name"), DeviceObject.text(metadata, "uid"), DeviceObject.text(metadata, "resourceVersion"));
    }

    @Override
    public void connected(CloudLink.Peer peer) {
        service.connected(peer).exceptionally(DeviceTwinComponent::lost);
    }

    @Override
    public void disconnected() {
        service.disconnected().exceptionally(DeviceTwinComponent::lost);
    }

    private static Void lost(Throwable e) {
        LOG.error("A change of the link was not noticed: {}", e.getMessage());
        return null;
    }

    // ---- TopicHandler ----

    @Override
    public List<String> filters() {
        return TwinEngine.filters();
    }

    @Override
    public void message(String topic, byte[] payload) {
        if (payload.length > maxRequestBytes) {
            service.dropped(topic + " with " + payload.length + " bytes");
        } else {
            service.mqttMessage(topic, payload);
        }
    }

    // ---- LivenessProbe, StatusSource, MetricSource ----

    @Override
    public String name() {
        return "devicetwin";
    }

    @Override
    public CompletionStage<Void> probe() {
        return service.probe();
    }

    @Override
    public JsonObject status() {
        JsonObject status = new JsonObject();
        status.addProperty("devices", table.devices().size());
        status.addProperty("twins", twins());
        status.addProperty("twinsNotConfirmed", notConfirmed());
        return status;
    }

    @Override
    public List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        table.devices().forEach(entry -> entry.refusedDesired.forEach((property, why) -> problems.add(new Problem("DESIRED-REFUSED", why,
                entry.state().id() + " " + property, "Set a desired value that fits the type of the device model.", entry.refusedSince))));
        return problems;
    }

    private long twins() {
        return table.devices().stream().mapToLong(entry -> entry.state().twins().values().stream().filter(twin -> !twin.isDeleted()).count()).sum();
    }

    private long notConfirmed() {
        return table.devices().stream().mapToLong(entry -> entry.upward.dirtyProperties()).sum();
    }

    @Override
    public void collect(Sink sink) {
        sink.gauge("kelp_twin_devices", "Devices on this gateway.", table.devices().size());
        sink.gauge("kelp_twin_properties", "Twins of all devices.", twins());
        sink.gauge("kelp_twin_unconfirmed", "Properties that the cloud has yet to confirm.", notConfirmed());
        sink.gauge("kelp_twin_queued", "Inputs that wait.", service.queued());
        sink.counter("kelp_twin_inputs_total", "Requests, reports and messages of the cloud.", service.inputs());
        sink.counter("kelp_twin_dropped_total", "Requests dropped because they were too many or too long.", service.dropped());
        sink.counter("kelp_twin_publish_dropped_total", "Messages that the event bus did not take.", service.unpublished());
        sink.counter("kelp_twin_sent_total", "Messages to the cloud.", sender.sent());
        sink.counter("kelp_twin_confirmed_total", "Messages that the cloud has confirmed.", sender.confirmedMessages());
        sink.counter("kelp_twin_refused_total", "Messages that the cloud has refused.", sender.refusedMessages());
    }
}
