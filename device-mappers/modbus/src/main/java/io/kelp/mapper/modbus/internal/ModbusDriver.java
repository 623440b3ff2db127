package io.kelp.mapper.modbus.internal;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceConnection;
import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.DeviceDriver;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.Lane;
import io.kelp.mapper.Settings;
import io.kelp.mapper.modbus.internal.wire.SerialLibrary;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Devices that speak Modbus TCP, RTU on a serial line or RTU over TCP. */
@Component(configurationPid = "io.kelp.mapper.modbus")
@Designate(ocd = ModbusConfig.class)
public final class ModbusDriver implements DeviceDriver {

    private static final Logger LOG = LoggerFactory.getLogger(ModbusDriver.class);
    private static final Set<String> ALIASES =
            Set.of("modbus-tcp", "modbustcp", "modbus-rtu", "modbusrtu", "modbus-rtu-over-tcp", "modbus-mapper", "modbus-dmi");
    private static final int MOST_WARNINGS = 1_000;

    private final ModbusConfig config;
    private final Buses buses = new Buses();
    private final Set<String> warned = Collections.newSetFromMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MOST_WARNINGS;
        }
    });

    @Activate
    public ModbusDriver(ModbusConfig config) {
        this.config = config;
    }

    @Deactivate
    void stop() {
        SerialLibrary.release();
    }

    @Override
    public String protocol() {
        return "modbus";
    }

    @Override
    public Set<String> aliases() {
        return ALIASES;
    }

    @Override
    public Lane lane(DeviceConfig device) throws ConfigurationException {
        DeviceSettings settings = DeviceSettings.of(device, config);
        return Lane.shared(settings.line().bus()).withPause(settings.pause()).withDeadline(deadline(device, settings));
    }

    /** Long enough for a device that takes nearly all its time for each of its blocks. */
    private static Duration deadline(DeviceConfig device, DeviceSettings settings) {
        long blocks = Math.min(device.properties().size(), 50);
        Duration each = settings.timeout().multipliedBy(1L + settings.retries()).plus(settings.pause());
        Duration all = settings.connectTimeout().plusSeconds(2).plus(each.multipliedBy(Math.max(1, blocks)));
        return all.compareTo(Duration.ofSeconds(60)) > 0 ? Duration.ofSeconds(60) : all;
    }

    @Override
    public DeviceConnection open(DeviceConfig device, DeviceContext context)
            throws ConfigurationException, IOException, InterruptedException {
        DeviceSettings settings = DeviceSettings.of(device, config);
        PointReader reader = new PointReader(device.settings());
        List<Point> points = new ArrayList<>();
        for (DeviceProperty property : device.properties()) {
            points.add(reader.read(property, context.lastReported(property.name()).orElse("")));
            warnOfUnknown("device " + device.id() + ", property " + property.name(), property.visitor(), PointReader.KEYS);
        }
        warnOfUnknown("device " + device.id(), device.settings(), DeviceSettings.KEYS);
        Buses.Share share = buses.take(settings);
        try {
            share.bus().connect();
        } catch (IOException | InterruptedException | RuntimeException e) {
            share.close();
            throw e;
        }
        return new ModbusDevice(settings, points, share);
    }

    /** A mistyped key would otherwise be as good as none. */
    private void warnOfUnknown(String where, Settings settings, Set<String> known) {
        for (String key : settings.keys()) {
            if (!known.contains(key.toLowerCase(Locale.ROOT))) {
                boolean first;
                synchronized (warned) {
                    first = warned.add(where + " " + key);
                }
                if (first) {
                    LOG.warn("{}: key {} means nothing to the Modbus mapper and is ignored; is it mistyped?", where, key);
                }
            }
        }
    }

    /** Lines in use; for tests. */
    int lines() {
        return buses.size();
    }
}
