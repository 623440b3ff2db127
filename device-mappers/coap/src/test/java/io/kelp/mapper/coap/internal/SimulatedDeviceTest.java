package io.kelp.mapper.coap.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.mapper.AsyncConnection;
import io.kelp.mapper.CallableDevice;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceMethod;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.DiscoveringDevice;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import io.kelp.mapper.Reading.Quality;
import io.kelp.mapper.coap.internal.TestDevices.Told;
import io.kelp.mapper.coap.simulator.Simulator;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our driver against our simulator: what libcoap's server has no resources and no faults for. */
@Timeout(60)
class SimulatedDeviceTest {

    private static final DeviceProperty TEMPERATURE = TestDevices.property("temperature", PropertyType.DOUBLE,
            Map.of("path", "/sensors/temperature", "observe", true));
    private static final DeviceProperty SETPOINT = TestDevices.property("setpoint", PropertyType.DOUBLE, Map.of("path", "/setpoint"));

    @TempDir Path folder;

    private final Told told = new Told();
    private CoapDriver driver;
    private Simulator simulator;

    @BeforeEach
    void start() throws Exception {
        simulator = Simulator.start("--port", "0", "--dtls-port", "0", "--devices", "2", "--psk", "gateway:0123456789abcdef");
        driver = new CoapDriver(TestDevices.config(Map.of()), folder);
    }

    @AfterEach
    void stop() throws InterruptedException {
        driver.stop();
        simulator.close();
    }

    private Map<String, Object> settings(Object... more) {
        return TestDevices.with(Map.of("host", "127.0.0.1", "port", simulator.ports(false).get(0), "timeout", 8000, "ackTimeout", 200), more);
    }

    private AsyncConnection open(DeviceProperty... properties) throws Exception {
        return (AsyncConnection) driver.open(TestDevices.device(settings(), properties), told);
    }

    private static Map<String, Reading> read(AsyncConnection connection, DeviceProperty... properties) throws Exception {
        return connection.readAsync(List.of(properties)).toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private static void write(AsyncConnection connection, DeviceProperty property, PropertyValue value) throws Exception {
        connection.writeAsync(property, value).toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"senml-json", "senml-cbor"})
    void readsRecordsOfOnePackWithOneRequest(String format) throws Exception {
        List<DeviceProperty> properties = new ArrayList<>();
        for (String name : List.of("temperature", "humidity", "uptime")) {
            properties.add(TestDevices.property(name, name.equals("uptime") ? PropertyType.INT : PropertyType.DOUBLE,
                    Map.of("path", "/sensors/pack", "accept", format)));
        }
        properties.add(TestDevices.property("whole", PropertyType.DOUBLE, Map.of("path", "/sensors/pack", "accept", format, "name", "urn:dev:os:sim0:humidity")));
        properties.add(TestDevices.property("none", PropertyType.DOUBLE, Map.of("path", "/sensors/pack", "accept", format)));
        AsyncConnection connection = open(properties.toArray(DeviceProperty[]::new));
        long before = System.currentTimeMillis();
        Map<String, Reading> readings = read(connection, properties.toArray(DeviceProperty[]::new));
        assertTrue(Math.abs(readings.get("temperature").value().asReal() - 20) <= 5, readings.toString());
        assertEquals(readings.get("humidity").value(), readings.get("whole").value());
        assertTrue(Math.abs(readings.get("uptime").timestampMillis() - before) < 5_000, readings.toString());
        assertEquals("GET /sensors/pack: the SenML pack has no record none", readings.get("none").reason());
        connection.close();
    }

    @Test
    void readsAndWritesPlacesInJsonAndCbor() throws Exception {
        DeviceProperty humidity = TestDevices.property("humidity", PropertyType.DOUBLE, Map.of("path", "/sensors/humidity", "pointer", "/sensors/0/value"));
        DeviceProperty open = TestDevices.property("open", PropertyType.BOOLEAN, Map.of("path", "/valve", "pointer", "/open"));
        DeviceProperty position = TestDevices.property("position", PropertyType.INT, Map.of("path", "/valve", "pointer", "/position", "writeFormat", "cbor"));
        AsyncConnection connection = open(humidity, open, position);
        read(connection, open); // so that it is known to speak CBOR
        write(connection, open, PropertyValue.of(true));
        write(connection, position, PropertyValue.of(75));
        Map<String, Reading> readings = read(connection, humidity, open, position);
        assertTrue(readings.get("humidity").value().asReal() >= 30, readings.toString());
        assertTrue(readings.get("open").value().asFlag());
        assertEquals(75, readings.get("position").value().asWhole());
        connection.close();
    }

    @Test
    void callsAMethodAndGivesItsAnswer() throws Exception {
        DeviceMethod reset = new DeviceMethod("reset", "", List.of());
        DeviceMethod other = new DeviceMethod("other", "", List.of("setpoint"));
        AsyncConnection connection = (AsyncConnection) driver.open(
                TestDevices.device(settings("methods", Map.of("reset", "POST /reset")), List.of(reset, other), SETPOINT), told);
        CallableDevice callable = (CallableDevice) connection;
        assertTrue(callable.calls(reset));
        assertFalse(callable.calls(other), "it sets properties, which the runtime does");
        assertEquals(Set.of("before"), callable.call(reset, Map.of()).keySet());
        connection.close();
        String why = assertThrows(ConfigurationException.class, () -> driver.open(
                TestDevices.device(settings("methods", Map.of("rest", "/reset")), List.of(reset), SETPOINT), told)).getMessage();
        assertEquals("device default/d, key methods, key rest: \"/reset\" is not for a method of this device; it has reset", why);
    }

    @Test
    void suggestsPropertiesWithTheirVisitors() throws Exception {
        AsyncConnection connection = open(SETPOINT);
        var found = ((DiscoveringDevice) connection).discover();
        var temperature = found.stream().filter(s -> s.name().equals("sensors-temperature")).findFirst().orElseThrow();
        assertEquals(PropertyType.DOUBLE, temperature.type());
        assertEquals(Map.of("path", "/sensors/temperature", "observe", true), temperature.visitor());
        var setpoint = found.stream().filter(s -> s.name().equals("setpoint")).findFirst().orElseThrow();
        assertEquals(DeviceProperty.AccessMode.READ_WRITE, setpoint.access());
        var pack = found.stream().filter(s -> s.name().equals("sensors-pack")).findFirst().orElseThrow();
        assertEquals("senml-json", pack.visitor().get("format"));
        connection.close();
    }

    @Test
    @Tag("slow")
    void readsInSpiteOfLostMessages() throws Exception {
        AsyncConnection connection = open(SETPOINT);
        simulator.fault("drop 30");
        for (int i = 0; i < 20; i++) {
            assertEquals(20, read(connection, SETPOINT).get("setpoint").value().asReal());
        }
        connection.close();
    }

    @Test
    void anErrorOfTheDeviceIsABadReadingAndNotALoss() throws Exception {
        AsyncConnection connection = open(SETPOINT);
        simulator.fault("code 5.03");
        assertEquals("GET /setpoint: 5.03 service unavailable", read(connection, SETPOINT).get("setpoint").reason());
        simulator.fault("none");
        assertEquals(Quality.GOOD, read(connection, SETPOINT).get("setpoint").quality());
        connection.close();
    }

    @Test
    @Tag("slow")
    void aSlowDeviceDoesNotDelayAnother() throws Exception {
        AsyncConnection well = open(SETPOINT);
        try (DatagramSocket silent = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            var stuck = new Thread(() -> {
                for (int i = 0; i < 3; i++) {
                    assertThrows(IOException.class, () -> driver.open(TestDevices.device(
                            Map.of("host", "127.0.0.1", "port", silent.getLocalPort(), "timeout", 2000), SETPOINT), told));
                }
            });
            stuck.start();
            long slowest = 0;
            for (int i = 0; i < 200; i++) {
                long begun = System.nanoTime();
                read(well, SETPOINT);
                slowest = Math.max(slowest, System.nanoTime() - begun);
            }
            assertTrue(slowest < TimeUnit.SECONDS.toNanos(2), slowest + " ns");
            stuck.join(20_000);
        }
        well.close();
    }

    @Test
    @Tag("slow")
    void asksItselfWhenTheDeviceWillNoLongerTellAndListensAgainWhenItDoes() throws Exception {
        AsyncConnection connection = open(TEMPERATURE);
        assertEquals(Set.of("temperature"), connection.published());
        told.await(5, v -> true);
        simulator.fault("deaf");
        simulator.restart();
        told.values.clear();
        for (int i = 0; i < 4; i++) {
            told.await(15, v -> v.reading().quality() == Quality.GOOD);
        }
        simulator.fault("none");
        for (int i = 0; i < 4; i++) {
            told.await(5, v -> v.reading().quality() == Quality.GOOD);
        }
        assertTrue(told.losses.isEmpty(), told.losses.toString());
        connection.close();
    }

    @Test
    void findsADeviceByName() throws Exception {
        AsyncConnection connection = (AsyncConnection) driver.open(TestDevices.device(settings("host", "localhost"), SETPOINT, TEMPERATURE), told);
        assertEquals(20, read(connection, SETPOINT).get("setpoint").value().asReal());
        told.await(5, v -> true);
        told.await(5, v -> true);
        connection.close();
        AsyncConnection secure = (AsyncConnection) driver.open(TestDevices.device(TestDevices.with(Map.of("uri",
                "coaps://localhost:" + simulator.ports(true).get(0)), "pskIdentity", "gateway", "pskKey", "0123456789abcdef"), SETPOINT), told);
        assertEquals(20, read(secure, SETPOINT).get("setpoint").value().asReal());
        secure.close();
        String why = assertThrows(IOException.class, () -> driver.open(TestDevices.device(settings("host", "nowhere.invalid"), SETPOINT), told)).getMessage();
        assertEquals("the name nowhere.invalid is not known", why);
    }

    @Test
    void tellsTheDeviceThatNobodyListensAnyMore() throws Exception {
        AsyncConnection connection = open(TEMPERATURE);
        assertEquals(1, simulator.observers());
        connection.close();
        assertEquals(0, simulator.observers());
    }

    @Test
    void staysConnectedOverDtlsWhenANatForgets() throws Exception {
        Relay relay = new Relay(simulator.ports(true).get(0));
        AsyncConnection connection = (AsyncConnection) driver.open(TestDevices.device(Map.of("host", "127.0.0.1", "port", relay.port(),
                "pskIdentity", "gateway", "pskKey", "0123456789abcdef", "timeout", 4000, "ackTimeout", 500), SETPOINT), told);
        for (int i = 0; i < 3; i++) {
            assertEquals(20, read(connection, SETPOINT).get("setpoint").value().asReal());
            relay.rebind();
        }
        connection.close();
        relay.close();
    }

    @Test
    void devicesShareSocketsAndThreadsAndLeaveNoneBehind() throws Exception {
        List<AsyncConnection> open = new ArrayList<>();
        open.add(open(SETPOINT, TEMPERATURE));
        int before = Thread.activeCount();
        for (int i = 0; i < 50; i++) {
            open.add((AsyncConnection) driver.open(TestDevices.device(settings("port", simulator.ports(false).get(i % 2)), SETPOINT, TEMPERATURE), told));
        }
        assertEquals(before, Thread.activeCount());
        for (AsyncConnection connection : open) {
            connection.close();
        }
        driver.stop();
        assertTrue(Thread.getAllStackTraces().keySet().stream().noneMatch(t -> t.getName().equals("kelp-coap")));
    }
}
