package io.kelp.devicetwin.internal;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.GatewayIdentity;
import io.kelp.edgehub.LinkException;
import io.kelp.eventbus.MqttBus;
import io.kelp.message.Message;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.osgi.util.converter.Converters;

/** The component with a link, a bus and a store in memory. */
final class Gateway implements AutoCloseable, CloudLink, MqttBus, GatewayIdentity {

    /** An MQTT message that went out. */
    record Published(String topic, JsonObject payload) {}

    final FakeStore store;
    final DeviceTwinComponent twins;
    private final String node;
    private final List<Published> published = new ArrayList<>();
    private final List<Message> sent = new ArrayList<>();
    private final Map<String, CompletableFuture<Message>> requests = new HashMap<>();
    /** Confirm each twin message at once, as a quick cloud does. */
    volatile boolean confirming = true;
    volatile boolean linkTakes = true;
    volatile boolean up;
    volatile Peer peer = Peer.KELP;

    Gateway(FakeStore store, String node, Map<String, ?> config) {
        this.store = store;
        this.node = node;
        twins = new DeviceTwinComponent(Converters.standardConverter().convert(config).to(DeviceTwinConfig.class), store);
        twins.setLink(this);
        twins.setMqtt(this);
        twins.setIdentity(this);
        twins.start();
    }

    static Gateway start() {
        return new Gateway(new FakeStore(), "edge-a", Map.of());
    }

    /** Killed and started again with what was stored. */
    Gateway restart() {
        Gateway next = new Gateway(store.copy(), node, Map.of());
        close();
        return next;
    }

    void connect(Peer newPeer) {
        peer = newPeer;
        up = true;
        twins.connected(newPeer);
        settle();
    }

    void disconnect() {
        up = false;
        twins.disconnected();
        settle();
    }

    /** Waits until all inputs so far have been dealt with. */
    void settle() {
        Message nothing = Message.create("devicecontroller", "twin", "response", "twin", new JsonPrimitive("OK")).respond(new JsonPrimitive("OK"));
        for (int i = 0; i < 2; i++) { // a confirmation that came meanwhile is an input, too
            await(twins.handle(nothing));
        }
    }

    static void await(CompletionStage<Void> stage) {
        try {
            stage.toCompletableFuture().get(5, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("not done: " + e, e);
        }
    }

    void mqtt(String topic, String payload) {
        twins.message(topic, payload.getBytes(StandardCharsets.UTF_8));
        settle();
    }

    /** A push of the cloud; returns when it is stored. */
    void push(String operation, String resource, JsonElement content) {
        await(twins.handle(Message.ofObject("devicecontroller", "resource", operation, resource, "1", content)));
        settle();
    }

    void twinMessage(String resource, String content) {
        await(twins.handle(Message.create("devicecontroller", "twin", "update", resource, json(content))));
        settle();
    }

    static JsonObject json(String text) {
        return JsonParser.parseString(text.replace('\'', '"')).getAsJsonObject();
    }

    synchronized List<Published> published() {
        List<Published> copy = List.copyOf(published);
        published.clear();
        return copy;
    }

    List<String> topics() {
        return published().stream().map(Published::topic).toList();
    }

    synchronized List<Message> sent() {
        List<Message> copy = List.copyOf(sent);
        sent.clear();
        return copy;
    }

    /** Newest actual value per device and property among messages to the cloud. */
    static Map<String, String> values(List<Message> messages) {
        Map<String, String> values = new HashMap<>();
        messages.stream().filter(m -> m.resource().endsWith("/edge_updated")).forEach(m ->
                m.content().getAsJsonObject().getAsJsonObject("twin").entrySet().forEach(e -> {
                    JsonObject actual = e.getValue().getAsJsonObject().getAsJsonObject("actual");
                    if (actual != null && actual.has("value")) {
                        values.put(m.resource().split("/twin")[0] + " " + e.getKey(), actual.get("value").getAsString());
                    }
                }));
        return values;
    }

    static DeviceId id(String name) {
        return new DeviceId("default", name);
    }

    String reported(String device, String property) {
        var twin = twins.device(id(device)).orElseThrow().twins().get(property);
        return twin == null || twin.reported() == null ? null : twin.reported().text();
    }

    String desired(String device, String property) {
        var twin = twins.device(id(device)).orElseThrow().twins().get(property);
        return twin == null || twin.desired() == null ? null : twin.desired().text();
    }

    @Override
    public boolean publish(String topic, byte[] payload) {
        JsonObject json = JsonParser.parseString(new String(payload, StandardCharsets.UTF_8)).getAsJsonObject();
        synchronized (this) {
            published.add(new Published(topic, json));
        }
        return true;
    }

    @Override
    public int port() {
        return 1883;
    }

    @Override
    public Status status() {
        return new Status(up ? State.CONNECTED : State.DISCONNECTED, Instant.EPOCH, up ? peer : null, "");
    }

    @Override
    public boolean send(Message message) {
        if (!up || !linkTakes) {
            return false;
        }
        synchronized (this) {
            sent.add(message);
        }
        return true;
    }

    void confirm(Message message) {
        answer(new Message(new Message.Header("c" + message.id(), message.id(), 0, ""),
                new Message.Route("devicecontroller", "twin", "response", "twin"), new JsonPrimitive("OK")));
    }

    void answer(Message answer) {
        CompletableFuture<Message> waiting;
        synchronized (this) {
            waiting = requests.remove(answer.parentId());
        }
        if (waiting != null) {
            waiting.complete(answer);
        }
    }

    @Override
    public CompletionStage<Message> request(Message message, Duration timeout) {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        synchronized (this) {
            requests.put(message.id(), answer);
        }
        if (!send(message)) {
            return CompletableFuture.failedFuture(new LinkException("there is no link"));
        }
        if (confirming) {
            confirm(message);
        }
        return answer.orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public String nodeName() {
        return node;
    }

    @Override
    public String nodeAddress() {
        return "127.0.0.1";
    }

    @Override
    public void close() {
        twins.stop();
    }
}
