package io.kelp.mapper.counter.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.mapper.BlockingConnection;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceContext;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CounterTest {

    private static final long SECOND = 1_000_000_000;

    private final Map<String, String> reported = new HashMap<>();
    private final List<String> log = new ArrayList<>();
    private long now;

    private static DeviceConfig device(String model, String protocol, Map<String, ?> settings, String... properties) {
        return new DeviceConfig("default", "c", model, protocol, new Settings("device default/c", settings),
                List.of(properties).stream().map(name -> new DeviceProperty(name, name.equals("count") ? PropertyType.INT : PropertyType.STRING,
                        AccessMode.READ_WRITE, null, null, "", Duration.ofSeconds(1), Duration.ZERO, new Settings("", Map.of()))).toList());
    }

    private static final DeviceConfig CLASSIC = device("counter-model", "", Map.of(), "status");
    private static final DeviceConfig MODERN = device("counter", "counter", Map.of(), "status", "count");

    private Counter open(DeviceConfig device) {
        return new Counter(device, new DeviceContext() {
            @Override
            public void publish(String property, Reading reading) {
                throw new AssertionError("a counter is asked");
            }

            @Override
            public void lost(String reason) {
                throw new AssertionError("a counter is never lost");
            }

            @Override
            public Optional<String> lastReported(String property) {
                return Optional.ofNullable(reported.get(property));
            }
        }, log::add, () -> now);
    }

    private static void set(BlockingConnection counter, DeviceConfig device, String property, String value) throws Exception {
        assertEquals(Optional.empty(), counter.write(device.requiredProperty(property), PropertyValue.of(value)));
    }

    /** Reads as the runtime does, and remembers what it reports. */
    private String read(BlockingConnection counter, DeviceConfig device, String property) throws Exception {
        DeviceProperty asked = device.requiredProperty(property);
        String text = asked.type().format(counter.read(List.of(asked)).get(property).value());
        reported.put(property, text);
        return text;
    }

    /** What KubeEdge's demo mapper published in the recording 05-classic-v1.14/02: 0, then ON: 1 to 7, then OFF: 0. */
    @Test
    void countsAsTheRecordedDemo() throws Exception {
        Counter counter = open(CLASSIC);
        List<String> published = new ArrayList<>();
        set(counter, CLASSIC, "status", "OFF");
        published.add(read(counter, CLASSIC, "status"));
        set(counter, CLASSIC, "status", "ON");
        for (int i = 0; i < 7; i++) {
            published.add(read(counter, CLASSIC, "status"));
            now += SECOND;
        }
        set(counter, CLASSIC, "status", "OFF");
        published.add(read(counter, CLASSIC, "status"));

        assertEquals(List.of("0", "1", "2", "3", "4", "5", "6", "7", "0"), published);
        assertFalse(counter.readsBack(CLASSIC.requiredProperty("status")));
    }

    @Test
    void modernCounterKeepsStatusAndCountApart() throws Exception {
        Counter counter = open(MODERN);
        set(counter, MODERN, "status", "ON");
        now += 5 * SECOND + SECOND / 3;
        assertEquals("6", read(counter, MODERN, "count"));
        assertEquals("ON", read(counter, MODERN, "status"));
        set(counter, MODERN, "status", "on");
        assertEquals("6", read(counter, MODERN, "count"), "ON while ON changes nothing");
        set(counter, MODERN, "status", "OFF");
        assertEquals("0", read(counter, MODERN, "count"));
        assertEquals("OFF", read(counter, MODERN, "status"));
        assertTrue(counter.readsBack(MODERN.requiredProperty("status")));
    }

    @Test
    void goesOnWhereItWasAfterARestartOrASwap() throws Exception {
        for (DeviceConfig device : List.of(CLASSIC, MODERN)) {
            String count = device == CLASSIC ? "status" : "count";
            reported.clear();
            Counter before = open(device);
            set(before, device, "status", "ON");
            now += 4 * SECOND + SECOND / 2;
            assertEquals("5", read(before, device, count));
            if (device == MODERN) {
                read(before, device, "status");
            }
            before.close();
            Counter after = open(device);
            set(after, device, "status", "ON"); // desired is applied again
            assertEquals("5", read(after, device, count));
            now += SECOND;
            assertEquals("6", read(after, device, count));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 999, 500, 250, 10, 990})
    void readsAtARasterOfASecondSeeEachCountOnce(long phaseMillis) throws Exception {
        Random jitter = new Random(phaseMillis);
        Counter counter = open(MODERN);
        set(counter, MODERN, "status", "ON");
        List<String> seen = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            now = i * SECOND + phaseMillis * 1_000_000 + jitter.nextLong(-50_000_000, 50_000_000);
            seen.add(read(counter, MODERN, "count"));
        }
        int first = Integer.parseInt(seen.get(0));
        assertEquals(IntStream.range(first, first + 100).mapToObj(String::valueOf).toList(), seen);
    }

    @ParameterizedTest
    @CsvSource({"status,PAUSED", "status,''", "count,-1", "count,many", "other,1"})
    void refusesWhatACounterCannotDo(String property, String value) {
        DeviceConfig device = device("counter", "counter", Map.of(), "status", "count", "other");
        Counter counter = open(device);
        assertThrows(RequestRefusedException.class, () -> set(counter, device, property, value));
    }

    @Test
    void claimsTheDevicesOfTheDemosOnly() {
        CounterDriver driver = new CounterDriver(null, "");
        assertTrue(driver.claims(CLASSIC));
        assertTrue(driver.claims(device("counter-model", "virtualProtocol", Map.of(), "status", "count")));
        assertFalse(driver.claims(device("counter-model", "modbus", Map.of(), "status")));
        assertFalse(driver.claims(device("pump-model", "", Map.of(), "status")));
    }

    @Test
    void writesItsLogIntoTheLogFolderOnly(@TempDir Path folder) throws Exception {
        CounterDriver driver = new CounterDriver(folder.toString(), "all.log");
        DeviceContext context = new DeviceContext() {
            @Override
            public void publish(String property, Reading reading) {}

            @Override
            public void lost(String reason) {}

            @Override
            public Optional<String> lastReported(String property) {
                return Optional.empty();
            }
        };
        driver.open(device("counter", "counter", Map.of("log", "c.log"), "status"), context).close();
        driver.open(CLASSIC, context).close();
        assertEquals(List.of("default/c open OFF 0", "default/c close 0"),
                Files.readAllLines(folder.resolve("c.log")).stream().map(l -> l.substring(l.indexOf(' ') + 1)).toList());
        assertEquals(2, Files.readAllLines(folder.resolve("all.log")).size());
        for (String name : List.of("../x.log", "/etc/x", ".", "..", "a/b", "x".repeat(65))) {
            String why = assertThrows(ConfigurationException.class,
                    () -> driver.open(device("counter", "counter", Map.of("log", name), "status"), context)).getMessage();
            assertTrue(why.startsWith("device default/c, key log: \"" + name + "\" is not a plain file name"), why);
        }
        assertThrows(ConfigurationException.class, () -> driver.open(device("counter", "counter", Map.of(), "count"), context));
    }

    @Test
    void itsLogStaysSmall(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("c.log");
        Files.writeString(file, "x".repeat((1 << 20) + 1));
        new DeviceLog.File(file, "default/c", java.time.InstantSource.system()).write("read 1");
        assertEquals(1, Files.readAllLines(file).size());
        assertEquals((1 << 20) + 1, Files.size(folder.resolve("c.log.1")));
    }
}
