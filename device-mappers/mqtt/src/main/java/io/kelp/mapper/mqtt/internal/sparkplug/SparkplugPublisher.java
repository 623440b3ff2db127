package io.kelp.mapper.mqtt.internal.sparkplug;

import io.kelp.devicetwin.DeviceTwins;
import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.DeviceListener;
import io.kelp.devicetwin.DeviceTwins.Reading;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.Settings;
import io.kelp.mapper.mqtt.internal.broker.BrokerAddress;
import io.kelp.mapper.mqtt.internal.broker.SecretFiles;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the gateway's devices as a Sparkplug B edge node. Exists only where it is configured. What the twins tell is gathered,
 * the newest of each property, and handed to the thread of the connection: no queue grows while the broker is away.
 */
@Component(service = {}, immediate = true, configurationPid = "io.kelp.mapper.mqtt.sparkplug", configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = PublisherConfig.class)
public final class SparkplugPublisher implements DeviceListener, DeviceTwins.ReportListener, EdgeNodeLink.Source {

    private static final Logger LOG = LoggerFactory.getLogger(SparkplugPublisher.class);

    private record Series(DeviceId device, String property) {}

    private final DeviceTwins twins;
    private final Set<String> namespaces;
    private final boolean commands;
    private final Map<DeviceId, Optional<Device>> changed = new ConcurrentHashMap<>();
    private final Map<Series, Reading> reported = new ConcurrentHashMap<>();
    private final AtomicBoolean told = new AtomicBoolean();
    private final EdgeNodeLink link;
    private final AutoCloseable devices;
    private final AutoCloseable reports;

    @Activate
    public SparkplugPublisher(BundleContext context, PublisherConfig config, @Reference DeviceTwins twins) throws ConfigurationException {
        this(config, twins, context.getProperty("kelp.etc"));
    }

    SparkplugPublisher(PublisherConfig config, DeviceTwins twins, String etc) throws ConfigurationException {
        this.twins = twins;
        this.namespaces = Set.of(config.namespaces());
        this.commands = config.commands();
        this.link = new EdgeNodeLink(config, address(config, etc), this);
        // Devices first, so that each is known before its values.
        this.devices = twins.watch(this);
        this.reports = twins.watchReports(this);
        link.start();
    }

    private static BrokerAddress address(PublisherConfig config, String etc) throws ConfigurationException {
        Map<String, Object> written = new LinkedHashMap<>();
        written.put("broker", config.broker());
        written.put("group", config.group());
        written.put("node", config.node());
        written.put("primaryHost", config.primaryHost());
        written.put("passwordFile", config.passwordFile());
        written.put("caFile", config.caFile());
        written.put("certFile", config.certFile());
        written.put("keyFile", config.keyFile());
        Settings settings = new Settings("io.kelp.mapper.mqtt.sparkplug", written);
        for (String key : new String[] {"group", "node"}) {
            if (!settings.text(key).matches("[^/+#\\x00]{1,255}")) {
                throw settings.refused(key, settings.text(key), "a name without / + and #");
            }
        }
        if (!config.primaryHost().matches("[^/+#\\x00]{0,255}")) {
            throw settings.refused("primaryHost", config.primaryHost(), "a name without / + and #");
        }
        SecretFiles secrets = SecretFiles.of("", etc);
        try {
            return new BrokerAddress(BrokerAddress.url(config.broker()), "", config.username(), secrets.password(settings, "passwordFile"),
                    secrets.file(settings, "caFile"), secrets.file(settings, "certFile"), secrets.file(settings, "keyFile"));
        } catch (IllegalArgumentException e) {
            throw settings.refused("broker", config.broker(), e.getMessage());
        }
    }

    @Deactivate
    void stop() {
        for (AutoCloseable watch : new AutoCloseable[] {reports, devices}) {
            try {
                watch.close();
            } catch (Exception e) { // declared by AutoCloseable; the twins may be going at this moment, too
                LOG.debug("Sparkplug: the twins do not let go: {}", e.toString());
            }
        }
        link.close();
    }

    private boolean mine(DeviceId id) {
        return namespaces.isEmpty() || namespaces.contains(id.namespace());
    }

    @Override
    public void changed(Device device) {
        if (mine(device.id())) {
            changed.put(device.id(), Optional.of(device));
            tell();
        }
    }

    @Override
    public void removed(DeviceId id) {
        if (mine(id)) {
            changed.put(id, Optional.empty());
            tell();
        }
    }

    @Override
    public void reported(DeviceId id, String property, Reading reading) {
        if (mine(id)) {
            reported.put(new Series(id, property), reading);
            tell();
        }
    }

    private void tell() {
        if (told.compareAndSet(false, true)) {
            link.gather();
        }
    }

    @Override
    public void drain(Sink sink) {
        told.set(false); // what comes from now on asks anew
        for (DeviceId id : Set.copyOf(changed.keySet())) {
            Optional<Device> now = changed.remove(id);
            if (now != null) {
                now.ifPresentOrElse(sink::changed, () -> sink.removed(id));
            }
        }
        for (Series series : Set.copyOf(reported.keySet())) {
            Reading reading = reported.remove(series);
            if (reading != null) {
                sink.reported(series.device(), series.property(), reading);
            }
        }
    }

    @Override
    public Optional<Device> now(DeviceId id) {
        return twins.device(id);
    }

    @Override
    public void command(EdgeNode.Command command) {
        if (!commands) {
            LOG.info("Sparkplug: a host wants {} of device {} set, which the setting commands forbids", command.property(), command.device());
            return;
        }
        twins.setDesired(command.device(), command.property(), command.value()).whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.info("Sparkplug: {} of device {} is not set as a host wants: {}", command.property(), command.device(), failure.getMessage());
            }
        });
    }
}
