package com.example.mapper.tank;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.kelp.mapper.BlockingConnection;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.DeviceProperty.AccessMode;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import io.kelp.mapper.RequestRefusedException;
import io.kelp.mapper.Settings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The driver against a tank made of a socket. No framework is needed for that. */
class TankDriverTest {

    private final TankDriver driver = new TankDriver(Duration.ofSeconds(2));
    private ServerSocket tank;
    private volatile String level = "40";

    @BeforeEach
    void start() throws IOException {
        tank = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(this::serve, "tank");
        thread.setDaemon(true);
        thread.start();
    }

    @AfterEach
    void stop() throws IOException {
        tank.close();
    }

    private void serve() {
        try (Socket client = tank.accept(); BufferedReader lines = new BufferedReader(new InputStreamReader(client.getInputStream()))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("set level ")) {
                    level = line.substring(10);
                }
                String answer = line.equals("get level") ? level : line.startsWith("set level ") ? "ok" : "error unknown";
                client.getOutputStream().write((answer + "\n").getBytes());
            }
        } catch (IOException e) {
            // the end of the test
        }
    }

    private static DeviceProperty property(String name, Map<String, ?> visitor) {
        return new DeviceProperty(name, PropertyType.DOUBLE, AccessMode.READ_WRITE, 0.0, 100.0, "%", Duration.ofSeconds(1), Duration.ZERO,
                new Settings("device default/t, property " + name, visitor));
    }

    private DeviceConfig device(DeviceProperty... properties) {
        return new DeviceConfig("default", "t", "tank", "tank",
                new Settings("device default/t", Map.of("host", "127.0.0.1", "port", tank.getLocalPort())), List.of(properties));
    }

    @Test
    void readsAndWrites() throws Exception {
        DeviceProperty level = property("level", Map.of());
        DeviceProperty fill = property("fill", Map.of("register", "unheard"));
        BlockingConnection connection = (BlockingConnection) driver.open(device(level, fill), null);
        assertEquals(Map.of("level", Reading.of("40"), "fill", Reading.bad("\"get unheard\": unknown")), connection.read(List.of(level, fill)));
        connection.write(level, PropertyValue.of(55.5));
        assertEquals(Reading.of("55.5"), connection.read(List.of(level)).get("level"));
        assertThrows(RequestRefusedException.class, () -> connection.write(fill, PropertyValue.of(1)));
        connection.close();
    }

    @Test
    void aWrongSettingIsNamed() {
        ConfigurationException e = assertThrows(ConfigurationException.class,
                () -> driver.open(device(property("level", Map.of("register", "LEVEL 1"))), null));
        assertEquals("device default/t, property level, key register: \"LEVEL 1\" is not 1 to 16 letters from a to z", e.getMessage());
    }
}
