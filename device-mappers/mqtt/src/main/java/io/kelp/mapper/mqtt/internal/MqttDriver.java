package io.kelp.mapper.mqtt.internal;

import io.kelp.eventbus.MqttBus;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceConnection;
import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.DeviceDriver;
import io.kelp.mapper.mqtt.internal.broker.BrokerAddress;
import io.kelp.mapper.mqtt.internal.broker.LinkTuning;
import io.kelp.mapper.mqtt.internal.broker.Links;
import io.kelp.mapper.mqtt.internal.live.Pulse;
import io.kelp.mapper.mqtt.internal.sparkplug.SparkplugDevice;
import io.kelp.mapper.mqtt.internal.sparkplug.SparkplugNodes;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
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

/**
 * Devices that speak MQTT to the gateway's broker or to another. One thread of its own for time and connections, and per
 * broker those of the client library; none per device.
 */
@Component(service = DeviceDriver.class, configurationPid = "io.kelp.mapper.mqtt")
@Designate(ocd = MqttMapperConfig.class)
public final class MqttDriver implements DeviceDriver {

    private static final Logger LOG = LoggerFactory.getLogger(MqttDriver.class);
    private static final Set<String> SPARKPLUG = Set.of("sparkplug", "sparkplugb");
    private static final int MOST_REMARKS = 500;

    private final ScheduledThreadPoolExecutor thread;
    private final Pulse pulse;
    private final Links links;
    private final SparkplugNodes sparkplug;
    private final BrokerSettings brokers;
    private final Set<String> remarks = ConcurrentHashMap.newKeySet();
    private volatile MqttBus bus;

    @Activate
    public MqttDriver(BundleContext context, MqttMapperConfig config) throws ConfigurationException {
        this(config, context.getProperty("kelp.etc"));
    }

    MqttDriver(MqttMapperConfig config, String etc) throws ConfigurationException {
        brokers = BrokerSettings.of(config, etc);
        thread = new ScheduledThreadPoolExecutor(1, task -> new Thread(task, "kelp-mapper-mqtt"));
        thread.setRemoveOnCancelPolicy(true);
        pulse = new Pulse(thread, System::nanoTime);
        links = new Links(thread, new LinkTuning(Duration.ofSeconds(config.keepAliveSeconds()), Duration.ofMillis(config.reconnectMillis()),
                Duration.ofSeconds(config.reconnectMaxSeconds()), config.mostPacketBytes()));
        sparkplug = new SparkplugNodes(links, pulse, InstantSource.system());
        pulse.start();
    }

    @Deactivate
    void stop() {
        links.close();
        thread.shutdownNow();
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    void setBus(MqttBus now) {
        bus = now;
    }

    void unsetBus(MqttBus gone) {
        if (bus == gone) {
            bus = null;
        }
    }

    @Override
    public String protocol() {
        return "mqtt";
    }

    @Override
    public Set<String> aliases() {
        return Stream.concat(Presets.names().stream(), Stream.concat(SPARKPLUG.stream(), Stream.of("mqtt-mapper"))).collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public DeviceConnection open(DeviceConfig device, DeviceContext context) throws ConfigurationException, IOException, InterruptedException {
        BrokerAddress address = brokers.of(device, ownBroker(device));
        if (isSparkplug(device)) {
            DevicePlan.remarkUnknown(device, this::remark, SparkplugDevice.KEYS, SparkplugDevice.VISITOR_KEYS);
            return SparkplugDevice.open(sparkplug, address, device, context);
        }
        DevicePlan plan = DevicePlan.of(device, InstantSource.system(), this::remark);
        TopicDevice opened = new TopicDevice(plan, context, pulse);
        opened.open(watcher -> links.open(address, watcher));
        return opened;
    }

    private static boolean isSparkplug(DeviceConfig device) {
        return SPARKPLUG.contains(device.protocol().toLowerCase(Locale.ROOT)) || device.settings().has("group") && device.settings().has("node");
    }

    /** Address of the broker for devices that name none; {@code null} when that is not needed. */
    private BrokerAddress ownBroker(DeviceConfig device) throws ConfigurationException, IOException {
        if (brokers.common() != null || BrokerSettings.names(device)) {
            return brokers.common();
        }
        MqttBus now = bus;
        if (now == null) {
            throw new IOException("the gateway's broker is not here yet");
        }
        if (now.port() <= 0) {
            throw new ConfigurationException("device " + device.id() + ": key broker is missing, and this gateway has no broker of its own; "
                    + "name the broker in the protocol's configData, or in defaultBroker of io.kelp.mapper.mqtt");
        }
        return new BrokerAddress("tcp://127.0.0.1:" + now.port(), "", "", "", "", "", "");
    }

    /** Each remark once, however often the device is opened. */
    private void remark(String sentence) {
        if (remarks.size() < MOST_REMARKS && remarks.add(sentence)) {
            LOG.warn("{}", sentence);
        }
    }
}
