package io.kelp.mapper.mqtt.internal.broker;

import io.kelp.eventbus.client.BrokerSockets;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.mqtt.internal.payload.Message;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
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
 * The connection to one broker: connects in the background, again after each loss, and then subscribes again what is wanted.
 * Clean session. The client library keeps three threads per connection (sender, receiver, callbacks), and one more while it connects.
 *
 * <p>State changes on the mapper's thread; messages are handed round on the library's callback thread, which so holds back a
 * broker that sends faster than devices can be served.
 */
final class SharedLink {

    private static final Logger LOG = LoggerFactory.getLogger(SharedLink.class);
    private static final int MAX_INFLIGHT = 1_000;
    private static final int CONNECT_SECONDS = 10;
    private static final int MOST_SUBSCRIBE_BYTES = 4_096; // some brokers take no larger packet
    private static final int REFUSED = 0x80;

    private final BrokerAddress address;
    private final LinkTuning tuning;
    private final ScheduledExecutorService thread;
    private final MqttConnectOptions options = new MqttConnectOptions();
    private final MqttAsyncClient client;
    private final Routes routes = new Routes();
    private final List<Share> shares = new CopyOnWriteArrayList<>();
    private final Set<CompletableFuture<Void>> publishing = ConcurrentHashMap.newKeySet();
    private final CountDownLatch firstAttempt = new CountDownLatch(1);
    private final Map<String, List<CompletableFuture<Void>>> toSubscribe = new LinkedHashMap<>(); // guarded by itself
    private long pauseMillis;
    private volatile boolean up;
    private volatile String trouble;
    private volatile boolean closed;
    private IMqttToken goodbye;

    SharedLink(BrokerAddress address, LinkTuning tuning, ScheduledExecutorService thread) throws ConfigurationException {
        this.address = address;
        this.tuning = tuning;
        this.thread = thread;
        this.pauseMillis = tuning.firstPause().toMillis();
        this.trouble = "the broker " + address.url() + " has not answered yet";
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
            String id = address.clientId().isEmpty()
                    ? String.format("kelp-%010d", ThreadLocalRandom.current().nextLong(10_000_000_000L)) : address.clientId();
            client = new MqttAsyncClient(BrokerSockets.url(address.url()), id, new MemoryPersistence(), new ScheduledExecutorPingSender(thread));
        } catch (IOException | GeneralSecurityException | IllegalArgumentException | MqttException e) {
            throw new ConfigurationException("broker " + address.url() + " cannot be used: " + e.getMessage(), e);
        }
        client.setCallback(new Callback());
    }

    BrokerAddress address() {
        return address;
    }

    boolean isUsed() {
        return !shares.isEmpty();
    }

    void start() {
        thread.execute(this::connect);
    }

    Link share(Link.Watcher watcher, Consumer<SharedLink> whenUnused) {
        Share share = new Share(watcher, whenUnused);
        shares.add(share);
        return share;
    }

    private void connect() {
        if (closed || client.isConnected()) {
            return;
        }
        try {
            client.connect(options, null, new Outcome(token -> connected(), this::failed));
        } catch (MqttException e) {
            failed(e);
        }
    }

    private void connected() {
        LOG.info("Connected to MQTT broker {}", address);
        pauseMillis = tuning.firstPause().toMillis();
        synchronized (toSubscribe) {
            routes.filters().forEach(filter -> toSubscribe.computeIfAbsent(filter, f -> new ArrayList<>()));
        }
        subscribeWaiting(() -> {
            up = true;
            trouble = "";
            firstAttempt.countDown();
            shares.forEach(share -> share.watcher.up());
        });
    }

    private void failed(Throwable cause) {
        up = false;
        if (closed) {
            return;
        }
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String reason = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        String sentence = "the broker " + address.url() + " cannot be reached: " + reason;
        if (!sentence.equals(trouble)) {
            LOG.warn("MQTT: {}; trying again", sentence);
        }
        trouble = sentence;
        firstAttempt.countDown();
        publishing.forEach(waiting -> waiting.completeExceptionally(new IOException(sentence)));
        shares.forEach(share -> share.watcher.down(sentence));
        long pause = pauseMillis / 2 + ThreadLocalRandom.current().nextLong(pauseMillis / 2 + 1);
        pauseMillis = Math.min(tuning.longestPause().toMillis(), pauseMillis * 2);
        thread.schedule(this::connect, pause, TimeUnit.MILLISECONDS);
    }

    /** @param done runs when the broker has answered for all of them, or the connection is not lost before */
    private void subscribeWaiting(Runnable done) {
        Map<String, List<CompletableFuture<Void>>> waiting;
        synchronized (toSubscribe) {
            waiting = new LinkedHashMap<>(toSubscribe);
            toSubscribe.clear();
        }
        waiting.keySet().removeIf(filter -> routes.qos(filter) < 0); // closed meanwhile
        List<String> packet = new ArrayList<>();
        int bytes = 0;
        List<CompletableFuture<Void>> answers = new ArrayList<>();
        for (String filter : waiting.keySet()) {
            if (bytes > 0 && bytes + filter.length() * 3 > MOST_SUBSCRIBE_BYTES) {
                answers.add(subscribe(packet, waiting));
                packet = new ArrayList<>();
                bytes = 0;
            }
            packet.add(filter);
            bytes += filter.length() * 3 + 3;
        }
        if (!packet.isEmpty()) {
            answers.add(subscribe(packet, waiting));
        }
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).thenRun(() -> execute(() -> {
            if (client.isConnected()) {
                done.run();
            }
        }));
    }

    private CompletableFuture<Void> subscribe(List<String> filters, Map<String, List<CompletableFuture<Void>>> waiting) {
        CompletableFuture<Void> answered = new CompletableFuture<>();
        try {
            client.subscribe(filters.toArray(String[]::new), filters.stream().mapToInt(f -> Math.max(0, routes.qos(f))).toArray(), null,
                    new Outcome(token -> {
                        int[] granted = token.getGrantedQos();
                        for (int i = 0; i < filters.size(); i++) {
                            boolean refused = granted != null && i < granted.length && granted[i] == REFUSED;
                            granted(filters.get(i), refused, waiting.get(filters.get(i)));
                        }
                        answered.complete(null);
                    }, cause -> refused(filters, waiting, cause, answered)));
        } catch (MqttException e) {
            refused(filters, waiting, e, answered);
        }
        return answered;
    }

    private void granted(String filter, boolean refused, List<CompletableFuture<Void>> waiting) {
        if (refused) {
            LOG.warn("MQTT broker {} refuses the subscription of {}; grant it to the user of the device", address, filter);
            waiting.forEach(w -> w.completeExceptionally(new IOException("the broker " + address.url() + " refuses the subscription of " + filter)));
        } else {
            waiting.forEach(w -> w.complete(null));
        }
    }

    private void refused(List<String> filters, Map<String, List<CompletableFuture<Void>>> waiting, Throwable cause, CompletableFuture<Void> answered) {
        LOG.debug("Subscribing at MQTT broker {} failed: {}", address, cause.getMessage());
        if (client.isConnected()) { // Paho tells a single refused filter so
            filters.forEach(filter -> granted(filter, true, waiting.get(filter)));
        } else {
            synchronized (toSubscribe) { // with the next connection
                filters.forEach(f -> toSubscribe.computeIfAbsent(f, n -> new ArrayList<>()).addAll(waiting.get(f)));
            }
        }
        answered.complete(null);
    }

    private void unsubscribe(String filter) {
        if (routes.qos(filter) >= 0 || !client.isConnected()) {
            return;
        }
        try {
            client.unsubscribe(filter);
        } catch (MqttException e) {
            LOG.debug("Unsubscribing at MQTT broker {} failed: {}", address, e.getMessage()); // lost meanwhile, so it is gone anyway
        }
    }

    private void execute(Runnable what) {
        try {
            thread.execute(what);
        } catch (RejectedExecutionException e) {
            LOG.debug("MQTT broker {}: the mapper is ending", address);
        }
    }

    /** Ends it, without waiting. */
    void close() {
        beginClose();
        thread.schedule(() -> endClose(0), 1, TimeUnit.SECONDS);
    }

    void beginClose() {
        closed = true;
        up = false;
        publishing.forEach(waiting -> waiting.completeExceptionally(new IOException("the connection to " + address.url() + " is closed")));
        try {
            goodbye = client.isConnected() ? client.disconnect(0) : null;
        } catch (MqttException e) {
            LOG.debug("Leaving MQTT broker {} failed: {}", address, e.getMessage());
        }
    }

    void endClose(long waitNanos) {
        try {
            if (goodbye != null && waitNanos > 0) {
                goodbye.waitForCompletion(Math.max(1, waitNanos / 1_000_000));
            }
        } catch (MqttException e) {
            LOG.debug("MQTT broker {} does not say goodbye: {}", address, e.getMessage());
        }
        try {
            client.close(true);
        } catch (MqttException e) {
            LOG.debug("Leaving MQTT broker {} failed: {}", address, e.getMessage());
        }
    }

    /** What the library tells of an operation, on the mapper's thread. */
    private final class Outcome implements IMqttActionListener {

        private final Consumer<IMqttToken> done;
        private final Consumer<Throwable> failed;

        Outcome(Consumer<IMqttToken> done, Consumer<Throwable> failed) {
            this.done = done;
            this.failed = failed;
        }

        @Override
        public void onSuccess(IMqttToken token) {
            execute(() -> done.accept(token));
        }

        @Override
        public void onFailure(IMqttToken token, Throwable cause) {
            execute(() -> failed.accept(cause));
        }
    }

    private final class Callback implements MqttCallback {

        @Override
        public void connectionLost(Throwable cause) {
            execute(() -> failed(cause));
        }

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            routes.dispatch(new Message(topic, message.getPayload(), message.isRetained()));
        }

        @Override
        public void deliveryComplete(IMqttDeliveryToken token) {
            // each publication has its own listener
        }
    }

    private final class Share implements Link {

        private final Watcher watcher;
        private final Consumer<SharedLink> whenUnused;
        private final Map<Consumer<Message>, String> mine = new ConcurrentHashMap<>();
        private final AtomicBoolean over = new AtomicBoolean();

        Share(Watcher watcher, Consumer<SharedLink> whenUnused) {
            this.watcher = watcher;
            this.whenUnused = whenUnused;
        }

        @Override
        public CompletionStage<Void> subscribe(String filter, int qos, Consumer<Message> to) {
            Consumer<Message> own = to::accept; // the same consumer may have several filters
            mine.put(own, filter);
            routes.add(filter, qos, own);
            CompletableFuture<Void> granted = new CompletableFuture<>();
            synchronized (toSubscribe) {
                toSubscribe.computeIfAbsent(filter, f -> new ArrayList<>()).add(granted);
            }
            execute(() -> {
                if (up && client.isConnected()) {
                    subscribeWaiting(() -> { });
                }
            });
            return granted;
        }

        @Override
        public CompletionStage<Void> publish(String topic, byte[] payload, int qos, boolean retained) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            if (payload.length + topic.length() * 3 > tuning.mostBytes()) {
                done.completeExceptionally(new IOException("a message of " + payload.length + " bytes is larger than mostPacketBytes of the mapper"));
                return done;
            }
            publishing.add(done);
            done.whenComplete((nothing, failure) -> publishing.remove(done));
            try {
                client.publish(topic, payload, qos, retained, null, new IMqttActionListener() {
                    @Override
                    public void onSuccess(IMqttToken token) {
                        done.complete(null);
                    }

                    @Override
                    public void onFailure(IMqttToken token, Throwable cause) {
                        done.completeExceptionally(new IOException("the broker did not take a message on " + topic + ": " + cause.getMessage(), cause));
                    }
                });
            } catch (MqttException | IllegalArgumentException e) {
                done.completeExceptionally(new IOException(up ? "the broker " + address.url() + " takes no message on " + topic + ": " + e.getMessage()
                        : trouble, e));
            }
            return done;
        }

        @Override
        public boolean isUp() {
            return up;
        }

        @Override
        public String trouble() {
            return up ? "" : trouble;
        }

        @Override
        public boolean awaitUp(Duration most) throws InterruptedException {
            return firstAttempt.await(most.toMillis(), TimeUnit.MILLISECONDS) && up;
        }

        @Override
        public void close() {
            if (!over.compareAndSet(false, true)) {
                return;
            }
            mine.forEach((own, filter) -> {
                if (routes.remove(filter, own)) {
                    execute(() -> unsubscribe(filter));
                }
            });
            shares.remove(this);
            if (shares.isEmpty()) {
                whenUnused.accept(SharedLink.this);
            }
        }
    }
}
