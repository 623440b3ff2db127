package io.kelp.mapper.coap.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.mapper.AsyncConnection;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.DiscoveringDevice;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import io.kelp.mapper.Reading.Quality;
import io.kelp.mapper.RequestRefusedException;
import io.kelp.mapper.SuggestedProperty;
import io.kelp.mapper.coap.internal.TestDevices.Told;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Our driver against the server of libcoap. */
@Timeout(60)
class LibcoapServerTest {

    @TempDir Path folder;

    private Peers peers;
    private final CoapDriver driver = new CoapDriver(TestDevices.config(Map.of()), null);
    private final Told told = new Told();

    @BeforeEach
    void start() {
        peers = new Peers(folder);
    }

    @AfterEach
    void stop() throws InterruptedException {
        driver.stop();
        peers.stop();
    }

    private Peers.Server server(int port) throws Exception {
        // -d: PUT makes new resources.
        return peers.server(port, "coap-server-notls", "-A", "127.0.0.1", "-p", String.valueOf(port), "-d", "100");
    }

    private static DeviceConfig device(int port, DeviceProperty... properties) {
        return TestDevices.device(Map.of("host", "127.0.0.1", "port", port, "timeout", 2000, "ackTimeout", 500), properties);
    }

    private static Map<String, Reading> read(AsyncConnection connection, DeviceProperty... properties) throws Exception {
        return connection.readAsync(List.of(properties)).toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private static void write(AsyncConnection connection, DeviceProperty property, PropertyValue value) throws Exception {
        assertTrue(connection.writeAsync(property, value).toCompletableFuture().get(10, TimeUnit.SECONDS).isEmpty());
    }

    @Test
    void readsWritesAndNamesWhatIsMissing() throws Exception {
        int port = Peers.freePort();
        DeviceProperty time = TestDevices.property("time", PropertyType.STRING, Map.of("path", "/time"));
        DeviceProperty ticks = TestDevices.property("ticks", PropertyType.INT, Map.of("path", "time", "query", "ticks"));
        DeviceProperty setpoint = TestDevices.property("setpoint", PropertyType.DOUBLE, Map.of("path", "/plant/setpoint", "scale", 0.1));
        DeviceProperty missing = TestDevices.property("missing", PropertyType.DOUBLE, Map.of("path", "/nothing/here"));
        server(port);
        AsyncConnection connection = (AsyncConnection) driver.open(device(port, time, ticks, setpoint, missing), told);
        write(connection, setpoint, PropertyValue.of(21.5));
        Map<String, Reading> readings = read(connection, time, ticks, setpoint, missing);
        assertTrue(readings.get("time").value().asText().matches("[A-Z][a-z]{2} \\d\\d \\d\\d:\\d\\d:\\d\\d"), readings.toString());
        assertTrue(readings.get("ticks").value().asWhole() > 0, readings.toString());
        assertEquals(21.5, readings.get("setpoint").value().asReal());
        assertEquals("GET /nothing/here: 4.04 not found, \"Not Found\"", readings.get("missing").reason());
        assertTrue(connection.readsBack(setpoint));
        connection.close();
    }

    @Test
    void saysWhatTheDeviceRefuses() throws Exception {
        int port = Peers.freePort();
        DeviceProperty core = TestDevices.property("core", PropertyType.STRING, Map.of("path", "/", "method", "POST"));
        server(port);
        AsyncConnection connection = (AsyncConnection) driver.open(device(port, core), told);
        var failure = assertThrows(ExecutionException.class, () -> write(connection, core, PropertyValue.of("x")));
        assertInstanceOf(RequestRefusedException.class, failure.getCause());
        assertTrue(failure.getCause().getMessage().startsWith("POST /: 4.05 method not allowed"), failure.getCause().getMessage());
        connection.close();
    }

    @Test
    void putsLargeValuesTogetherOfBlocksInBothDirections() throws Exception {
        int port = Peers.freePort();
        DeviceProperty large = TestDevices.property("large", PropertyType.STRING, Map.of("path", "/example_data"));
        String text = "0123456789abcdef".repeat(1000);
        server(port);
        AsyncConnection connection = (AsyncConnection) driver.open(device(port, large), told);
        write(connection, large, PropertyValue.of(text));
        assertEquals(text, read(connection, large).get("large").value().asText());
        connection.close();
    }

    @Test
    void suggestsWhatTheServerLists() throws Exception {
        int port = Peers.freePort();
        server(port);
        AsyncConnection connection = (AsyncConnection) driver.open(device(port), told);
        List<SuggestedProperty> found = ((DiscoveringDevice) connection).discover();
        SuggestedProperty time = found.stream().filter(s -> s.name().equals("time")).findFirst().orElseThrow(() -> new AssertionError(found));
        assertEquals(Map.of("path", "/time", "observe", true), time.visitor());
        assertEquals(PropertyType.STRING, time.type());
        assertTrue(time.description().startsWith("Internal Clock, "), time.description());
        connection.close();
    }

    @Test
    @Tag("slow")
    void observesAndFindsTheServerAgainThatHasForgotten() throws Exception {
        int port = Peers.freePort();
        DeviceProperty time = TestDevices.property("time", PropertyType.STRING, Map.of("path", "/time", "observe", true));
        Peers.Server server = server(port);
        AsyncConnection connection = (AsyncConnection) driver.open(device(port, time), told);
        assertEquals(Set.of("time"), connection.published());
        told.await(5, v -> true);
        told.await(5, v -> true);
        server.kill();
        // Started again at once, it does not know who observed it; max-age of /time is 1 s.
        server(port);
        told.values.clear();
        for (int i = 0; i < 3; i++) {
            told.await(10, v -> v.reading().quality() == Quality.GOOD);
        }
        assertTrue(told.losses.isEmpty(), told.losses.toString());
        connection.close();
    }

    @Test
    @Tag("slow")
    void valuesAreUncertainAndThenTheDeviceIsLostWhenItStaysAway() throws Exception {
        int port = Peers.freePort();
        DeviceProperty time = TestDevices.property("time", PropertyType.STRING, Map.of("path", "/time", "observe", true));
        Peers.Server server = server(port);
        AsyncConnection connection = (AsyncConnection) driver.open(device(port, time), told);
        told.await(5, v -> true);
        server.kill();
        told.await(15, v -> v.reading().quality() == Quality.UNCERTAIN);
        String why = told.losses.poll(15, TimeUnit.SECONDS);
        assertEquals("observed /time: no answer to GET coap://127.0.0.1:" + port + "/time within 2000 ms", why);
        connection.close();
        assertThrows(IOException.class, () -> driver.open(device(port, time), told));
    }

    @Test
    void aResourceThatCannotBeObservedIsPolledByTheRuntime() throws Exception {
        int port = Peers.freePort();
        DeviceProperty core = TestDevices.property("core", PropertyType.STRING, Map.of("path", "/.well-known/core", "observe", true));
        server(port);
        AsyncConnection connection = (AsyncConnection) driver.open(device(port, core), told);
        assertEquals(Set.of(), connection.published());
        assertEquals("GET /.well-known/core: content format 40 is not understood; set the key format if the payload is one of the known formats",
                read(connection, core).get("core").reason());
        connection.close();
    }
}
