package io.kelp.mapper.internal;

import io.kelp.mapper.BlockingConnection;
import io.kelp.mapper.CallableDevice;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceConnection;
import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.DeviceDriver;
import io.kelp.mapper.DeviceMethod;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.DiscoveringDevice;
import io.kelp.mapper.Lane;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import io.kelp.mapper.RequestRefusedException;
import io.kelp.mapper.SuggestedProperty;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A protocol and its devices in memory; devices fail as the test says. */
class FakeDevices implements DeviceDriver {

    /** One device, as it is in the plant. */
    static final class Plant {
        final Map<String, String> registers = new TreeMap<>();
        final List<String> log = new ArrayList<>();
        boolean reachable = true;
        String refuses = "";
        boolean stuck; // takes writes without effect
        final Map<String, Reading> readings = new TreeMap<>(); // instead of the registers
        boolean callable; // knows method reset by itself, and says what it has
        int open;
        DeviceContext context;
        Optional<String> whenOpened = Optional.empty(); // what property count had before
    }

    final Map<String, Plant> plants = new TreeMap<>();
    private final String protocol;

    FakeDevices(String protocol) {
        this.protocol = protocol;
    }

    Plant plant(String name) {
        return plants.computeIfAbsent(name, n -> new Plant());
    }

    @Override
    public String protocol() {
        return protocol;
    }

    @Override
    public Lane lane(DeviceConfig device) throws ConfigurationException {
        return Lane.shared(device.settings().text("bus", device.id()));
    }

    @Override
    public DeviceConnection open(DeviceConfig device, DeviceContext context) throws ConfigurationException, IOException {
        device.settings().whole("address", 1, 0, 255);
        Plant plant = plant(device.name());
        if (!plant.reachable) {
            plant.log.add("open failed");
            throw new IOException("no route to " + device.name());
        }
        plant.open++;
        plant.context = context;
        plant.whenOpened = context.lastReported("count");
        plant.log.add("open");
        return plant.callable ? new CallableFake(plant) : new Fake(plant);
    }

    private static class Fake implements BlockingConnection {
        final Plant plant;

        Fake(Plant plant) {
            this.plant = plant;
        }

        @Override
        public Map<String, Reading> read(List<DeviceProperty> properties) throws IOException {
            reach(plant);
            plant.log.add("read");
            Map<String, Reading> readings = new LinkedHashMap<>();
            properties.forEach(p -> readings.put(p.name(), plant.readings.containsKey(p.name()) ? plant.readings.get(p.name())
                    : Reading.of(plant.registers.getOrDefault(p.name(), "0"))));
            return readings;
        }

        @Override
        public Optional<Reading> write(DeviceProperty property, PropertyValue value) throws IOException {
            reach(plant);
            plant.log.add("write " + property.name() + " " + value.asText());
            if (property.name().equals(plant.refuses)) {
                throw new RequestRefusedException("illegal value");
            }
            if (!plant.stuck) {
                plant.registers.put(property.name(), value.asText());
            }
            return Optional.empty();
        }

        @Override
        public void close() {
            plant.open--;
            plant.log.add("close");
        }
    }

    private static void reach(Plant plant) throws IOException {
        if (!plant.reachable) {
            throw new IOException("connection reset");
        }
    }

    private static final class CallableFake extends Fake implements CallableDevice, DiscoveringDevice {

        CallableFake(Plant plant) {
            super(plant);
        }

        @Override
        public boolean calls(DeviceMethod method) {
            return method.name().equals("reset");
        }

        @Override
        public Map<String, String> call(DeviceMethod method, Map<String, PropertyValue> arguments) throws IOException {
            reach(plant);
            plant.log.add("call " + method.name() + " " + arguments);
            if (method.name().equals(plant.refuses)) {
                throw new RequestRefusedException("not now");
            }
            return Map.of("resets", "1");
        }

        @Override
        public List<SuggestedProperty> discover() throws IOException {
            reach(plant);
            return List.of(new SuggestedProperty("temp", PropertyType.DOUBLE, DeviceProperty.AccessMode.READ_ONLY, "", Map.of("path", "/t")));
        }
    }
}
