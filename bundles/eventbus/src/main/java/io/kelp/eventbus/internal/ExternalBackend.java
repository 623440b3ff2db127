package io.kelp.eventbus.internal;

import io.kelp.eventbus.client.BrokerSockets;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.SocketFactory;
import org.eclipse.paho.client.mqttv3.IMqttActionListener;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.IMqttToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Any MQTT broker elsewhere: clean session, subscriptions and publications with QoS 1, not retained
 * (specification of devices, section 4.1). Connects in the background and again after each loss.
 *
 * <p>The only class that touches the MQTT client library, so that it is not loaded in the default mode.
 */
final class ExternalBackend implements Backend {

    private static final Logger LOG = LoggerFactory.getLogger(ExternalBackend.class);
    private static final int QOS = 1;
    private static final int MAX_INFLIGHT = 1_000;
    private static final int CONNECT_SECONDS = 10;
    private static final long CLOSE_MILLIS = 2_000;

    private final String url;
    private final Dispatcher dispatcher;
    private final MqttConnectOptions options = new MqttConnectOptions();
    private final MqttAsyncClient client;
    private final long firstPauseMillis;
    private final long longestPauseMillis;
    private final Set<String> subscribed = new HashSet<>(); // bus's thread alone
    private Set<String> wanted = Set.of();                  // bus's thread alone
    private long pauseMillis;                               // bus's thread alone
    private volatile String trouble;
    private volatile boolean closed;

    ExternalBackend(EventBusConfig config, SocketFactory sockets, Dispatcher dispatcher) throws MqttException {
        this.url = config.externalUrl();
        this.dispatcher = dispatcher;
        this.firstPauseMillis = config.reconnectMillis();
        this.longestPauseMillis = Math.max(firstPauseMillis, config.reconnectMaxSeconds() * 1000L);
        this.pauseMillis = firstPauseMillis;
        this.trouble = "The MQTT broker " + url + " has not answered yet";
        String clientId = config.clientId().isEmpty()
                ? String.format("kelp-%010d", ThreadLocalRandom.current().nextLong(10_000_000_000L)) : config.clientId();
        options.setCleanSession(true);
        options.setAutomaticReconnect(false);
        options.setKeepAliveInterval(config.keepAliveSeconds());
        options.setConnectionTimeout(CONNECT_SECONDS);
        options.setMaxInflight(MAX_INFLIGHT);
        if (!config.username().isEmpty()) {
            options.setUserName(config.username());
            options.setPassword(config._password().toCharArray());
        }
        options.setSocketFactory(sockets);
        client = new MqttAsyncClient(BrokerSockets.url(url), clientId, new MemoryPersistence());
        client.setCallback(new Callback());
        dispatcher.execute(this::connect);
    }

    @Override
    public void subscribe(Set<String> filters) {
        Set<String> copy = Set.copyOf(filters);
        dispatcher.execute(() -> {
            wanted = copy;
            if (client.isConnected()) {
                adjust();
            }
        });
    }

    @Override
    public boolean publish(String topic, byte[] payload) {
        if (!client.isConnected()) {
            return false;
        }
        try {
            client.publish(topic, payload, QOS, false);
            return true;
        } catch (MqttException e) {
            LOG.debug("MQTT broker {} does not take a message: {}", url, e.getMessage());
            return false;
        }
    }

    @Override
    public boolean isConnected() {
        return client.isConnected();
    }

    @Override
    public String trouble() {
        return client.isConnected() ? "" : trouble;
    }

    @Override
    public void close() {
        closed = true;
        try {
            if (client.isConnected()) {
                client.disconnectForcibly(0, CLOSE_MILLIS, true);
            }
            client.close(true);
        } catch (MqttException e) {
            LOG.debug("Leaving MQTT broker {} failed: {}", url, e.getMessage());
        }
    }

    private void connect() {
        if (closed || client.isConnected()) {
            return;
        }
        try {
            client.connect(options, null, new IMqttActionListener() {
                @Override
                public void onSuccess(IMqttToken token) {
                    dispatcher.execute(ExternalBackend.this::connected);
                }

                @Override
                public void onFailure(IMqttToken token, Throwable cause) {
                    dispatcher.execute(() -> failed(cause));
                }
            });
        } catch (MqttException e) {
            failed(e);
        }
    }

    private void connected() {
        LOG.info("Connected to MQTT broker {}", url);
        pauseMillis = firstPauseMillis;
        trouble = "";
        subscribed.clear();
        adjust();
    }

    private void failed(Throwable cause) {
        if (closed) {
            return;
        }
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String reason = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        String sentence = "The MQTT broker " + url + " cannot be reached: " + reason;
        if (!sentence.equals(trouble)) {
            LOG.warn("{}. Trying again", sentence);
        }
        trouble = sentence;
        long jitter = ThreadLocalRandom.current().nextLong(pauseMillis / 2 + 1);
        dispatcher.schedule(this::connect, pauseMillis / 2 + jitter);
        pauseMillis = Math.min(longestPauseMillis, pauseMillis * 2);
    }

    /** Brings the subscriptions at the broker to what is wanted. */
    private void adjust() {
        try {
            for (String filter : Set.copyOf(subscribed)) {
                if (!wanted.contains(filter)) {
                    client.unsubscribe(filter);
                    subscribed.remove(filter);
                }
            }
            for (String filter : wanted) {
                if (subscribed.add(filter)) {
                    client.subscribe(filter, QOS, null, new Refusal(filter));
                }
            }
        } catch (MqttException e) {
            // As a rule the connection has just been lost; all is subscribed again with the next one.
            LOG.debug("Subscribing at MQTT broker {} failed: {}", url, e.getMessage());
        }
    }

    /** Tells when the broker does not let us hear a topic. */
    private record Refusal(String filter) implements IMqttActionListener {

        @Override
        public void onSuccess(IMqttToken token) {
            int[] granted = token.getGrantedQos();
            if (granted != null && granted.length > 0 && granted[0] == 0x80) {
                LOG.warn("The MQTT broker refuses the subscription of {}; grant it to the event bus's user", filter);
            }
        }

        @Override
        public void onFailure(IMqttToken token, Throwable cause) {
            LOG.warn("The MQTT broker refuses the subscription of {}: {}", filter, cause.getMessage());
        }
    }

    /** Called by the library's thread. */
    private final class Callback implements MqttCallback {

        @Override
        public void connectionLost(Throwable cause) {
            dispatcher.execute(() -> failed(cause));
        }

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            dispatcher.message(topic, message.getPayload());
        }

        @Override
        public void deliveryComplete(IMqttDeliveryToken token) {
            // nobody waits for it
        }
    }
}
