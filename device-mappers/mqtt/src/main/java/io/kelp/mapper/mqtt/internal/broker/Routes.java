package io.kelp.mapper.mqtt.internal.broker;

import io.kelp.mapper.mqtt.internal.payload.Message;
import io.kelp.mapper.mqtt.internal.payload.Topics;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who wants which messages of one connection. Safe for use by several threads. */
final class Routes {

    private static final Logger LOG = LoggerFactory.getLogger(Routes.class);

    private final Map<String, Route> exact = new ConcurrentHashMap<>();
    private final Map<String, Route> wild = new ConcurrentHashMap<>();

    /** @param qos the highest that anybody asked for */
    private record Route(int qos, List<Consumer<Message>> to) {}

    void add(String filter, int qos, Consumer<Message> to) {
        table(filter).compute(filter, (f, before) -> {
            List<Consumer<Message>> all = before == null ? new CopyOnWriteArrayList<>() : before.to();
            all.add(to);
            return new Route(before == null ? qos : Math.max(qos, before.qos()), all);
        });
    }

    /** @return whether it was the last one */
    boolean remove(String filter, Consumer<Message> to) {
        return table(filter).computeIfPresent(filter, (f, route) -> {
            route.to().remove(to);
            return route.to().isEmpty() ? null : route;
        }) == null;
    }

    /** @return QoS, -1 when nobody wants it */
    int qos(String filter) {
        Route route = table(filter).get(filter);
        return route == null ? -1 : route.qos();
    }

    List<String> filters() {
        List<String> all = new java.util.ArrayList<>(exact.keySet());
        all.addAll(wild.keySet());
        return all;
    }

    void dispatch(Message message) {
        Route route = exact.get(message.topic());
        if (route != null) {
            hand(route, message);
        }
        for (Map.Entry<String, Route> entry : wild.entrySet()) {
            if (Topics.matches(entry.getKey(), message.topic())) {
                hand(entry.getValue(), message);
            }
        }
    }

    private static void hand(Route route, Message message) {
        for (Consumer<Message> to : route.to()) {
            try {
                to.accept(message);
            } catch (RuntimeException e) {
                // The client library would close the connection of all devices because of one.
                LOG.warn("A message on {} could not be taken", message.topic(), e);
            }
        }
    }

    private Map<String, Route> table(String filter) {
        return Topics.hasWildcard(filter) ? wild : exact;
    }
}
