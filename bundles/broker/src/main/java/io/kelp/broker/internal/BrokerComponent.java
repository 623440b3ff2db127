package io.kelp.broker.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.kelp.broker.EmbeddedBroker;
import io.kelp.broker.TopicFilter;
import io.kelp.broker.internal.core.Broker;
import io.kelp.broker.internal.core.Budget;
import io.kelp.broker.internal.core.Client;
import io.kelp.broker.internal.core.Counters;
import io.kelp.broker.internal.core.Credentials;
import io.kelp.broker.internal.core.Limits;
import io.kelp.broker.internal.net.MqttServer;
import io.kelp.control.MetricSource;
import io.kelp.control.Problem;
import io.kelp.control.StatusSource;
import io.kelp.store.Store;
import io.kelp.store.StoreException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The broker as a component: configuration in, services out; the work is done on the broker's thread. */
@Component(configurationPid = "io.kelp.broker", immediate = true,
        service = {EmbeddedBroker.class, StatusSource.class, MetricSource.class})
@Designate(ocd = BrokerConfig.class)
public final class BrokerComponent implements EmbeddedBroker, StatusSource, MetricSource {

    private static final Logger LOG = LoggerFactory.getLogger(BrokerComponent.class);

    private final Counters counters = new Counters();
    private final AtomicLong insideBytes = new AtomicLong();
    private final Budget budget;
    private final Limits limits;
    private final Broker broker;
    private final StoreJournal journal;
    private final MqttServer server;
    private final List<Problem> refused;
    private volatile Store store;
    private volatile StoreJournal.Collections collections;
    private volatile boolean restored; // all sessions there were before the start are here again
    private volatile Gauges gauges = new Gauges(0, 0, 0, List.of(), Instant.now());

    /** What the broker's thread shows to others. */
    private record Gauges(int sessions, int subscriptions, int retained, List<String> contested, Instant since) {}

    @Activate
    public BrokerComponent(BrokerConfig config) {
        limits = new Limits(config.maxConnections(), config.maxPacketBytes(), config.maxSessions(),
                config.maxQueuedMessages(), config.maxQueuedBytes(), config.maxInflight(), config.maxRetained(),
                config.maxRetainedBytes(), config.maxSubscriptionsPerClient(), config.maxSubscriptions(),
                config.maxTopicLevels(), config.maxOutputBytes(), config.maxBufferedBytes());
        budget = new Budget(limits.maxBufferedBytes());
        journal = new StoreJournal(config.storeMillis());
        Credentials credentials = config.username().isEmpty()
                ? Credentials.NOBODY : new PasswordCheck(config.username(), config._password());
        broker = new Broker(limits, budget, counters, journal, credentials, System.nanoTime());
        Addresses addresses = Addresses.of(config);
        refused = addresses.refused();
        refused.forEach(problem -> LOG.warn("{}. {}", problem.sentence(), problem.remedy()));
        server = new MqttServer(broker, limits, budget, counters, addresses.listen(), this::chores);
    }

    /** Starts serving, once the store that is present has been bound. */
    @Activate
    public void start() {
        server.start();
    }

    /** Ends the broker's thread and all connections; wills are published, sessions stored. */
    @Deactivate
    public void stop() {
        server.stop();
        journal.write(); // the broker's thread has ended
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    void bindStore(Store bound) {
        try {
            StoreJournal.Collections opened = StoreJournal.Collections.open(bound);
            store = bound;
            collections = opened;
            server.submit(() -> {
                journal.attach(opened, broker);
                restored = true;
            });
        } catch (StoreException e) {
            LOG.warn("MQTT sessions and retained messages are not stored: {}", e.getMessage());
        }
    }

    void unbindStore(Store unbound) {
        if (store == unbound) {
            StoreJournal.Collections closed = collections;
            store = null;
            collections = null;
            server.submit(() -> journal.detach(closed));
        }
    }

    @Override
    public boolean publish(String topic, byte[] payload, int qos, boolean retain) {
        if (!TopicFilter.isName(topic) || TopicFilter.levels(topic) > limits.maxTopicLevels() || qos < 0 || qos > 2) {
            throw new IllegalArgumentException("cannot publish to \"" + topic + "\" with QoS " + qos);
        }
        int size = topic.length() + payload.length;
        if (insideBytes.addAndGet(size) - size > limits.maxBufferedBytes() || !server.submit(() -> {
            insideBytes.addAndGet(-size);
            broker.publishInside(topic, payload, qos, retain);
        })) {
            insideBytes.addAndGet(-size);
            counters.droppedInside.increment();
            return false;
        }
        return true;
    }

    @Override
    public AutoCloseable subscribe(String filter, Listener listener) {
        if (!TopicFilter.isFilter(filter) || TopicFilter.levels(filter) > limits.maxTopicLevels()) {
            throw new IllegalArgumentException("cannot subscribe to \"" + filter + "\"");
        }
        server.submit(() -> broker.subscribeInside(filter, listener));
        AtomicBoolean open = new AtomicBoolean(true);
        return () -> {
            if (open.compareAndSet(true, false)) {
                server.submit(() -> broker.unsubscribeInside(filter, listener));
            }
        };
    }

    @Override
    public boolean isWanted(String topic) {
        return !restored || broker.isWanted(topic);
    }

    @Override
    public int port() {
        return server.port();
    }

    @Override
    public JsonObject status() {
        JsonObject part = new JsonObject();
        JsonArray ports = new JsonArray();
        server.ports().forEach(ports::add);
        part.add("ports", ports);
        part.addProperty("connections", server.connections());
        part.addProperty("sessions", gauges.sessions());
        part.addProperty("subscriptions", gauges.subscriptions());
        part.addProperty("retained", gauges.retained());
        part.addProperty("bufferedBytes", budget.used());
        part.addProperty("stored", collections != null && !journal.isFailing());
        JsonObject status = new JsonObject();
        status.add("broker", part);
        return status;
    }

    @Override
    public List<Problem> problems() {
        List<Problem> problems = new ArrayList<>(refused);
        problems.addAll(server.problems());
        for (String clientId : gauges.contested()) {
            String name = Client.printable(clientId);
            problems.add(new Problem("BROKER-CLIENT-ID",
                    "Two MQTT clients use the client id \"" + name + "\" and disconnect each other again and again",
                    name, "Give each of them a client id of its own", gauges.since()));
        }
        return problems;
    }

    @Override
    public void collect(Sink sink) {
        sink.gauge("kelp_broker_connections", "MQTT clients connected.", server.connections());
        sink.gauge("kelp_broker_sessions", "MQTT sessions, connected or not.", gauges.sessions());
        sink.gauge("kelp_broker_subscriptions", "Topic filters of all clients.", gauges.subscriptions());
        sink.gauge("kelp_broker_retained_messages", "Retained messages.", gauges.retained());
        sink.gauge("kelp_broker_buffered_bytes", "Bytes that wait for clients.", budget.used());
        sink.counter("kelp_broker_messages_received_total", "Messages published.", counters.received.sum());
        sink.counter("kelp_broker_messages_sent_total", "Messages sent to clients.", counters.sent.sum());
        sink.counter("kelp_broker_messages_dropped_total", "Messages dropped at a bound.", counters.droppedQos0.sum(), "reason", "slow client, QoS 0");
        sink.counter("kelp_broker_messages_dropped_total", "Messages dropped at a bound.", counters.droppedQueued.sum(), "reason", "queue full, QoS 1 or 2");
        sink.counter("kelp_broker_messages_dropped_total", "Messages dropped at a bound.", counters.droppedInside.sum(), "reason", "broker busy or stopped");
        sink.counter("kelp_broker_messages_dropped_total", "Messages dropped at a bound.", counters.refusedRetained.sum(), "reason", "not retained");
        sink.counter("kelp_broker_sessions_evicted_total", "Sessions given up for new ones.", counters.evictedSessions.sum());
        sink.counter("kelp_broker_connections_refused_total", "Connections refused.", counters.refusedConnections.sum());
        sink.counter("kelp_broker_connections_malformed_total", "Connections closed for breaking the protocol.", counters.malformed.sum());
        sink.counter("kelp_broker_take_overs_total", "Connections closed because their client id connected again.", counters.takeOvers.sum());
    }

    private long chores(Broker running, long now) {
        Gauges old = gauges;
        List<String> contested = running.contestedClientIds(now);
        if (old.sessions() != running.sessions() || old.subscriptions() != running.subscriptions()
                || old.retained() != running.retained().size() || !old.contested().equals(contested)) {
            Instant since = old.contested().equals(contested) ? old.since() : Instant.now();
            gauges = new Gauges(running.sessions(), running.subscriptions(), running.retained().size(), contested, since);
        }
        return journal.run(running, now);
    }
}
