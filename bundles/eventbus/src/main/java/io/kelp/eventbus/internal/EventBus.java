package io.kelp.eventbus.internal;

import io.kelp.broker.TopicFilter;
import io.kelp.eventbus.MqttBus;
import io.kelp.eventbus.TopicHandler;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bus itself, whichever broker carries it. Safe for use by several threads. */
final class EventBus implements MqttBus, CloudTopics.Bus {

    private static final Logger LOG = LoggerFactory.getLogger(EventBus.class);

    private final Dispatcher dispatcher;
    private final Map<Object, Dispatcher.Route> routes = new ConcurrentHashMap<>();
    private volatile Backend backend; // null: no broker at present
    private volatile IntSupplier port = () -> -1;

    EventBus(Dispatcher dispatcher) {
        this.dispatcher = dispatcher;
    }

    /** @param newBackend null when there is no broker any more */
    void use(Backend newBackend, IntSupplier newPort) {
        Backend old = backend;
        backend = newBackend;
        port = newPort;
        if (old != null) {
            dispatcher.execute(old::close);
        }
        resubscribe();
    }

    void close() {
        Backend old = backend;
        backend = null;
        if (old != null) {
            old.close();
        }
    }

    void add(TopicHandler handler) {
        List<String> filters = handler.filters().stream().filter(filter -> {
            if (!TopicFilter.isFilter(filter)) {
                LOG.error("{} asks for \"{}\", which is no topic filter of MQTT", handler.getClass().getName(), filter);
                return false;
            }
            return true;
        }).toList();
        put(handler, new Dispatcher.Route(filters, handler::message));
    }

    void remove(TopicHandler handler) {
        Dispatcher.Route route = routes.remove(handler);
        if (route != null) {
            dispatcher.remove(route);
            resubscribe();
        }
    }

    @Override
    public boolean publish(String topic, byte[] payload) {
        Backend current = backend;
        return current != null && TopicFilter.isName(topic) && current.publish(topic, payload);
    }

    @Override
    public boolean isWanted(String topic) {
        Backend current = backend;
        return current == null || current.isWanted(topic);
    }

    @Override
    public int port() {
        return port.getAsInt();
    }

    boolean isConnected() {
        Backend current = backend;
        return current != null && current.isConnected();
    }

    String trouble() {
        Backend current = backend;
        return current == null ? "The gateway's own MQTT broker is not running" : current.trouble();
    }

    @Override
    public void execute(Runnable task) {
        dispatcher.execute(task);
    }

    @Override
    public void schedule(Runnable task, long millis) {
        dispatcher.schedule(task, millis);
    }

    @Override
    public void receive(List<String> filters, Dispatcher.Receiver receiver) {
        put(CloudTopics.class, new Dispatcher.Route(List.copyOf(filters), receiver));
    }

    private void put(Object owner, Dispatcher.Route route) {
        Dispatcher.Route old = routes.put(owner, route);
        dispatcher.add(route);
        if (old != null) {
            dispatcher.remove(old);
        }
        resubscribe();
    }

    /** On the bus's thread, so that the last one to ask also wins at the broker. */
    private void resubscribe() {
        dispatcher.execute(() -> {
            Backend current = backend;
            if (current != null) {
                current.subscribe(dispatcher.filters());
            }
        });
    }
}
