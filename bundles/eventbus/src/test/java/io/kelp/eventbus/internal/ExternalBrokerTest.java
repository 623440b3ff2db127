package io.kelp.eventbus.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.eventbus.internal.EventBusTest.Recorder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.paho.client.mqttv3.MqttClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.util.converter.Converters;

/** The event bus on a real mosquitto. */
@Tag("slow")
class ExternalBrokerTest {

    @TempDir
    private Path directory;

    private final Dispatcher dispatcher = new Dispatcher(1_000, 1_000_000);
    private final EventBus bus = new EventBus(dispatcher);
    private int port;
    private Process mosquitto;

    @BeforeEach
    void choosePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        bus.close();
        dispatcher.stop();
        kill();
    }

    @Test
    void carriesMessagesBothWaysAndNeitherIsRetained() throws Exception {
        startMosquitto("");
        Recorder recorder = new Recorder("$hw/events/device/+/twin/+");
        bus.add(recorder);
        connect(Map.of());
        try (MqttClient client = client(null)) {
            assertHears(client, recorder, "$hw/events/device/d/twin/update", "in");
            BlockingQueue<String> got = new LinkedBlockingQueue<>();
            client.subscribe("out", 2, (topic, message) -> got.add(new String(message.getPayload(), StandardCharsets.UTF_8)
                    + " qos " + message.getQos() + " retained " + message.isRetained()));
            assertTrue(bus.publish("out", "out".getBytes(StandardCharsets.UTF_8)));
            assertEquals("out qos 1 retained false", got.poll(10, TimeUnit.SECONDS));
            client.disconnect();
        }
        assertEquals(-1, bus.port());
    }

    @Test
    void comesBackAndSubscribesAgainAfterTheBrokerWasAway() throws Exception {
        Recorder recorder = new Recorder("a");
        bus.add(recorder);
        connectLater(Map.of());
        EventBusTest.await("says why", () -> bus.trouble().contains("cannot be reached"));
        assertFalse(bus.publish("a", new byte[0]));
        for (int round = 0; round < 2; round++) {
            startMosquitto("");
            EventBusTest.await("connected", bus::isConnected);
            try (MqttClient client = client(null)) {
                assertHears(client, recorder, "round " + round);
                client.disconnect();
            }
            kill();
            EventBusTest.await("lost", () -> !bus.isConnected());
        }
    }

    @Test
    void handlersThatComeLaterAreSubscribedAndGoneOnesUnsubscribed() throws Exception {
        startMosquitto("");
        connect(Map.of());
        Recorder first = new Recorder("first");
        Recorder second = new Recorder("second");
        bus.add(first);
        bus.add(second);
        try (MqttClient client = client(null)) {
            assertHears(client, second, "second", "second");
            bus.remove(first);
            assertHears(client, second, "second", "still");
            client.disconnect();
        }
    }

    @Test
    void logsInWithUserNameAndPassword() throws Exception {
        Path passwords = directory.resolve("passwords");
        Process tool = new ProcessBuilder("mosquitto_passwd", "-b", "-c", passwords.toString(), "kelp", "secret").start();
        assertTrue(tool.waitFor(20, TimeUnit.SECONDS));
        startMosquitto("allow_anonymous false\npassword_file " + passwords + "\n");
        Recorder recorder = new Recorder("a");
        bus.add(recorder);
        connect(Map.of("username", "kelp", ".password", "secret"));
        try (MqttClient client = client("secret")) {
            assertHears(client, recorder, "x");
            client.disconnect();
        }
    }

    @Test
    void tellsThatThePasswordIsWrong() throws Exception {
        Path passwords = directory.resolve("passwords");
        Process tool = new ProcessBuilder("mosquitto_passwd", "-b", "-c", passwords.toString(), "kelp", "secret").start();
        assertTrue(tool.waitFor(20, TimeUnit.SECONDS));
        startMosquitto("allow_anonymous false\npassword_file " + passwords + "\n");
        connectLater(Map.of("username", "kelp", ".password", "wrong"));
        EventBusTest.await("reason", () -> bus.trouble().toLowerCase().contains("authori"));
    }

    @Test
    void usesTlsAndInsistsOnTheRightCa() throws Exception {
        TlsFixture files = new TlsFixture(directory);
        startMosquitto("allow_anonymous true\ncertfile " + files.certificate() + "\nkeyfile " + files.key() + "\n");
        connectLater(Map.of("externalUrl", "ssl://127.0.0.1:" + port));
        EventBusTest.await("untrusted", () -> bus.trouble().contains("cannot be reached"));
        assertFalse(bus.isConnected());
        bus.use(Externals.open(config(Map.of("externalUrl", "ssl://127.0.0.1:" + port, "tlsCaFile", files.certificate().toString())), dispatcher),
                () -> -1);
        EventBusTest.await("connected", bus::isConnected);
    }

    @Test
    void aPortThatAcceptsAndClosesLeavesNoThreadsBehind() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        try (ServerSocket proxy = new ServerSocket(port, 10, InetAddress.getLoopbackAddress())) {
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
            connectLater(Map.of("reconnectMillis", 2, "reconnectMaxSeconds", 0));
            EventBusTest.await("50 attempts", () -> attempts.get() >= 50);
        }
        assertTrue(bus.trouble().contains("cannot be reached"), bus.trouble());
        EventBusTest.await("connecting threads end", () -> connecting() <= 1); // the attempt at hand
    }

    private static long connecting() {
        return Thread.getAllStackTraces().keySet().stream().filter(t -> t.getName().startsWith("MQTT Con: ")).count();
    }

    @Test
    void filesAndUrlsThatCannotWorkAreNamed() {
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> Externals.open(config(Map.of("externalUrl", "ssl://127.0.0.1:1", "tlsCaFile", directory.resolve("none.pem").toString())),
                        dispatcher)).getMessage().contains("none.pem"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Externals.open(config(Map.of("tlsCaFile", "ca.pem")), dispatcher))
                .getMessage().contains("write ssl://"), "a CA is never ignored");
        assertThrows(IllegalArgumentException.class, () -> Externals.open(config(Map.of("externalUrl", "http://x")), dispatcher));
    }

    /** Publishes until it is heard, because a subscription takes a moment at the broker. */
    private static void assertHears(MqttClient client, Recorder recorder, String text) throws Exception {
        assertHears(client, recorder, recorder.filters().get(0), text);
    }

    private static void assertHears(MqttClient client, Recorder recorder, String topic, String text) throws Exception {
        for (int i = 0; i < 100; i++) {
            client.publish(topic, text.getBytes(StandardCharsets.UTF_8), 1, false);
            String heard = recorder.seen.poll(100, TimeUnit.MILLISECONDS);
            if ((topic + "=" + text).equals(heard)) {
                return;
            }
        }
        throw new AssertionError("not heard: " + text);
    }

    private void connect(Map<String, ?> settings) {
        connectLater(settings);
        EventBusTest.await("connected", bus::isConnected);
    }

    private void connectLater(Map<String, ?> settings) {
        bus.use(Externals.open(config(settings), dispatcher), () -> -1);
    }

    private EventBusConfig config(Map<String, ?> settings) {
        Map<String, Object> all = new HashMap<>(Map.of("externalUrl", "tcp://127.0.0.1:" + port, "reconnectMillis", 100, "reconnectMaxSeconds", 1));
        all.putAll(settings);
        return Converters.standardConverter().convert(all).to(EventBusConfig.class);
    }

    private MqttClient client(String password) throws MqttException {
        MqttClient client = new MqttClient("tcp://127.0.0.1:" + port, "tester", new MemoryPersistence());
        MqttConnectOptions options = new MqttConnectOptions();
        if (password != null) {
            options.setUserName("kelp");
            options.setPassword(password.toCharArray());
        }
        client.connect(options);
        return client;
    }

    private void startMosquitto(String more) throws Exception {
        Path file = Files.writeString(directory.resolve("mosquitto.conf"), "user root\nlistener " + port + " 127.0.0.1\n"
                + (more.isEmpty() ? "allow_anonymous true\n" : more));
        try {
            mosquitto = new ProcessBuilder(List.of("mosquitto", "-c", file.toString())).redirectErrorStream(true)
                    .redirectOutput(directory.resolve("mosquitto.log").toFile()).start();
        } catch (IOException e) {
            throw new IOException("mosquitto is missing: sh itests/run.sh installs what the tests need (package mosquitto)", e);
        }
        EventBusTest.await("mosquitto listens", () -> {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            } catch (IOException e) {
                return false;
            }
        });
    }

    private void kill() throws InterruptedException {
        if (mosquitto != null) {
            mosquitto.destroyForcibly();
            assertTrue(mosquitto.waitFor(10, TimeUnit.SECONDS));
            mosquitto = null;
        }
    }
}
