package io.kelp.broker.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The broker with other people's clients: mosquitto's command-line tools and Eclipse Paho. */
class PeersTest {

    private final BrokerUnderTest broker = new BrokerUnderTest();

    @AfterEach
    void stop() {
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void mosquittoPublishesAndSubscribes(int qos) throws Exception {
        Process subscriber = tool("mosquitto_sub", "-t", "m/#", "-q", "" + qos, "-C", "101", "-W", "20", "-F", "%t %q %p");
        BrokerUnderTest.await("subscribed", () -> broker.metric("kelp_broker_subscriptions") == 1);
        assertEquals(0, finish(tool("mosquitto_pub", "-t", "m/one", "-q", "" + qos, "-m", "hello")).exit());
        Process many = tool("mosquitto_pub", "-t", "m/many", "-q", "" + qos, "-l");
        for (int i = 0; i < 100; i++) {
            many.getOutputStream().write(("line " + i + "\n").getBytes(StandardCharsets.UTF_8));
        }
        many.getOutputStream().close();
        assertEquals(0, finish(many).exit());
        Finished finished = finish(subscriber);
        assertEquals(0, finished.exit(), finished.lines().toString());
        assertEquals("m/one " + qos + " hello", finished.lines().get(0));
        for (int i = 0; i < 100; i++) {
            assertEquals("m/many " + qos + " line " + i, finished.lines().get(1 + i));
        }
    }

    @Test
    void mosquittoFindsItsPersistentSessionAndRetainedMessages() throws Exception {
        assertEquals(0, finish(tool("mosquitto_sub", "-i", "keeper", "-c", "-q", "2", "-t", "k", "-E")).exit());
        assertEquals(0, finish(tool("mosquitto_pub", "-t", "k", "-q", "2", "-m", "while away", "-r")).exit());
        assertEquals(List.of("while away"), finish(tool("mosquitto_sub", "-i", "keeper", "-c", "-q", "2", "-t", "k", "-C", "1", "-W", "20")).lines());
        assertEquals(List.of("while away"), finish(tool("mosquitto_sub", "-t", "k", "-C", "1", "-W", "20")).lines());
    }

    @Test
    void mosquittoOfProtocolVersion5IsRefusedAndOf31Served() throws Exception {
        assertTrue(finish(tool("mosquitto_pub", "-V", "mqttv5", "-t", "k", "-m", "x")).exit() != 0);
        assertEquals(0, finish(tool("mosquitto_pub", "-V", "mqttv31", "-i", "old", "-t", "k", "-m", "x")).exit());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void pahoExchangesMessagesBothWays(int qos) throws MqttException, InterruptedException {
        try (MqttClient receiver = paho("receiver"); MqttClient sender = paho("sender")) {
            BlockingQueue<String> got = new LinkedBlockingQueue<>();
            receiver.subscribe("p/+", qos, (topic, message) -> got.add(new String(message.getPayload(), StandardCharsets.UTF_8)));
            for (int i = 0; i < 200; i++) {
                sender.publish("p/x", ("" + i).getBytes(StandardCharsets.UTF_8), qos, false);
            }
            for (int i = 0; i < 200; i++) {
                assertEquals("" + i, got.poll(10, TimeUnit.SECONDS));
            }
            receiver.disconnect();
            sender.disconnect();
        }
    }

    @Test
    void pahoGetsWhatItMissedInItsSession() throws MqttException, InterruptedException {
        MqttConnectOptions keep = new MqttConnectOptions();
        keep.setCleanSession(false);
        BlockingQueue<String> got = new LinkedBlockingQueue<>();
        try (MqttClient client = new MqttClient("tcp://127.0.0.1:" + broker.port(), "keeper", new MemoryPersistence());
                MqttClient sender = paho("sender")) {
            client.setCallback(new MqttCallback() {
                @Override
                public void connectionLost(Throwable cause) {
                    got.add("lost " + cause);
                }

                @Override
                public void messageArrived(String topic, MqttMessage message) {
                    got.add(new String(message.getPayload(), StandardCharsets.UTF_8));
                }

                @Override
                public void deliveryComplete(IMqttDeliveryToken token) {
                    // not asked for
                }
            });
            client.connect(keep);
            client.subscribe("k", 2);
            client.disconnect();
            sender.publish("k", "missed".getBytes(StandardCharsets.UTF_8), 2, false);
            client.connect(keep);
            assertEquals("missed", got.poll(10, TimeUnit.SECONDS));
            client.disconnect();
            sender.disconnect();
        }
    }

    private MqttClient paho(String clientId) throws MqttException {
        // Paho counts a message as in flight until its callback thread has seen the end of it, and that thread may lag.
        MqttConnectOptions options = new MqttConnectOptions();
        options.setMaxInflight(1000);
        MqttClient client = new MqttClient("tcp://127.0.0.1:" + broker.port(), clientId, new MemoryPersistence());
        client.connect(options);
        return client;
    }

    private Process tool(String... command) throws IOException {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(1, List.of("-h", "127.0.0.1", "-p", "" + broker.port()));
        try {
            return new ProcessBuilder(all).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new IOException(command[0] + " is missing: sh itests/run.sh installs what the tests need (package mosquitto-clients)", e);
        }
    }

    private record Finished(int exit, List<String> lines) {}

    private static Finished finish(Process process) throws IOException, InterruptedException {
        List<String> lines = new ArrayList<>();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines.add(line);
            }
        }
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the tool hangs");
        }
        return new Finished(process.exitValue(), lines);
    }
}
