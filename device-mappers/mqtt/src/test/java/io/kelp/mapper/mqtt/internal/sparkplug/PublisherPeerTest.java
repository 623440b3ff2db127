package io.kelp.mapper.mqtt.internal.sparkplug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Quality;
import io.kelp.devicetwin.DeviceTwins.Twin;
import io.kelp.mapper.mqtt.internal.Mosquitto;
import io.kelp.mapper.mqtt.internal.SeenContext;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.util.converter.Converters;

/** The gateway as an edge node, with pysparkplug as host, over mosquitto. */
@Tag("slow")
class PublisherPeerTest {

    @TempDir Path folder;
    private Mosquitto broker;
    private final FakeTwins twins = new FakeTwins();
    private SparkplugPublisher publisher;

    @BeforeEach
    void start() throws Exception {
        broker = new Mosquitto(folder);
        Map<String, Twin> press = new LinkedHashMap<>();
        press.put("temp", FakeTwins.twin("double", "20.5"));
        press.put("on", FakeTwins.twin("boolean", null));
        press.put("count", FakeTwins.twin("int", "-7"));
        press.put("mode", FakeTwins.twin("string", "auto"));
        twins.put(FakeTwins.device("default", "press", "online", press), false);
        twins.put(FakeTwins.device("hall", "lamp", "online", Map.of("state", FakeTwins.twin("string", "ON"))), false);
    }

    @AfterEach
    void stop() {
        if (publisher != null) {
            publisher.stop();
        }
        broker.close();
    }

    private void publish(Object... more) throws Exception {
        Map<String, Object> set = new HashMap<>(Map.of("broker", "tcp://127.0.0.1:" + broker.port(), "group", "plant", "node", "gate", "gatherMillis", 20));
        for (int i = 0; i < more.length; i += 2) {
            set.put((String) more[i], more[i + 1]);
        }
        publisher = new SparkplugPublisher(Converters.standardConverter().convert(set).to(PublisherConfig.class), twins, null);
    }

    private static JsonArray next(PythonPeer host, String type, String device) throws Exception {
        return JsonParser.parseString(host.await(line -> line.startsWith("[\"" + type + "\", \"" + device + "\""))).getAsJsonArray();
    }

    private static JsonObject values(JsonArray message) {
        return message.get(3).getAsJsonObject();
    }

    @Test
    void tellsDevicesAndTakesCommands() throws Exception {
        try (PythonPeer host = new PythonPeer(folder, "host.py", broker.port())) {
            publish();
            JsonArray birth = next(host, "NBIRTH", "");
            assertEquals(0, birth.get(2).getAsInt());
            long bdSeq = values(birth).get("bdSeq").getAsLong();
            Map<String, JsonArray> births = new HashMap<>(); // in any order
            for (int seq = 1; seq <= 2; seq++) {
                JsonArray device = JsonParser.parseString(host.await(line -> line.startsWith("[\"DBIRTH\""))).getAsJsonArray();
                assertEquals(seq, device.get(2).getAsInt());
                births.put(device.get(1).getAsString(), device);
            }
            assertEquals("{\"temp\":20.5,\"on\":null,\"count\":-7,\"mode\":\"auto\"}", values(births.get("press")).toString());
            assertEquals("{\"state\":\"ON\"}", values(births.get("hall.lamp")).toString());

            twins.say("press", "temp", "21.25", Quality.GOOD);
            JsonArray data = next(host, "DDATA", "press");
            assertEquals("[\"DDATA\",\"press\",3,{\"temp\":21.25}]", data.toString());
            twins.say("press", "on", "true", Quality.GOOD);
            assertEquals("{\"on\":true}", values(next(host, "DDATA", "press")).toString());

            host.say("set press temp DOUBLE 30.5");
            host.say("set press on BOOLEAN true");
            host.say("set press mode STRING \"manual\"");
            new SeenContext().await(() -> twins.desired.size() == 3, "three commands");
            assertEquals(List.of("default/press temp=30.5", "default/press on=true", "default/press mode=manual"), twins.desired);

            birth = JsonParser.parseString(host.ask("rebirth", line -> line.startsWith("[\"NBIRTH\""))).getAsJsonArray();
            assertEquals(0, birth.get(2).getAsInt());
            assertEquals(bdSeq, values(birth).get("bdSeq").getAsLong(), "the same connection");

            twins.put(FakeTwins.device("hall", "lamp", "offline", Map.of("state", FakeTwins.twin("string", "ON"))), false);
            next(host, "DDEATH", "hall.lamp");
            twins.put(FakeTwins.device("hall", "lamp", "online", Map.of("state", FakeTwins.twin("string", "OFF"))), false);
            assertEquals("{\"state\":\"OFF\"}", values(next(host, "DBIRTH", "hall.lamp")).toString());
            twins.remove(new DeviceId("hall", "lamp"));
            next(host, "DDEATH", "hall.lamp");

            publisher.stop();
            publisher = null;
            assertEquals(bdSeq, values(next(host, "NDEATH", "")).get("bdSeq").getAsLong());
        }
    }

    @Test
    void sequenceNumbersHaveNoGapOverAThousandMessages() throws Exception {
        try (PythonPeer host = new PythonPeer(folder, "host.py", broker.port())) {
            publish("gatherMillis", 10);
            next(host, "DBIRTH", "hall.lamp");
            int expected = 3;
            for (int i = 0; i < 1_000; i++) {
                twins.say("press", "temp", "" + (i + 0.5), Quality.GOOD);
                JsonArray data = next(host, "DDATA", "press");
                assertEquals(expected++ % 256, data.get(2).getAsInt());
                assertEquals(i + 0.5, values(data).get("temp").getAsDouble());
            }
        }
    }

    @Test
    void theBrokerMayDie() throws Exception {
        publish();
        for (int i = 0; i < 2; i++) {
            try (PythonPeer host = new PythonPeer(folder, "host.py", broker.port())) {
                host.ask("rebirth", line -> line.startsWith("[\"DBIRTH\", \"press\"")); // its birth may have been before the host came
                twins.say("press", "temp", "1" + i, Quality.GOOD);
                assertEquals("{\"temp\":1" + i + ".0}", values(next(host, "DDATA", "press")).toString());
            }
            broker.kill();
            twins.say("press", "temp", "99", Quality.GOOD); // nowhere to go; the next birth tells what is true then
            broker.start();
        }
    }

    @Test
    void speaksOnlyWhileThePrimaryHostIsThere() throws Exception {
        try (PythonPeer host = new PythonPeer(folder, "host.py", broker.port())) {
            publish("primaryHost", "scada");
            host.say("state false");
            twins.say("press", "temp", "1", Quality.GOOD);
            host.say("state true");
            String first = host.await(line -> line.startsWith("[\"N") || line.startsWith("[\"D"));
            assertTrue(first.startsWith("[\"NBIRTH\""), first);
            long bdSeq = values(JsonParser.parseString(first).getAsJsonArray()).get("bdSeq").getAsLong();
            for (int i = 0; i < 5; i++) {
                host.say("state false"); // perhaps while births are still being written
                assertEquals((bdSeq + i) % 256, values(next(host, "NDEATH", "")).get("bdSeq").getAsLong());
                host.say("state true");
                assertEquals((bdSeq + i + 1) % 256, values(next(host, "NBIRTH", "")).get("bdSeq").getAsLong());
            }
        }
    }
}
