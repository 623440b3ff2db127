package io.kelp.mapper.mqtt.internal;

import static io.kelp.mapper.mqtt.internal.Devices.device;
import static io.kelp.mapper.mqtt.internal.Devices.property;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceConfig;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import io.kelp.mapper.Reading.Quality;
import io.kelp.mapper.RequestRefusedException;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against Debian's mosquitto as a broker other than the gateway's, with its tools as devices. */
@Tag("slow")
class MosquittoTest {

    @TempDir Path folder;
    private Mosquitto broker;
    private MqttDriver driver;
    private final List<TopicDevice> opened = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        broker = new Mosquitto(folder);
        driver = new MqttDriver(Devices.config(Map.of("reconnectMillis", 100, "reconnectMaxSeconds", 1)), folder.toString());
    }

    @AfterEach
    void stop() throws Exception {
        for (TopicDevice device : opened) {
            device.close();
        }
        driver.stop();
        broker.close();
    }

    private Map<String, Object> settings(Object... more) {
        Map<String, Object> settings = new HashMap<>(Map.of("broker", "tcp://127.0.0.1:" + broker.port()));
        for (int i = 0; i < more.length; i += 2) {
            settings.put((String) more[i], more[i + 1]);
        }
        return settings;
    }

    private TopicDevice open(DeviceConfig device, SeenContext seen) throws Exception {
        TopicDevice connection = (TopicDevice) driver.open(device, seen);
        opened.add(connection);
        return connection;
    }

    private static Map<String, Reading> read(TopicDevice device, DeviceProperty... properties) throws Exception {
        return device.readAsync(List.of(properties)).toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void takesValuesTimesAndLastWillOfADevice() throws Exception {
        broker.publish("plant/press/status", "online", "-r");
        SeenContext seen = new SeenContext();
        open(device("mqtt", settings("topic", "plant/{id}/state", "id", "press", "availabilityTopic", "plant/{id}/status", "timePath", "at"),
                property("temp", PropertyType.DOUBLE, Map.of("path", "t")),
                property("mode", PropertyType.STRING, Map.of("path", "/run/mode")),
                property("raw", PropertyType.INT, Map.of("topic", "plant/{id}/raw", "dataType", "uint16", "byteOrder", "little"))), seen);

        broker.publish("plant/press/state", "{\"t\":21.5,\"run\":{\"mode\":\"auto\"},\"at\":1700000000}");
        seen.awaitValue("mode", "auto");
        seen.awaitValue("temp", "21.5");
        assertEquals(1_700_000_000_000L, seen.last.get("temp").timestampMillis());
        broker.publish("plant/press/raw", "\1\2");
        seen.awaitValue("raw", "513");
        broker.publish("plant/press/state", "{\"t\":\"hot\"}");
        seen.await(() -> seen.last.get("temp").quality() == Quality.BAD, "a bad temperature");
        assertEquals("\"hot\" is not a number", seen.last.get("temp").reason());
        broker.publish("plant/press/state", "{\"t\":");
        seen.await(() -> seen.last.get("mode").quality() == Quality.BAD, "a bad mode");
        assertEquals("the message on plant/press/state is no JSON", seen.last.get("mode").reason());

        broker.publish("plant/press/status", "offline", "-r");
        seen.awaitSaid("away: it says \"offline\" on topic plant/press/status");
        broker.publish("plant/press/status", "online", "-r");
        seen.await(() -> seen.said().get(seen.said().size() - 1).equals("back"), "back");
    }

    @Test
    void writesAndWaitsForTheMessageThatShowsIt() throws Exception {
        SeenContext seen = new SeenContext();
        DeviceProperty power = property("state", PropertyType.BOOLEAN, Map.of());
        TopicDevice lamp = open(device("zigbee2mqtt", settings("id", "lamp"), power, property("brightness", PropertyType.INT, Map.of())), seen);
        Process sub = broker.subscribe("-t", "zigbee2mqtt/lamp/set", "-C", "1", "-W", "20");
        broker.publish("zigbee2mqtt/lamp", "{\"state\":\"OFF\",\"brightness\":254}", "-r");
        seen.awaitValue("state", "false");

        // as the runtime does: write, then read
        var write = lamp.writeAsync(power, PropertyValue.of(true)).toCompletableFuture();
        write.get(10, TimeUnit.SECONDS);
        var read = lamp.readAsync(List.of(power)).toCompletableFuture();
        try (BufferedReader lines = sub.inputReader()) {
            assertEquals("{\"state\":\"ON\"}", lines.readLine());
        }
        broker.publish("zigbee2mqtt/lamp", "{\"state\":\"ON\",\"brightness\":254}", "-r");
        assertEquals(Reading.of(true), read.get(10, TimeUnit.SECONDS).get("state"));
        assertTrue(lamp.readsBack(power));
    }

    @Test
    void asksWhatIsToBeAsked() throws Exception {
        SeenContext seen = new SeenContext();
        DeviceProperty level = property("level", PropertyType.DOUBLE, Map.of("topic", "tank/level", "getTopic", "tank/get", "getMessage", "{property}?"));
        TopicDevice tank = open(device("mqtt", settings("answerTimeout", 1500), level), seen);
        Process sub = broker.subscribe("-t", "tank/get", "-C", "1", "-W", "20", "-q", "1");
        while (sub.isAlive()) { // until it has subscribed, of which it says nothing; ends by its own -W
            assertThrows(ExecutionException.class, () -> read(tank, level));
        }
        try (BufferedReader lines = sub.inputReader()) {
            assertEquals("level?", lines.readLine());
        }
        var read = tank.readAsync(List.of(level)).toCompletableFuture();
        broker.publish("tank/level", "3.25");
        assertEquals(Reading.of(3.25), read.get(10, TimeUnit.SECONDS).get("level"));

        ExecutionException silent = assertThrows(ExecutionException.class, () -> read(tank, level));
        assertEquals("no answer to a request for level within 1500 ms", silent.getCause().getMessage());
    }

    @Test
    void theBrokerMayDieUnderTraffic() throws Exception {
        SeenContext seen = new SeenContext();
        TopicDevice device = open(device("mqtt", settings("topic", "a/{property}", "setTopic", "a/{property}/set"), property("p", PropertyType.INT, Map.of())), seen);
        for (int i = 0; i < 3; i++) {
            broker.publish("a/p", "" + i);
            seen.awaitValue("p", "" + i);
            broker.kill();
            int downs = i + 1;
            seen.await(() -> seen.said().stream().filter(s -> s.startsWith("away: the broker")).count() >= downs, "away " + downs);
            ExecutionException failed = assertThrows(ExecutionException.class,
                    () -> device.writeAsync(property("p", PropertyType.INT, Map.of()), PropertyValue.of(1)).toCompletableFuture().get(5, TimeUnit.SECONDS));
            assertTrue(failed.getCause().getMessage().contains("cannot be reached"), failed.getCause().getMessage());
            long before = seen.count("back");
            broker.start();
            seen.await(() -> seen.count("back") > before, "back");
        }
        broker.publish("a/p", "99");
        seen.awaitValue("p", "99");
    }

    @Test
    void aBrokerThatComesLaterIsEnough() throws Exception {
        broker.kill();
        SeenContext seen = new SeenContext();
        open(device("mqtt", settings("topic", "a/{property}"), property("p", PropertyType.INT, Map.of())), seen);
        seen.awaitSaid("away: the broker");
        broker.start();
        seen.awaitSaid("back");
        broker.publish("a/p", "7");
        seen.awaitValue("p", "7");
    }

    @Test
    void oneConnectionServesAllDevicesOfABroker() throws Exception {
        SeenContext seen = new SeenContext();
        for (int i = 0; i < 200; i++) {
            open(Devices.named("d" + i, "mqtt", settings("topic", "s/{device}/v"), property("v" + i, PropertyType.INT, Map.of())), seen);
        }
        for (int i = 0; i < 200; i += 50) {
            broker.publish("s/d" + i + "/v", "" + i);
            seen.awaitValue("v" + i, "" + i);
        }
        assertTrue(Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().startsWith("MQTT ")).count() <= 4,
                () -> Thread.getAllStackTraces().keySet().toString());
    }

    @Test
    void aLateDeviceGetsWhatIsRetainedOnATopicThatAnotherHas() throws Exception {
        broker.publish("shared", "1", "-r");
        SeenContext first = new SeenContext();
        open(device("mqtt", settings("topic", "shared"), property("p", PropertyType.INT, Map.of())), first);
        first.awaitValue("p", "1");
        SeenContext second = new SeenContext();
        open(Devices.named("d2", "mqtt", settings("topic", "shared"), property("p", PropertyType.INT, Map.of())), second);
        second.awaitValue("p", "1");
    }

    @Test
    void silenceIsUncertainAndThenOffline() throws Exception {
        SeenContext seen = new SeenContext();
        open(device("mqtt", settings("topic", "a/{property}", "timeout", 700, "offlineAfter", 2000), property("p", PropertyType.INT, Map.of())), seen);
        broker.publish("a/p", "5");
        seen.await(() -> seen.last.get("p") != null && seen.last.get("p").quality() == Quality.UNCERTAIN, "uncertain");
        assertEquals("no message for 700 ms", seen.last.get("p").reason());
        seen.awaitSaid("away: no message for 2000 ms");
        assertEquals(1, seen.count("away: no message for 2000 ms"));
        broker.publish("a/p", "6");
        seen.awaitValue("p", "6");
        assertEquals(Quality.GOOD, seen.last.get("p").quality());
    }

    @Test
    void aHugePacketDoesNotFillTheMemory() throws Exception {
        SeenContext seen = new SeenContext();
        open(device("mqtt", settings("topic", "big"), property("p", PropertyType.STRING, Map.of())), seen);
        broker.publish("big", "x".repeat(2_000_000));
        seen.awaitSaid("away: the broker tcp://127.0.0.1:" + broker.port() + " cannot be reached: it sent a packet of 2000");
        seen.await(() -> seen.count("back") == 2, "back");
        broker.publish("big", "small");
        seen.awaitValue("p", "small");
    }

    @Test
    void aBrokerThatHangsUpAtOnceCostsNoThreads() throws Exception {
        try (ServerSocket rude = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            AtomicInteger calls = new AtomicInteger();
            Thread door = new Thread(() -> {
                try {
                    while (true) {
                        rude.accept().close();
                        calls.incrementAndGet();
                    }
                } catch (IOException e) {
                    calls.addAndGet(0); // closed: the test is over
                }
            }, "rude-broker");
            door.start();
            SeenContext seen = new SeenContext();
            open(device("mqtt", settings("broker", "tcp://127.0.0.1:" + rude.getLocalPort(), "topic", "a"), property("p", PropertyType.INT, Map.of())), seen);
            seen.await(() -> calls.get() >= 6, "six attempts");
            seen.await(() -> Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().startsWith("MQTT Con")).count() <= 1, "no threads left behind");
        }
    }

    @Test
    void refusesWhatCannotBeWritten() throws Exception {
        SeenContext seen = new SeenContext();
        DeviceProperty p = property("p", PropertyType.INT, Map.of());
        TopicDevice device = open(device("mqtt", settings("topic", "a"), p), seen);
        ExecutionException refused = assertThrows(ExecutionException.class, () -> device.writeAsync(p, PropertyValue.of(1)).toCompletableFuture().get());
        assertEquals(RequestRefusedException.class, refused.getCause().getClass());
        assertThrows(ConfigurationException.class, () -> open(device("mqtt", settings(), p), seen));
    }
}
