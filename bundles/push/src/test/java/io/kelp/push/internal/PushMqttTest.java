package io.kelp.push.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.testkit.Await;
import io.kelp.testkit.Needed;
import io.kelp.testkit.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against mosquitto, which is killed and started again. */
@Tag("slow")
class PushMqttTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path home;

    private Process broker;
    private MqttAsyncClient listener;

    @AfterEach
    void stop() throws Exception {
        if (listener != null) {
            listener.disconnectForcibly(0, 500, false);
            listener.close(true);
        }
        if (broker != null) {
            broker.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
        }
    }

    private void broker(int port) throws Exception {
        Path config = home.resolve("mosquitto.conf");
        Files.writeString(config, "listener " + port + " 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n");
        broker = new ProcessBuilder("mosquitto", "-c", config.toString()).redirectErrorStream(true)
                .redirectOutput(home.resolve("mosquitto.log").toFile()).start();
        Await.until("mosquitto listens", SOON, () -> {
            try (Socket probe = new Socket()) {
                probe.connect(new InetSocketAddress("127.0.0.1", port), 500);
                return true;
            }
        });
    }

    private void listen(int port, List<String> heard) throws MqttException {
        listener = new MqttAsyncClient("tcp://127.0.0.1:" + port, "listener", new MemoryPersistence());
        MqttConnectOptions options = new MqttConnectOptions();
        listener.connect(options).waitForCompletion(5_000);
        listener.subscribe("plant/#", 1, (topic, message) -> heard.add(topic + "|" + new String(message.getPayload(), StandardCharsets.UTF_8))).waitForCompletion(5_000);
    }

    @Test
    void aBrokerThatIsKilledAndComesBackGetsEverythingInOrder() throws Exception {
        Needed.program(Files.isExecutable(Path.of("/usr/sbin/mosquitto")), "mosquitto");
        int port = Ports.free();
        List<String> heard = Collections.synchronizedList(new ArrayList<>());
        broker(port);
        listen(port, heard);
        try (PushGateway gateway = new PushGateway(home, Map.of("firstPauseMillis", 50, "longestPauseMillis", 200, "timeoutMillis", 2000, "ratePerSecond", 10_000))) {
            gateway.device("pump", 1, JsonParser.parseString("{'mqtt':{'address':'tcp://127.0.0.1:" + port + "','topic':'plant/speed','qos':1}}").getAsJsonObject());
            for (int i = 0; i < 100; i++) {
                gateway.report("p0", Integer.toString(i));
            }
            Await.until("all are heard", SOON, () -> heard.size() >= 100);
            assertTrue(heard.get(0).matches("plant/speed\\|time is [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}  plant/speed: 0"), heard.get(0));
            broker.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
            for (int i = 100; i < 300; i++) {
                gateway.report("p0", Integer.toString(i));
            }
            Await.until("it was noticed", SOON, () -> gateway.engine.reports().get(0).failing());
            Destination.Report report = gateway.engine.reports().get(0);
            assertEquals(200, report.waiting());
            assertTrue(report.lastError().startsWith("tcp://127.0.0.1:" + port), report.lastError());
            // The listener is there before the values come.
            listener.close(true);
            listener = null;
            gateway.engine.stop();
        }
        broker(port);
        listen(port, heard);
        try (PushGateway gateway = new PushGateway(home, Map.of("ratePerSecond", 10_000))) {
            Await.until("the rest is heard", SOON, () -> new LinkedHashSet<>(numbers(heard)).size() == 300);
            List<Integer> numbers = numbers(heard);
            for (int i = 1; i < numbers.size(); i++) {
                assertTrue(numbers.get(i) >= numbers.get(i - 1), numbers.get(i) + " after " + numbers.get(i - 1));
            }
            Await.until("nothing waits", SOON, () -> gateway.engine.reports().get(0).waiting() == 0);
        }
    }

    @Test
    void aPortThatAcceptsAndClosesLeavesNoThreadsBehind() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        try (ServerSocket proxy = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread accept = new Thread(() -> {
                try {
                    while (!proxy.isClosed()) {
                        proxy.accept().close();
                        attempts.incrementAndGet();
                    }
                } catch (IOException e) {
                    return; // closed: the test is over
                }
            }, "proxy");
            accept.start();
            String address = "tcp://127.0.0.1:" + proxy.getLocalPort();
            try (PushGateway gateway = new PushGateway(home, Map.of("firstPauseMillis", 2, "longestPauseMillis", 2, "timeoutMillis", 2000))) {
                gateway.device("pump", 1, JsonParser.parseString("{'mqtt':{'address':'" + address + "','topic':'plant/speed','qos':1}}").getAsJsonObject());
                gateway.report("p0", "1");
                Await.until("50 attempts", SOON, () -> attempts.get() >= 50);
                assertTrue(gateway.engine.reports().get(0).lastError().startsWith(address), gateway.engine.reports().get(0).lastError());
                Await.until("connecting threads end", SOON, () -> connecting() <= 1); // the attempt at hand
            }
        }
        Await.until("all connecting threads end", SOON, () -> connecting() == 0);
    }

    @Test
    void aBrokerThatAcceptsAndNeverAnswersLeavesNoThreadsBehind() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) { // the system accepts for it
            try (PushGateway gateway = new PushGateway(home, Map.of("firstPauseMillis", 2, "longestPauseMillis", 2, "timeoutMillis", 1000))) {
                JsonObject method = JsonParser.parseString("{'mqtt':{'address':'tcp://127.0.0.1:" + silent.getLocalPort() + "','topic':'plant/speed','qos':1}}")
                        .getAsJsonObject();
                gateway.device("pump", 1, method);
                gateway.report("p0", "1");
                Await.until("five attempts", SOON, () -> gateway.engine.reports().get(0).retries() >= 5);
                assertTrue(receiving() <= 3, receiving() + " connections after five attempts"); // those of the last two seconds
            }
            Await.until("all threads end", SOON, () -> receiving() == 0);
        }
    }

    private static long receiving() {
        return Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().startsWith("MQTT Rec: kelp-push")).count();
    }

    private static long connecting() {
        return Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().startsWith("MQTT Con: ")).count();
    }

    private static List<Integer> numbers(List<String> heard) {
        return List.copyOf(heard).stream().map(each -> Integer.parseInt(each.substring(each.lastIndexOf(' ') + 1))).toList();
    }
}
