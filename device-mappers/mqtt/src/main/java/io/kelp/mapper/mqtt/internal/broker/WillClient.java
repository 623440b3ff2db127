package io.kelp.mapper.mqtt.internal.broker;

import io.kelp.eventbus.client.BrokerSockets;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.mqtt.internal.payload.Message;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.client.mqttv3.IMqttActionListener;
import org.eclipse.paho.client.mqttv3.IMqttDeliveryToken;
import org.eclipse.paho.client.mqttv3.IMqttToken;
import org.eclipse.paho.client.mqttv3.MqttAsyncClient;
import org.eclipse.paho.client.mqttv3.MqttCallback;
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.eclipse.paho.client.mqttv3.MqttMessage;
import org.eclipse.paho.client.mqttv3.ScheduledExecutorPingSender;
import org.eclipse.paho.client.mqttv3.persist.MemoryPersistence;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection of one's own with a last will, another one for each time it connects. All but the messages happens on the
 * owner's thread, which is also the only one that may call.
 */
public final class WillClient {

    private static final Logger LOG = LoggerFactory.getLogger(WillClient.class);
    private static final long GOODBYE_MILLIS = 500;
    private static final int MAX_INFLIGHT = 8_000; // births of all devices go at once
    private static final int CONNECT_SECONDS = 10;

    /** Whose connection it is. */
    public interface Owner {

        Will will();

        List<String> filters();

        /** Connected, and the subscriptions are in place. */
        void up();

        void down();

        /** On a thread of the client library: hand over and return. */
        void message(Message message);
    }

    /** What the broker publishes when the connection breaks. */
    public record Will(String topic, byte[] payload) {}

    private final BrokerAddress address;
    private final LinkTuning tuning;
    private final ScheduledExecutorService thread;
    private final Owner owner;
    private final MqttConnectOptions options = new MqttConnectOptions();
    private final MqttAsyncClient client;
    private long pauseMillis;
    private String trouble = "";
    private boolean up;
    private boolean again; // the next attempt is on its way
    private boolean closed;
    private IMqttToken lastSaid; // its end is that of all before it
    private Object leaving; // stands for the connection that is to end, else null

    public WillClient(BrokerAddress address, String clientId, LinkTuning tuning, ScheduledExecutorService thread, Owner owner) throws ConfigurationException {
        this.address = address;
        this.tuning = tuning;
        this.thread = thread;
        this.owner = owner;
        this.pauseMillis = tuning.firstPause().toMillis();
        options.setCleanSession(true);
        options.setAutomaticReconnect(false);
        options.setKeepAliveInterval((int) tuning.keepAlive().toSeconds());
        options.setConnectionTimeout(CONNECT_SECONDS);
        options.setMaxInflight(MAX_INFLIGHT);
        if (!address.username().isEmpty()) {
            options.setUserName(address.username());
            options.setPassword(address.password().toCharArray());
        }
        try {
            options.setSocketFactory(address.sockets(tuning.mostBytes()));
            client = new MqttAsyncClient(BrokerSockets.url(address.url()), clientId, new MemoryPersistence(), new ScheduledExecutorPingSender(thread));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException | MqttException e) {
            throw new ConfigurationException("broker " + address.url() + " cannot be used: " + e.getMessage(), e);
        }
        client.setCallback(new Callback());
    }

    public void connect() {
        again = false;
        if (closed || client.isConnected()) {
            return;
        }
        Will will = owner.will();
        options.setWill(will.topic(), will.payload(), 1, false);
        try {
            client.connect(options, null, new Outcome(this::connected));
        } catch (MqttException e) {
            failed(e);
        }
    }

    private void connected() {
        String[] filters = owner.filters().toArray(String[]::new);
        int[] qos = new int[filters.length];
        java.util.Arrays.fill(qos, 1);
        try {
            client.subscribe(filters, qos, null, new Outcome(() -> {
                LOG.info("Connected to MQTT broker {}", address);
                trouble = "";
                pauseMillis = tuning.firstPause().toMillis();
                up = true;
                owner.up();
            }));
        } catch (MqttException e) {
            failed(e);
        }
    }

    private void failed(Throwable cause) {
        if (closed) {
            return;
        }
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String sentence = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        if (!sentence.equals(trouble)) {
            LOG.warn("MQTT: the broker {} cannot be reached: {}; trying again", address.url(), sentence);
        }
        trouble = sentence;
        again();
    }

    private void again() {
        leaving = null;
        if (up) {
            up = false;
            owner.down();
        }
        if (again || closed) {
            return; // one attempt at a time: each has a will of its own
        }
        again = true;
        long pause = pauseMillis / 2 + ThreadLocalRandom.current().nextLong(pauseMillis / 2 + 1);
        pauseMillis = Math.min(tuning.longestPause().toMillis(), pauseMillis * 2);
        thread.schedule(this::connect, pause, TimeUnit.MILLISECONDS);
    }

    /** With QoS 0, not retained. @return whether it is on its way; otherwise the connection begins anew */
    public boolean publish(String topic, byte[] payload) {
        if (payload.length + topic.length() * 3 > tuning.mostBytes()) {
            LOG.warn("MQTT: a message of {} bytes on {} is larger than allowed ({}); it is not sent", payload.length, topic, tuning.mostBytes());
            return true;
        }
        try {
            lastSaid = client.publish(topic, payload, 0, false);
            return true;
        } catch (MqttException e) {
            LOG.info("MQTT: the broker {} takes no message: {}; connecting anew", address.url(), e.getMessage());
            reconnect();
            return false;
        }
    }

    /** Ends this connection in good order, after what was said last has gone out, and begins another. */
    public void reconnect() {
        if (leaving != null) {
            return;
        }
        Object now = new Object();
        leaving = now;
        IMqttToken last = lastSaid;
        if (last == null || last.isComplete()) {
            leave(now);
            return;
        }
        last.setActionCallback(new Outcome(() -> leave(now)));
        if (last.isComplete()) { // perhaps before it had the callback
            leave(now);
        } else {
            thread.schedule(() -> leave(now), GOODBYE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void leave(Object which) {
        if (leaving != which || closed) {
            return; // left already
        }
        leaving = null;
        try {
            if (client.isConnected()) {
                client.disconnect(0, null, new Outcome(this::again));
            }
        } catch (MqttException e) {
            LOG.debug("Leaving MQTT broker {} failed: {}", address, e.getMessage()); // lost already: connectionLost tells
        }
    }

    public void close() {
        closed = true;
        try {
            if (client.isConnected()) {
                if (lastSaid != null) {
                    lastSaid.waitForCompletion(GOODBYE_MILLIS);
                }
                client.disconnect(GOODBYE_MILLIS).waitForCompletion(2 * GOODBYE_MILLIS);
            }
        } catch (MqttException e) {
            LOG.debug("Leaving MQTT broker {} failed: {}", address, e.getMessage());
        }
        try {
            client.close(true);
        } catch (MqttException e) {
            LOG.debug("Leaving MQTT broker {} failed: {}", address, e.getMessage());
        }
    }

    private void execute(Runnable what) {
        try {
            thread.execute(what);
        } catch (RejectedExecutionException e) {
            LOG.debug("MQTT broker {}: this ends", address);
        }
    }

    private final class Outcome implements IMqttActionListener {

        private final Runnable done;

        Outcome(Runnable done) {
            this.done = done;
        }

        @Override
        public void onSuccess(IMqttToken token) {
            execute(done);
        }

        @Override
        public void onFailure(IMqttToken token, Throwable cause) {
            execute(() -> {
                if (client.isConnected()) {
                    reconnect();
                } else {
                    failed(cause);
                }
            });
        }
    }

    private final class Callback implements MqttCallback {

        @Override
        public void connectionLost(Throwable cause) {
            execute(() -> failed(cause));
        }

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            owner.message(new Message(topic, message.getPayload(), message.isRetained()));
        }

        @Override
        public void deliveryComplete(IMqttDeliveryToken token) {
            // nobody waits for it
        }
    }
}
