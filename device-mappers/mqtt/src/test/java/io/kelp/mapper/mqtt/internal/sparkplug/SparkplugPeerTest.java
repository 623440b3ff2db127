package io.kelp.mapper.mqtt.internal.sparkplug;

import static io.kelp.mapper.mqtt.internal.Devices.property;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import io.kelp.mapper.mqtt.internal.Devices;
import io.kelp.mapper.mqtt.internal.Mosquitto;
import io.kelp.mapper.mqtt.internal.SeenContext;
import io.kelp.mapper.mqtt.internal.broker.BrokerAddress;
import io.kelp.mapper.mqtt.internal.broker.LinkTuning;
import io.kelp.mapper.mqtt.internal.broker.Links;
import io.kelp.mapper.mqtt.internal.live.Pulse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our side as a host of devices behind an edge node of pysparkplug, over mosquitto. */
@Tag("slow")
class SparkplugPeerTest {

    @TempDir Path folder;
    private Mosquitto broker;
    private ScheduledThreadPoolExecutor thread;
    private Links links;
    private SparkplugNodes nodes;
    private final SeenContext seen = new SeenContext();
    private final DeviceProperty temp = property("temp", PropertyType.DOUBLE, Map.of());
    private final DeviceProperty switched = property("switched", PropertyType.BOOLEAN, Map.of("metric", "on"));

    @BeforeEach
    void start() throws Exception {
        broker = new Mosquitto(folder);
        thread = new ScheduledThreadPoolExecutor(1);
        Pulse pulse = new Pulse(thread, System::nanoTime);
        links = new Links(thread, new LinkTuning(Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofSeconds(1), 1 << 20));
        nodes = new SparkplugNodes(links, pulse, InstantSource.system());
        pulse.start();
    }

    @AfterEach
    void stop() {
        links.close();
        thread.shutdownNow();
        broker.close();
    }

    private SparkplugDevice open(String device, SeenContext context, DeviceProperty... properties) throws Exception {
        return SparkplugDevice.open(nodes, new BrokerAddress("tcp://127.0.0.1:" + broker.port(), "", "", "", "", "", ""),
                Devices.named("press", "sparkplug", Map.of("group", "plant", "node", "cell", "device", device), properties), context);
    }

    @Test
    void hearsSetsAndLosesADeviceThatWasThereBefore() throws Exception {
        try (PythonPeer node = new PythonPeer(folder, "node.py", broker.port())) {
            SparkplugDevice device = open("press", seen, temp, switched, property("count", PropertyType.INT, Map.of()),
                    property("small", PropertyType.INT, Map.of()), property("big", PropertyType.INT, Map.of()), property("mode", PropertyType.STRING, Map.of()));
            SeenContext ofNode = new SeenContext();
            SparkplugDevice itself = open("", ofNode, property("load", PropertyType.FLOAT, Map.of()));
            // It was born before we came, so it had to be asked.
            node.await("node Node Control/Rebirth True"::equals);
            seen.awaitValue("mode", "auto");
            seen.awaitValue("temp", "20.0");
            seen.awaitValue("count", "-7");
            seen.awaitValue("small", "-1");
            seen.awaitValue("big", "4294967295");
            ofNode.awaitValue("load", "0.5");
            assertTrue(Math.abs(seen.last.get("temp").timestampMillis() - System.currentTimeMillis()) < 60_000);
            assertEquals(6, device.discover().size());

            node.say("temp 21.5");
            seen.awaitValue("temp", "21.5");

            device.writeAsync(switched, PropertyValue.of(true)).toCompletableFuture().get(5, TimeUnit.SECONDS);
            Reading read = device.readAsync(List.of(switched)).toCompletableFuture().get(5, TimeUnit.SECONDS).get("switched");
            assertEquals(PropertyValue.of(true), read.value());
            node.await("device on True"::equals);

            node.say("mute 3");
            node.say("temp 22.5");
            seen.await(() -> seen.said().contains("temp=22.5"), "22.5");
            node.await("node Node Control/Rebirth True"::equals);
            seen.await(() -> seen.last.get("mode").quality() == Reading.Quality.GOOD, "good again");

            node.say("gone");
            seen.awaitSaid("away: the node says that the device has gone");
            long backs = seen.count("back");
            node.say("born");
            seen.await(() -> seen.count("back") > backs, "back");
            seen.awaitValue("temp", "20.0");

            node.say("die");
            seen.awaitSaid("away: its node has gone (NDEATH)");
            ofNode.awaitSaid("away: its node has gone (NDEATH)");
            device.close();
            itself.close();
        }
    }

    @Test
    void waitsForANodeThatComesLate() throws Exception {
        SparkplugDevice device = open("press", seen, temp);
        seen.awaitSaid("away: nothing is known of it yet");
        try (PythonPeer node = new PythonPeer(folder, "node.py", broker.port())) {
            seen.awaitSaid("back");
            seen.awaitValue("temp", "20.0");
            broker.kill();
            seen.awaitSaid("away: the broker");
            long values = seen.count("temp=20.0");
            broker.start();
            seen.await(() -> seen.count("temp=20.0") > values, "the birth after the broker's restart");
            node.say("temp 33");
            seen.awaitValue("temp", "33.0");
        }
        device.close();
    }
}
