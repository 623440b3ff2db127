package io.kelp.push.internal;

import io.kelp.eventbus.client.BrokerSockets;
import io.kelp.push.internal.SendException.Remedy;
import java.util.UUID;
import javax.net.ssl.SSLSocketFactory;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;

/**
 * Publishes values over one connection, which the first value opens and the next one after a loss
 * opens again. A value with quality of service 0 counts as taken when it is written to the socket.
 */
final class MqttSender implements Sender {

    private static final int KEEP_ALIVE_SECONDS = 30;
    private static final int MOST_PACKET_BYTES = 1024; // only acknowledgements come

    private final String address;
    private final Payloads payloads;
    private final SSLSocketFactory sockets;
    private final String clientId = "kelp-push-" + UUID.randomUUID().toString().substring(0, 12);
    private MqttAsyncClient client; // guarded by this
    private boolean closed;

    MqttSender(String address, Payloads payloads, SSLSocketFactory sockets) {
        this.address = address;
        this.payloads = payloads;
        this.sockets = sockets;
    }

    @Override
    public void send(Item item, int timeoutMillis) throws SendException {
        MqttAsyncClient now = null;
        try {
            now = connected(timeoutMillis);
            IMqttDeliveryToken sent = now.publish(item.target().path(), payloads.mqtt(item), item.target().qos(), item.target().retained());
            sent.waitForCompletion(timeoutMillis);
        } catch (MqttException e) {
            if (now != null) {
                drop(now); // else an answer that is late would be taken for that of the next value
            }
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new SendException(Remedy.WAIT, address + ": " + (cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage()));
        } catch (IllegalArgumentException e) {
            throw new SendException(Remedy.DROP, address + " " + item.target().path() + ": " + e.getMessage());
        }
    }

    private synchronized MqttAsyncClient connected(int timeoutMillis) throws MqttException {
        if (closed) {
            throw new MqttException(MqttException.REASON_CODE_CLIENT_CLOSED);
        }
        if (client != null && client.isConnected()) {
            return client;
        }
        forget();
        MqttConnectOptions options = new MqttConnectOptions();
        options.setCleanSession(true);
        options.setAutomaticReconnect(false);
        options.setMaxInflight(100);
        options.setKeepAliveInterval(KEEP_ALIVE_SECONDS);
        options.setConnectionTimeout(Math.max(1, timeoutMillis / 1000));
        options.setSocketFactory(new BrokerSockets(address.startsWith("ssl:") ? sockets : null, MOST_PACKET_BYTES, "nothing is subscribed"));
        MqttAsyncClient fresh = new MqttAsyncClient(BrokerSockets.url(address), clientId, new MemoryPersistence());
        client = fresh;
        fresh.connect(options).waitForCompletion(timeoutMillis);
        return fresh;
    }

    private synchronized void drop(MqttAsyncClient broken) {
        if (client == broken) {
            forget();
        }
    }

    private void forget() {
        MqttAsyncClient old = client;
        client = null;
        if (old == null) {
            return;
        }
        try {
            if (old.isConnected()) {
                old.disconnectForcibly(0, 1000, false);
            }
            old.close(true);
        } catch (MqttException e) {
            return; // it is gone either way; there is nobody who could do anything about it
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        forget();
    }
}
