package com.example.mapper.tank;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceConnection;
import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.DeviceDriver;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.Lane;
import java.io.IOException;
import java.time.Duration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.metatype.annotations.Designate;

/** Drives tanks. One driver serves them all, so it keeps nothing of a single one: that belongs to {@link TankConnection}. */
@Component(configurationPid = "com.example.mapper.tank")
@Designate(ocd = TankConfig.class)
public final class TankDriver implements DeviceDriver {

    private static final int DEFAULT_PORT = 4001;

    private final Duration deadline;

    @Activate
    public TankDriver(TankConfig config) {
        this(Duration.ofMillis(config.deadlineMillis()));
    }

    TankDriver(Duration deadline) {
        this.deadline = deadline;
    }

    @Override
    public String protocol() {
        return "tank";
    }

    /** Tanks behind one serial server share its line: the runtime then calls them one after the other. */
    @Override
    public Lane lane(DeviceConfig device) throws ConfigurationException {
        return Lane.shared(host(device) + ":" + port(device)).withDeadline(deadline);
    }

    @Override
    public DeviceConnection open(DeviceConfig device, DeviceContext context) throws ConfigurationException, IOException {
        for (DeviceProperty property : device.properties()) {
            register(property); // what is configured wrongly is said at once, not with the first read
        }
        return new TankConnection(host(device), port(device), deadline);
    }

    private static String host(DeviceConfig device) throws ConfigurationException {
        return device.settings().text("host");
    }

    private static int port(DeviceConfig device) throws ConfigurationException {
        return (int) device.settings().whole("port", DEFAULT_PORT, 1, 65_535);
    }

    /** How the tank calls a property: the key {@code register} of its visitor, else the name of the property. */
    static String register(DeviceProperty property) throws ConfigurationException {
        String name = property.visitor().text("register", property.name());
        if (!name.matches("[a-z]{1,16}")) {
            throw property.visitor().refused("register", name, "1 to 16 letters from a to z");
        }
        return name;
    }
}
