package io.kelp.mapper.coap.internal;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceConnection;
import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.DeviceDriver;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.Lane;
import io.kelp.mapper.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Devices that speak CoAP (RFC 7252), also observed (RFC 7641), in blocks (RFC 7959) and over DTLS 1.2. */
@Component(configurationPid = "io.kelp.mapper.coap", service = DeviceDriver.class)
@Designate(ocd = CoapMapperConfig.class)
public final class CoapDriver implements DeviceDriver {

    private static final Logger LOG = LoggerFactory.getLogger(CoapDriver.class);
    private static final Duration LONGEST_CALL = Duration.ofSeconds(60);
    private static final int MOST_WARNINGS = 1000;

    private final CoapMapperConfig config;
    private final KeyFolder keys;
    private final Endpoints endpoints;
    private final Set<String> warned = ConcurrentHashMap.newKeySet();

    @Activate
    public CoapDriver(BundleContext context, CoapMapperConfig config) {
        this(config, !config.keyFolder().isEmpty() ? Path.of(config.keyFolder())
                : context.getProperty("kelp.etc") == null ? null : Path.of(context.getProperty("kelp.etc"), "coap-keys"));
    }

    CoapDriver(CoapMapperConfig config, Path keyFolder) {
        this.config = config;
        this.keys = new KeyFolder(keyFolder);
        this.endpoints = new Endpoints(config);
    }

    @Deactivate
    void stop() throws InterruptedException {
        endpoints.close();
    }

    @Override
    public String protocol() {
        return "coap";
    }

    @Override
    public Set<String> aliases() {
        return Set.of("coaps");
    }

    @Override
    public Lane lane(DeviceConfig device) throws ConfigurationException {
        DeviceSettings settings = DeviceSettings.of(device, config);
        // A call asks for several resources, one after the other; the first that is not answered ends it.
        Duration longest = settings.timeout().multipliedBy(3).plusSeconds(1);
        return Lane.shared(settings.bus()).withDeadline(longest.compareTo(LONGEST_CALL) > 0 ? LONGEST_CALL : longest);
    }

    @Override
    public DeviceConnection open(DeviceConfig device, DeviceContext context)
            throws ConfigurationException, IOException, InterruptedException {
        DeviceSettings settings = DeviceSettings.of(device, config);
        Credentials credentials = keys.credentials(device.settings(), settings.secure());
        warnOfUnknownKeys(device);
        Peer peer = Peer.of(settings, credentials, endpoints);
        return CoapConnection.open(settings, peer, context, InstantSource.system());
    }

    /** A key that nobody knows is most likely one that is misspelt. */
    private void warnOfUnknownKeys(DeviceConfig device) {
        warn("device " + device.id(), device.settings(), DeviceSettings.KEYS);
        for (DeviceProperty property : device.properties()) {
            warn("device " + device.id() + ", property " + property.name(), property.visitor(), Access.KEYS);
        }
    }

    private void warn(String where, Settings settings, List<String> known) {
        for (String key : settings.keys()) {
            if (known.stream().noneMatch(key::equalsIgnoreCase) && warned.size() < MOST_WARNINGS && warned.add(where + " " + key)) {
                LOG.warn("{}: key {} is not known to the CoAP mapper and has no effect; known are {}", where, key, String.join(", ", known));
            }
        }
    }
}
