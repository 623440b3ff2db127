package io.kelp.cloud.history;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import io.kelp.cloud.hub.Delivery;
import io.kelp.cloud.hub.GatewayObject;
import io.kelp.cloud.hub.NodeSession;
import io.kelp.cloud.hub.ObjectSource;
import io.kelp.cloud.hub.UpstreamHandler;
import io.kelp.message.Message;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What a property was. Gateways keep it; here are the last minutes, for the time while a gateway is away, and nothing more. Safe for use by
 * several threads; no method blocks.
 */
public final class PropertyHistory implements UpstreamHandler, ObjectSource {

    /** Points of one answer at most. */
    public static final int MOST = 2000;

    private static final String KELP = "kelp";
    private static final String DEVICE = "device";
    private static final int PER_GATEWAY = 4;
    private static final int IN_ALL = 200;
    private static final int SERIES = 2000;
    private static final int MAX_TEXT = 8192;
    private static final long PLAUSIBLE_FROM = 1_577_836_800_000L; // 2020, gateways without a battery begin in 1970
    private static final long PLAUSIBLE_AHEAD = TimeUnit.HOURS.toMillis(1);

    /**
     * A time of a property.
     *
     * @param points {@code [ms, count, min, mean, max]} or {@code [ms, count, text]}, oldest first
     * @param note why it may not be all, a sentence for people; empty when the gateway told it
     */
    public record History(JsonArray points, String note) {}

    /** Too many histories are asked for at a time; the message is a sentence for people. */
    public static final class BusyException extends Exception {
        private static final long serialVersionUID = 1;

        BusyException(String message) {
            super(message);
        }
    }

    private record Query(String node, String resource, String property, int most, JsonArray points, CompletableFuture<JsonArray> done) {}

    private final Delivery delivery;
    private final RecentValues recent;
    private final LongSupplier clock;
    private final long timeoutMillis;
    private final Map<String, Query> queries = new ConcurrentHashMap<>();
    private final Map<String, Long> connected = new ConcurrentHashMap<>();
    private volatile Consumer<String> connectedListener = node -> { };

    public PropertyHistory(Delivery delivery) {
        this(delivery, new RecentValues(SERIES, System::nanoTime), System::currentTimeMillis, TimeUnit.SECONDS.toMillis(10));
    }

    /** @param clock Unix time in milliseconds */
    PropertyHistory(Delivery delivery, RecentValues recent, LongSupplier clock, long timeoutMillis) {
        this.delivery = delivery;
        this.recent = recent;
        this.clock = clock;
        this.timeoutMillis = timeoutMillis;
    }

    /** A value was reported. @param millis Unix time by the clock of the gateway, 0 when unknown */
    public void reported(String namespace, String device, String property, String value, long millis) {
        long now = clock.getAsLong();
        recent.add(key(namespace, device, property), value, millis < PLAUSIBLE_FROM || millis > now + PLAUSIBLE_AHEAD ? now : millis);
    }

    /** @param listener told the node when a gateway has connected: what was missed can be asked for now; must not block */
    public void onConnected(Consumer<String> listener) {
        connectedListener = listener;
    }

    /** Since when a gateway is connected to this replica, Unix time in milliseconds; 0 when it is not. */
    public long connectedSince(String node) {
        return delivery.isConnected(node) ? connected.getOrDefault(node, 0L) : 0;
    }

    /**
     * Asks for a time of a property.
     *
     * @param node the gateway of the device, empty when it has none
     * @param fromMillis Unix time, included
     * @param toMillis Unix time, excluded
     * @param most points, at most {@link #MOST}
     * @return fails with {@link BusyException}; a gateway that cannot be asked or does not answer leads to a note
     */
    public CompletableFuture<History> ask(String node, String namespace, String device, String property, long fromMillis, long toMillis, int most) {
        String refusal = reason(node);
        if (!refusal.isEmpty()) {
            return CompletableFuture.completedFuture(fromMemory(namespace, device, property, fromMillis, toMillis, refusal));
        }
        String id = UUID.randomUUID().toString();
        Query query = new Query(node, namespace + "/device/" + device, property, Math.max(1, Math.min(MOST, most)), new JsonArray(), new CompletableFuture<>());
        synchronized (this) {
            if (queries.size() >= IN_ALL || queries.values().stream().filter(other -> other.node().equals(node)).count() >= PER_GATEWAY) {
                return CompletableFuture.failedFuture(new BusyException("Gateway " + node + " is being asked for " + PER_GATEWAY
                        + " histories already, or others for very many; try again in a moment."));
            }
            queries.put(id, query);
        }
        JsonObject content = new JsonObject();
        content.addProperty("id", id);
        content.addProperty("property", property);
        content.addProperty("from", fromMillis);
        content.addProperty("to", toMillis);
        content.addProperty("most", query.most());
        if (!delivery.send(node, Message.create(KELP, DEVICE, "history", query.resource(), content))) {
            query.done().cancel(false);
        }
        return query.done().orTimeout(timeoutMillis, TimeUnit.MILLISECONDS).handle((points, problem) -> {
            queries.remove(id);
            return problem == null ? new History(withRecent(points, namespace, device, property, fromMillis, toMillis), "")
                    : fromMemory(namespace, device, property, fromMillis, toMillis, "Gateway " + node + " did not answer");
        });
    }

    private String reason(String node) {
        if (node.isEmpty()) {
            return "The device is on no gateway";
        }
        if (!delivery.isConnected(node)) {
            return "Gateway " + node + " is not connected here";
        }
        return delivery.isKelp(node) ? "" : "Gateway " + node + " runs KubeEdge, which keeps no history";
    }

    private History fromMemory(String namespace, String device, String property, long fromMillis, long toMillis, String reason) {
        return new History(recent.points(key(namespace, device, property), fromMillis, toMillis), reason + "; shown is what this cloud service has heard itself.");
    }

    /** A gateway may not have put away its very last values yet. */
    private JsonArray withRecent(JsonArray points, String namespace, String device, String property, long fromMillis, long toMillis) {
        long last = points.isEmpty() ? fromMillis - 1 : points.get(points.size() - 1).getAsJsonArray().get(0).getAsLong();
        JsonArray all = points.deepCopy();
        all.addAll(recent.points(key(namespace, device, property), last + 1, toMillis));
        return all;
    }

    private static String key(String namespace, String device, String property) {
        return namespace + "/" + device + "/" + property;
    }

    /** Queries on their way. */
    public int pending() {
        return queries.size();
    }

    // ---- from gateways ----

    @Override
    public boolean claims(Message message) {
        return message.source().equals(KELP) && message.group().equals(DEVICE) && message.operation().equals("points");
    }

    @Override
    public void handle(NodeSession session, Message message) {
        JsonObject content = read(message);
        Query query = content.get("id") instanceof JsonPrimitive id ? queries.get(id.getAsString()) : null;
        if (query == null || !query.node().equals(session.node()) || !query.resource().equals(message.resource())) {
            return; // nobody waits for it any more
        }
        synchronized (query) {
            if (content.get("points") instanceof JsonArray points) {
                for (JsonElement point : points) {
                    if (query.points().size() < query.most() && isPoint(point)) {
                        query.points().add(point);
                    }
                }
            }
            boolean more = content.get("complete") instanceof JsonPrimitive complete && !complete.getAsBoolean();
            if (!more) {
                query.done().complete(query.points());
            }
        }
    }

    private static boolean isPoint(JsonElement element) {
        if (!(element instanceof JsonArray point) || point.size() != 5 && point.size() != 3) {
            return false;
        }
        for (int i = 0; i < point.size(); i++) {
            if (!(point.get(i) instanceof JsonPrimitive value) || (i == 2 && point.size() == 3 ? !value.isString() || value.getAsString().length() > MAX_TEXT : !value.isNumber())) {
                return false;
            }
        }
        return true;
    }

    private static JsonObject read(Message message) {
        try {
            return message.contentAsJson() instanceof JsonObject object ? object : new JsonObject();
        } catch (JsonParseException e) {
            return new JsonObject();
        }
    }

    // ---- of the hub: to know when a gateway is back ----

    @Override
    public Collection<String> types() {
        return List.of();
    }

    @Override
    public Collection<GatewayObject> objectsFor(String node) {
        return List.of();
    }

    @Override
    public boolean isComplete() {
        return true;
    }

    @Override
    public List<Message> onConnect(NodeSession session) {
        connected.keySet().removeIf(node -> !delivery.isConnected(node));
        connected.put(session.node(), clock.getAsLong());
        connectedListener.accept(session.node());
        return List.of();
    }
}
