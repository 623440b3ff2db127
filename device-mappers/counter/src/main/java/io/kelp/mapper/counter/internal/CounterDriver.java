package io.kelp.mapper.counter.internal;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceConnection;
import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.DeviceDriver;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Set;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.Designate;

/**
 * Devices made of nothing but time: they count seconds while their property {@code status} is ON.
 *
 * <p>Takes devices of protocol {@code counter}, and those of KubeEdge's counter demos, which name
 * no protocol or {@code virtualProtocol}, by their model {@code counter-model}.
 */
@Component(configurationPid = "io.kelp.mapper.counter")
@Designate(ocd = CounterConfig.class)
public final class CounterDriver implements DeviceDriver {

    private static final Set<String> PROTOCOLS_OF_DEMOS = Set.of("", "virtualprotocol");

    private final String logFolder; // null when the gateway has none
    private final String commonLog;

    @Activate
    public CounterDriver(BundleContext context, CounterConfig config) {
        this(context.getProperty("kelp.log"), config.deviceLog());
    }

    CounterDriver(String logFolder, String commonLog) {
        this.logFolder = logFolder;
        this.commonLog = commonLog;
    }

    @Override
    public String protocol() {
        return "counter";
    }

    @Override
    public boolean claims(DeviceConfig device) {
        return device.model().equals("counter-model")
                && PROTOCOLS_OF_DEMOS.contains(device.protocol().toLowerCase(java.util.Locale.ROOT));
    }

    @Override
    public DeviceConnection open(DeviceConfig device, DeviceContext context) throws ConfigurationException {
        device.requiredProperty(Counter.STATUS);
        return new Counter(device, context, log(device), System::nanoTime);
    }

    private DeviceLog log(DeviceConfig device) throws ConfigurationException {
        String name = device.settings().text("log", commonLog);
        if (name.isEmpty()) {
            return DeviceLog.NONE;
        }
        // Whoever may create devices must not be able to write files elsewhere.
        if (!name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")) {
            throw device.settings().refused("log", name, "a plain file name of letters, digits, dot, hyphen and underscore");
        }
        if (logFolder == null) {
            throw device.settings().refused("log", name, "possible, because this gateway has no log folder (property kelp.log)");
        }
        return new DeviceLog.File(Path.of(logFolder, name), device.id(), InstantSource.system());
    }
}
