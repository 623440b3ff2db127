package io.kelp.mapper.simulator.internal;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceConnection;
import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.DeviceDriver;
import io.kelp.mapper.DeviceProperty;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.Designate;

/**
 * Devices without hardware: any DeviceModel gets one that lives. Takes devices of protocol {@code simulator}, and those of KubeEdge's
 * virtual devices ({@code virtualProtocol}) that no other mapper claims.
 */
@Component(service = DeviceDriver.class, configurationPid = "io.kelp.mapper.simulator")
@Designate(ocd = SimulatorConfig.class)
public final class SimulatorDriver implements DeviceDriver {

    /** Devices that are remembered while nobody is connected to them. */
    private static final int REMEMBERED = 10_000;

    private final Signals signals;
    private final Duration longestFault;
    private final InstantSource clock;
    private final ScheduledThreadPoolExecutor timer;
    private final Map<String, SimulatedDevice> devices = new LinkedHashMap<>(16, 0.75f, true) { // guarded by itself
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, SimulatedDevice> eldest) {
            return size() > REMEMBERED;
        }
    };

    @Activate
    public SimulatorDriver(BundleContext context, SimulatorConfig config) {
        this(context.getProperty("kelp.etc") == null ? null : Path.of(context.getProperty("kelp.etc"), "simulator"),
                config.mostRows(), Duration.ofSeconds(config.longestFaultSeconds()), InstantSource.system());
    }

    SimulatorDriver(Path files, int mostRows, Duration longestFault, InstantSource clock) {
        this.signals = new Signals(new Replays(files, mostRows));
        this.longestFault = longestFault;
        this.clock = clock;
        this.timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "kelp-simulator");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
    }

    @Deactivate
    void stop() {
        timer.shutdownNow();
    }

    @Override
    public String protocol() {
        return "simulator";
    }

    @Override
    public Set<String> aliases() {
        return Set.of("simulated", "virtual");
    }

    @Override
    public boolean claims(DeviceConfig device) {
        return device.protocol().equalsIgnoreCase("virtualProtocol") && !device.model().equals("counter-model");
    }

    @Override
    public DeviceConnection open(DeviceConfig config, DeviceContext context) throws ConfigurationException, IOException {
        long seed = config.settings().whole("seed", config.id().hashCode(), Long.MIN_VALUE, Long.MAX_VALUE);
        Map<String, Signal> ofProperties = new LinkedHashMap<>();
        for (DeviceProperty property : config.properties()) {
            ofProperties.put(property.name(), signals.of(property, seed));
        }
        FaultPlan plan = FaultPlan.of(config.settings(), seed);
        long latency = config.settings().whole("latency", 0, 0, 60_000);
        SimulatedDevice device;
        synchronized (devices) {
            device = devices.computeIfAbsent(config.id(), id -> new SimulatedDevice(clock));
        }
        if (device.fault(plan).equals(Optional.of(FaultKind.OFFLINE))) {
            throw new IOException("the simulated device is offline");
        }
        return new SimulatedConnection(device, ofProperties, plan, latency, longestFault, timer);
    }
}
