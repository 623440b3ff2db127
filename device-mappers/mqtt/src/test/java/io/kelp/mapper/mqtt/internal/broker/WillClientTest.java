package io.kelp.mapper.mqtt.internal.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.mapper.mqtt.internal.Mosquitto;
import io.kelp.mapper.mqtt.internal.payload.Message;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WillClientTest {

    private static final int MESSAGES = 500;

    @TempDir
    Path folder;

    /** The will is not sent when one leaves in good order, so the goodbye itself must arrive. */
    @Test
    void whatWasSaidBeforeAReconnectionArrives() throws Exception {
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
        LinkedBlockingQueue<String> ups = new LinkedBlockingQueue<>(10);
        LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>(10 * MESSAGES);
        try (Mosquitto broker = new Mosquitto(folder, "allow_anonymous true", "max_queued_messages 0");
                MqttClient listener = new MqttClient("tcp://127.0.0.1:" + broker.port(), "listener", new MemoryPersistence())) {
            listener.connect();
            listener.subscribe("said", (topic, message) -> heard.add(new String(message.getPayload(), StandardCharsets.UTF_8).strip()));
            WillClient client = new WillClient(new BrokerAddress("tcp://127.0.0.1:" + broker.port(), "", "", "", "", "", ""), "node",
                    new LinkTuning(Duration.ofSeconds(30), Duration.ofMillis(100), Duration.ofSeconds(1), 1 << 20), thread, new WillClient.Owner() {
                        @Override
                        public WillClient.Will will() {
                            return new WillClient.Will("will", new byte[0]);
                        }

                        @Override
                        public List<String> filters() {
                            return List.of("orders");
                        }

                        @Override
                        public void up() {
                            ups.add("up");
                        }

                        @Override
                        public void down() {}

                        @Override
                        public void message(Message message) {}
                    });
            thread.execute(client::connect);
            for (int round = 0; round < 3; round++) {
                assertTrue(ups.poll(15, TimeUnit.SECONDS) != null, "connected");
                thread.execute(() -> {
                    for (int i = 0; i < MESSAGES; i++) {
                        client.publish("said", ("%-2000d".formatted(i)).getBytes(StandardCharsets.UTF_8));
                    }
                    client.reconnect();
                });
                for (int i = 0; i < MESSAGES; i++) {
                    assertEquals("" + i, heard.poll(15, TimeUnit.SECONDS), "message of round " + round);
                }
            }
            thread.submit(client::close).get(15, TimeUnit.SECONDS);
            listener.disconnect();
        } finally {
            thread.shutdownNow();
        }
    }
}
