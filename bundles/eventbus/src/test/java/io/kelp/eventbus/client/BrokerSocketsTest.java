package io.kelp.eventbus.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.IMqttToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The client library on these sockets, against brokers that do not finish their first sentence. */
@Tag("slow")
class BrokerSocketsTest {

    /** What it says after it has accepted, and how long it waits before each byte. */
    private static IMqttToken connect(byte[] answer, int pauseMillis, CountDownLatch over) throws Exception {
        try (ServerSocket broker = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            Thread serving = new Thread(() -> {
                try (Socket socket = broker.accept()) {
                    for (byte each : answer) {
                        if (over.await(pauseMillis, TimeUnit.MILLISECONDS)) {
                            return;
                        }
                        socket.getOutputStream().write(each);
                    }
                    over.await(60, TimeUnit.SECONDS);
                } catch (IOException | InterruptedException e) {
                    return; // the client is gone: what is tested
                }
            }, "broker");
            serving.start();
            MqttConnectOptions options = new MqttConnectOptions();
            options.setConnectionTimeout(1);
            options.setMqttVersion(MqttConnectOptions.MQTT_VERSION_3_1_1); // else it tries 3.1, too, on a second connection
            options.setSocketFactory(new BrokerSockets(null, 1024, "test"));
            String id = "test-" + answer.length + "-" + pauseMillis;
            try (MqttAsyncClient client = new MqttAsyncClient("tcp://127.0.0.1:" + broker.getLocalPort(), id, new MemoryPersistence())) {
                IMqttToken token = client.connect(options);
                try {
                    token.waitForCompletion(20_000);
                    Thread.sleep(2_500); // longer than the deadline of the first answer, which must not end it now
                    assertTrue(client.isConnected(), "an idle connection was ended");
                    client.disconnectForcibly(0, 1_000, false);
                } catch (MqttException e) {
                    assertNotNull(e.getMessage()); // the caller looks at the token
                }
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
                while (threads(id) > 0 && System.nanoTime() - deadline < 0) {
                    Thread.onSpinWait();
                }
                assertEquals(0, threads(id), "threads of the library that are left");
                return token;
            } finally {
                over.countDown();
                serving.join(20_000);
            }
        }
    }

    private static long threads(String id) {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().endsWith(": " + id)).count();
    }

    @Test
    void aBrokerThatAcceptsAndSaysNothingIsGivenUp() throws Exception {
        IMqttToken token = connect(new byte[0], 0, new CountDownLatch(1));
        assertNotNull(token.getException(), "the attempt has not ended");
        assertTrue(token.getException().getCause().getMessage().contains("did not answer"), token.getException().toString());
    }

    @Test
    void aBrokerThatBeginsAnAnswerAndNeverEndsItIsGivenUp() throws Exception {
        IMqttToken token = connect(new byte[] {0x20}, 0, new CountDownLatch(1));
        assertNotNull(token.getException(), "the attempt has not ended");
    }

    @Test
    void aBrokerThatAnswersWithSomethingElseIsGivenUp() throws Exception {
        IMqttToken token = connect(new byte[] {(byte) 0xD0, 0}, 0, new CountDownLatch(1)); // PINGRESP
        assertNotNull(token.getException(), "the attempt has not ended");
        assertTrue(token.getException().getCause().getMessage().contains("CONNACK"), token.getException().toString());
    }

    @Test
    void aBrokerThatRefusesBeforeItIsAskedHasRefused() throws Exception {
        IMqttToken token = connect(new byte[] {0x20, 2, 0, 5}, 0, new CountDownLatch(1));
        assertNotNull(token.getException(), "the attempt has not ended");
        assertEquals(MqttException.REASON_CODE_NOT_AUTHORIZED, token.getException().getReasonCode());
    }

    @Test
    void aBrokerThatAnswersInTimeIsKept() throws Exception {
        IMqttToken token = connect(new byte[] {0x20, 2, 0, 0}, 100, new CountDownLatch(1));
        assertTrue(token.isComplete());
        assertEquals(null, token.getException());
    }
}
