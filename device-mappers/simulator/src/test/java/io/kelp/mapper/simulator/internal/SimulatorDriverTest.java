package io.kelp.mapper.simulator.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.mapper.AsyncConnection;
import io.kelp.mapper.CallableDevice;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.DeviceMethod;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.DeviceProperty.AccessMode;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import io.kelp.mapper.RequestRefusedException;
import io.kelp.mapper.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SimulatorDriverTest {

    private static final DeviceContext NOBODY = new DeviceContext() {
        @Override
        public void publish(String property, Reading reading) {
            throw new AssertionError("a simulated device publishes nothing");
        }

        @Override
        public void lost(String reason) {
            throw new AssertionError("a simulated device tells by its answers that it is lost");
        }

        @Override
        public Optional<String> lastReported(String property) {
            return Optional.empty();
        }
    };

    @TempDir
    Path files;

    private long now = 1_000_000;
    private SimulatorDriver driver;

    @BeforeEach
    void start() {
        driver = new SimulatorDriver(files, 1_000, Duration.ofMinutes(1), () -> Instant.ofEpochMilli(now));
    }

    @AfterEach
    void stop() {
        driver.stop();
    }

    @ParameterizedTest
    @CsvSource({
        "ramp,       0, 0",
        "ramp,    2500, 25",
        "ramp,    9999, 99.99",
        "triangle,   0, 0",
        "triangle, 2500, 50",
        "triangle, 7500, 50",
        "sine,       0, 50",
        "sine,    2500, 100",
        "sine,    7500, 0",
        "square,  4999, 0",
        "square,  5000, 100"})
    void wavesGoBetweenTheirBounds(String kind, long millis, double expected) throws Exception {
        now = millis;
        assertEquals(expected, read(number("x", Map.of("simulate", kind, "period", 10_000, "phase", 0))).asReal(), 1e-9);
    }

    @Test
    void walkAndNoiseStayWithinTheModelsBoundsAndAreTheSameForTheSameSeed() throws Exception {
        for (String kind : List.of("walk", "random")) {
            DeviceProperty property = new DeviceProperty("x", PropertyType.DOUBLE, AccessMode.READ_ONLY, -5.0, 5.0, "", Duration.ZERO, Duration.ZERO,
                    new Settings("x", Map.of("simulate", kind, "step", 3, "every", 10)));
            AsyncConnection one = open("one", Map.of("seed", 7), property);
            AsyncConnection two = open("two", Map.of("seed", 7), property);
            List<Double> seen = new ArrayList<>();
            for (int i = 0; i < 500; i++, now += 10) {
                double value = value(one, property).asReal();
                assertTrue(value >= -5 && value <= 5, kind + " says " + value);
                assertEquals(value, value(two, property).asReal(), kind);
                seen.add(value);
            }
            assertTrue(seen.stream().distinct().count() > 100, kind + " hardly moves");
        }
    }

    @ParameterizedTest
    @CsvSource({"BOOLEAN, READ_ONLY", "BOOLEAN, READ_WRITE", "INT, READ_ONLY", "FLOAT, READ_WRITE", "DOUBLE, READ_ONLY", "STRING, READ_WRITE", "STRING, READ_ONLY",
        "BYTES, READ_WRITE"})
    void anyPropertyLivesWithoutAVisitor(PropertyType type, AccessMode access) throws Exception {
        DeviceProperty property = new DeviceProperty("x", type, access, null, null, "", Duration.ZERO, Duration.ZERO, new Settings("x", Map.of()));
        assertFalse(type.format(read(property)) == null);
    }

    @Test
    void holdsWhatIsWrittenAlsoWhenItIsOpenedAnew() throws Exception {
        DeviceProperty property = number("setpoint", Map.of("value", 3));
        AsyncConnection connection = open("d", Map.of(), property);
        assertEquals(3, value(connection, property).asReal());
        get(connection.writeAsync(property, PropertyValue.of(4.5)));
        connection.close();
        assertEquals(4.5, value(open("d", Map.of(), property), property).asReal());
    }

    @Test
    void resetMakesItForget() throws Exception {
        DeviceProperty property = number("setpoint", Map.of("value", 3));
        AsyncConnection connection = open("d", Map.of(), property);
        get(connection.writeAsync(property, PropertyValue.of(4.5)));
        CallableDevice callable = assertInstanceOf(CallableDevice.class, connection);
        DeviceMethod reset = new DeviceMethod("Reset", "", List.of());
        assertTrue(callable.calls(reset));
        assertFalse(callable.calls(new DeviceMethod("start", "", List.of("setpoint"))), "the runtime writes the properties of other methods");
        callable.call(reset, Map.of());
        assertEquals(3, value(connection, property).asReal());
    }

    @Test
    void aCounterMissesNoRead() throws Exception {
        DeviceProperty property = new DeviceProperty("reads", PropertyType.INT, AccessMode.READ_WRITE, null, null, "", Duration.ZERO, Duration.ZERO,
                new Settings("reads", Map.of("simulate", "counter")));
        AsyncConnection connection = open("d", Map.of(), property);
        assertEquals(1, value(connection, property).asWhole());
        assertEquals(2, value(connection, property).asWhole());
        get(connection.writeAsync(property, PropertyValue.of(41)));
        assertEquals(41, value(connection, property).asWhole());
        assertEquals(42, value(connection, property).asWhole());
    }

    @Test
    void aWaveRefusesToBeWritten() throws Exception {
        DeviceProperty property = number("x", Map.of("simulate", "sine"));
        var failure = assertThrows(ExecutionException.class, () -> get(open("d", Map.of(), property).writeAsync(property, PropertyValue.of(1))));
        assertInstanceOf(RequestRefusedException.class, failure.getCause());
    }

    @Test
    void isOfflineOnDemandAndComesBack() throws Exception {
        DeviceProperty fault = fault();
        AsyncConnection connection = open("d", Map.of(), fault);
        get(connection.writeAsync(fault, PropertyValue.of("offline 20s")));
        assertEquals(IOException.class, assertThrows(ExecutionException.class, () -> value(connection, fault)).getCause().getClass());
        assertThrows(IOException.class, () -> open("d", Map.of(), fault));
        now += 20_000;
        assertEquals("none", value(open("d", Map.of(), fault), fault).asText());
    }

    @Test
    void aDesiredFaultComesOnceAndACalledOneEachTime() throws Exception {
        DeviceProperty fault = fault();
        get(open("d", Map.of(), fault).writeAsync(fault, PropertyValue.of("slow 20s")));
        now += 20_000;
        AsyncConnection connection = open("d", Map.of(), fault);
        get(connection.writeAsync(fault, PropertyValue.of("slow 20s"))); // what the runtime does after each opening
        assertEquals("none", value(connection, fault).asText());
        DeviceMethod method = new DeviceMethod("fail", "", List.of("fault"));
        CallableDevice callable = assertInstanceOf(CallableDevice.class, connection);
        assertTrue(callable.calls(method));
        callable.call(method, Map.of("fault", PropertyValue.of("nan 20s")));
        assertEquals("nan", value(connection, fault).asText());
        now += 20_000;
        callable.call(method, Map.of("fault", PropertyValue.of("nan 20s")));
        assertEquals("nan", value(connection, fault).asText());
        assertThrows(RequestRefusedException.class, () -> callable.call(method, Map.of("fault", PropertyValue.of("melting"))));
    }

    @Test
    void flapsEveryTwoSeconds() throws Exception {
        DeviceProperty fault = fault();
        now = 0;
        get(open("d", Map.of(), fault).writeAsync(fault, PropertyValue.of("flapping:10s")));
        List<Boolean> there = new ArrayList<>();
        for (now = 500; now < 12_000; now += 1_000) {
            boolean opened = true;
            try {
                open("d", Map.of(), fault);
            } catch (IOException e) {
                opened = false;
            }
            there.add(opened);
        }
        assertEquals(List.of(false, false, true, true, false, false, true, true, false, false, true, true), there);
    }

    @Test
    void spoilsNumbersOnDemand() throws Exception {
        DeviceProperty number = number("x", Map.of());
        DeviceProperty fault = fault();
        AsyncConnection connection = open("d", Map.of(), number, fault);
        get(connection.writeAsync(fault, PropertyValue.of("nan")));
        assertTrue(Double.isNaN(((PropertyValue.Real) value(connection, number)).value()));
        assertEquals("nan", value(connection, fault).asText());
        get(connection.writeAsync(fault, PropertyValue.of("Wrong_Type")));
        assertEquals("E-42", value(connection, number).asText());
        get(connection.writeAsync(fault, PropertyValue.of("refusing")));
        var failure = assertThrows(ExecutionException.class, () -> get(connection.writeAsync(number, PropertyValue.of(1))));
        assertInstanceOf(RequestRefusedException.class, failure.getCause());
        get(connection.writeAsync(fault, PropertyValue.of("hanging")));
        assertThrows(TimeoutException.class, () -> connection.readAsync(List.of(number)).toCompletableFuture().get(50, TimeUnit.MILLISECONDS));
        now += 60_001; // longer than asked, and than any fault may last
        value(connection, number);
    }

    @ParameterizedTest
    @CsvSource({"melting", "offline 3 days", "''", "offline 20", "offline -1s", "offline 9999999s"})
    void refusesFaultsThatDoNotExist(String text) throws Exception {
        DeviceProperty fault = fault();
        var failure = assertThrows(ExecutionException.class, () -> get(open("d", Map.of(), fault).writeAsync(fault, PropertyValue.of(text))));
        assertTrue(failure.getCause().getMessage().contains("offline, flapping"), failure.getCause().getMessage());
    }

    @Test
    void plannedFaultsComeOnceInEachSpan() throws Exception {
        FaultPlan plan = FaultPlan.of(new Settings("d", Map.of("faults", List.of("slow", "offline"), "faultEvery", 100, "faultFor", 10)), 5);
        for (int span = 0; span < 50; span++) {
            int seconds = 0;
            for (int second = 0; second < 100; second++) {
                if (plan.at((span * 100L + second) * 1000).isPresent()) {
                    seconds++;
                }
            }
            assertTrue(Math.abs(seconds - 10) <= 1, "span " + span + " has " + seconds + " faulty seconds");
        }
    }

    @Test
    void answersAfterItsLatency() throws Exception {
        DeviceProperty property = number("x", Map.of());
        long begin = System.nanoTime();
        value(open("d", Map.of("latency", 60), property), property);
        assertTrue(System.nanoTime() - begin >= 60_000_000, "too soon");
    }

    @Test
    void replaysAColumnOfAFile() throws Exception {
        Files.writeString(files.resolve("day.csv"), "time,\"flow, left\",x\n1,10,a\n2,20,b\n3,30,c\n");
        DeviceProperty property = number("x", Map.of("simulate", "csv", "file", "day.csv", "column", "flow, left", "every", 1000));
        AsyncConnection connection = open("d", Map.of(), property);
        List<Double> seen = new ArrayList<>();
        for (int i = 0; i < 5; i++, now += 1000) {
            seen.add(value(connection, property).asReal());
        }
        assertEquals(List.of(10.0, 20.0, 30.0, 10.0, 20.0), seen);
    }

    @ParameterizedTest
    @CsvSource({
        "../secret, plain file name",
        "missing.csv, missing.csv",
        "text.csv, value of the property's type DOUBLE",
        "long.csv, more than 1000 rows"})
    void namesWhatIsWrongWithAFile(String file, String expected) throws Exception {
        Files.writeString(files.resolve("text.csv"), "1\nabc\n");
        Files.writeString(files.resolve("long.csv"), "1\n".repeat(1_002));
        DeviceProperty property = number("x", Map.of("simulate", "csv", "file", file));
        String message = assertThrows(ConfigurationException.class, () -> open("d", Map.of(), property)).getMessage();
        assertTrue(message.contains(expected), message);
    }

    @ParameterizedTest
    @CsvSource({"simulate, wobble, one of hold", "period, 3, a whole number from 10", "decimals, x, a whole number from 0 to 9", "minimum, 200, 100"})
    void namesWhatIsWrongWithAVisitor(String key, String value, String expected) {
        Map<String, Object> visitor = new java.util.HashMap<>(Map.of("simulate", "sine", "maximum", 100));
        visitor.put(key, value);
        String message = assertThrows(ConfigurationException.class, () -> open("d", Map.of(), number("x", visitor))).getMessage();
        assertTrue(message.contains("x") && message.contains(expected), message);
    }

    @Test
    void takesVirtualDevicesButNotTheCounters() {
        assertTrue(driver.claims(new DeviceConfig("default", "d", "beta", "virtualProtocol", new Settings("d", Map.of()), List.of())));
        assertFalse(driver.claims(new DeviceConfig("default", "d", "counter-model", "virtualProtocol", new Settings("d", Map.of()), List.of())));
        assertFalse(driver.claims(new DeviceConfig("default", "d", "beta", "modbus", new Settings("d", Map.of()), List.of())));
    }

    private AsyncConnection open(String name, Map<String, ?> settings, DeviceProperty... properties) throws ConfigurationException, IOException {
        return (AsyncConnection) driver.open(new DeviceConfig("default", name, "m", "simulator", new Settings("device " + name, settings), List.of(properties)), NOBODY);
    }

    private PropertyValue read(DeviceProperty property) throws Exception {
        return value(open("d", Map.of(), property), property);
    }

    private static PropertyValue value(AsyncConnection connection, DeviceProperty property) throws Exception {
        return get(connection.readAsync(List.of(property))).get(property.name()).value();
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(5, TimeUnit.SECONDS);
    }

    private static DeviceProperty number(String name, Map<String, ?> visitor) {
        return new DeviceProperty(name, PropertyType.DOUBLE, AccessMode.READ_WRITE, null, null, "", Duration.ZERO, Duration.ZERO,
                new Settings("property " + name, visitor));
    }

    private static DeviceProperty fault() {
        return new DeviceProperty("fault", PropertyType.STRING, AccessMode.READ_WRITE, null, null, "", Duration.ZERO, Duration.ZERO,
                new Settings("property fault", Map.of("simulate", "fault")));
    }
}
