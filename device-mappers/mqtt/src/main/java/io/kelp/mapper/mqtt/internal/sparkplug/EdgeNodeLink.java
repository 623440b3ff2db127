package io.kelp.mapper.mqtt.internal.sparkplug;

import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Reading;
import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.mqtt.internal.broker.BrokerAddress;
import io.kelp.mapper.mqtt.internal.broker.LinkTuning;
import io.kelp.mapper.mqtt.internal.broker.WillClient;
import io.kelp.mapper.mqtt.internal.payload.MalformedPayloadException;
import io.kelp.mapper.mqtt.internal.payload.Message;
import io.kelp.mapper.mqtt.internal.sparkplug.SparkplugTopic.Type;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The edge node on its connection: one thread of its own, on which all that {@link EdgeNode} says happens in order. */
final class EdgeNodeLink implements WillClient.Owner {

    private static final Logger LOG = LoggerFactory.getLogger(EdgeNodeLink.class);
    private static final int MOST_COMMANDS_WAITING = 1_000;
    private static final long STATES_MILLIS = 1_000;
    private static final long REBIRTH_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /** Where devices and values come from. */
    interface Source {

        /** Hands over all that has changed. */
        void drain(Sink sink);

        Optional<Device> now(DeviceId id);

        void command(EdgeNode.Command command);

        /** Gets what has changed. */
        interface Sink {
            void changed(Device device);

            void removed(DeviceId id);

            void reported(DeviceId id, String property, Reading reading);
        }
    }

    private final PublisherConfig config;
    private final Source source;
    private final ScheduledThreadPoolExecutor thread;
    private final EdgeNode node;
    private final HostState host = new HostState();
    private final Map<DeviceId, String> states = new LinkedHashMap<>();
    private final AtomicInteger waitingMessages = new AtomicInteger();
    private final WillClient client;
    private boolean connected;
    private boolean speaking;
    private long lastRebirth;
    private boolean rebirthWaits;

    EdgeNodeLink(PublisherConfig config, BrokerAddress address, Source source) throws ConfigurationException {
        this.config = config;
        this.source = source;
        thread = new ScheduledThreadPoolExecutor(1, task -> new Thread(task, "kelp-sparkplug"));
        thread.setRemoveOnCancelPolicy(true);
        // Another number than the last process had, whose death may still be on its way.
        node = new EdgeNode(config.group(), config.node(), (int) (System.currentTimeMillis() / 1000), InstantSource.system());
        client = new WillClient(address, "kelp-" + config.group() + "-" + config.node(),
                new LinkTuning(Duration.ofSeconds(config.keepAliveSeconds()), FIRST_PAUSE, LONGEST_PAUSE, config.mostMessageBytes()), thread, this);
    }

    void start() {
        thread.execute(client::connect);
        thread.scheduleWithFixedDelay(this::look, STATES_MILLIS, STATES_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Something has changed: it is taken in a moment, together with what comes until then. */
    void gather() {
        try {
            thread.schedule(this::take, config.gatherMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("Sparkplug: a change came while this ends");
        }
    }

    void close() {
        try {
            thread.submit(() -> {
                if (connected && speaking) {
                    send(List.of(node.death()));
                }
                client.close();
            }).get(3, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            LOG.debug("Sparkplug: no goodbye: {}", e.toString());
        }
        thread.shutdownNow();
    }

    // --- on the thread ---

    private void take() {
        source.drain(new Source.Sink() {
            @Override
            public void changed(Device device) {
                states.put(device.id(), device.state());
                send(node.changed(device));
            }

            @Override
            public void removed(DeviceId id) {
                states.remove(id);
                send(node.removed(id));
            }

            @Override
            public void reported(DeviceId id, String property, Reading reading) {
                node.reported(id, property, reading);
            }
        });
        if (node.anyChange()) {
            send(node.changes());
        }
    }

    /** The twins tell no change of a device's state, so it is looked at. */
    private void look() {
        try {
            for (Map.Entry<DeviceId, String> entry : states.entrySet()) {
                Optional<Device> now = source.now(entry.getKey()).filter(device -> !device.state().equals(entry.getValue()));
                now.ifPresent(device -> {
                    entry.setValue(device.state());
                    send(node.changed(device));
                });
            }
            if (rebirthWaits && System.nanoTime() - lastRebirth >= REBIRTH_PAUSE_NANOS) {
                speak();
            }
        } catch (RuntimeException e) { // the executor would never look again
            LOG.warn("Sparkplug: the states of devices could not be looked at", e);
        }
    }

    private void speak() {
        rebirthWaits = false;
        if (connected && (config.primaryHost().isEmpty() || host.online())) {
            speaking = true;
            lastRebirth = System.nanoTime();
            send(node.birth());
        }
    }

    private void send(List<EdgeNode.Outgoing> messages) {
        for (EdgeNode.Outgoing message : messages) {
            if (!connected || !client.publish(message.topic().toString(), PayloadCodec.encode(message.payload()))) {
                return; // the next connection begins with births, which tell all
            }
        }
    }

    @Override
    public WillClient.Will will() {
        EdgeNode.Outgoing death = node.nextDeath();
        return new WillClient.Will(death.topic().toString(), PayloadCodec.encode(death.payload()));
    }

    @Override
    public List<String> filters() {
        SparkplugTopic command = new SparkplugTopic(config.group(), Type.NCMD, config.node(), "");
        SparkplugTopic device = new SparkplugTopic(config.group(), Type.DCMD, config.node(), "+");
        return config.primaryHost().isEmpty() ? List.of(command.toString(), device.toString())
                : List.of(command.toString(), device.toString(), HostState.topic(config.primaryHost()));
    }

    @Override
    public void up() {
        connected = true;
        host.forget();
        take(); // so that the births tell what is there
        speak();
    }

    @Override
    public void down() {
        connected = false;
        speaking = false;
        node.silence();
    }

    /** On the thread of the client library. */
    @Override
    public void message(Message message) {
        if (waitingMessages.incrementAndGet() > MOST_COMMANDS_WAITING) {
            waitingMessages.decrementAndGet();
            LOG.warn("Sparkplug: more than {} commands wait; one is dropped", MOST_COMMANDS_WAITING);
            return;
        }
        try {
            thread.execute(() -> {
                waitingMessages.decrementAndGet();
                taken(message);
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("Sparkplug: a command came while this ends");
        }
    }

    private void taken(Message message) {
        if (message.topic().equals(HostState.topic(config.primaryHost()))) {
            if (host.take(message)) {
                LOG.info("Sparkplug: primary host {} is {}", config.primaryHost(), host.online() ? "there" : "away");
                if (host.online()) {
                    speak();
                } else if (speaking) {
                    // Section 5.4: the node says goodbye, and comes again with the next connection.
                    speaking = false;
                    send(List.of(node.death()));
                    node.silence();
                    client.reconnect();
                }
            }
            return;
        }
        Optional<SparkplugTopic> topic = SparkplugTopic.parse(message.topic());
        try {
            Payload payload = PayloadCodec.decode(message.payload());
            if (topic.isPresent() && EdgeNode.asksRebirth(topic.get(), payload)) {
                rebirthWaits = true;
                if (System.nanoTime() - lastRebirth >= REBIRTH_PAUSE_NANOS) {
                    speak();
                }
            } else if (topic.isPresent()) {
                node.commands(topic.get(), payload).forEach(source::command);
            }
        } catch (MalformedPayloadException e) {
            LOG.info("Sparkplug: a command on {} is not taken: {}", message.topic(), e.getMessage());
        }
    }
}
