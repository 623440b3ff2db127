package io.kelp.eventbus.internal;

import com.google.gson.JsonObject;
import io.kelp.broker.EmbeddedBroker;
import io.kelp.control.MetricSource;
import io.kelp.control.Problem;
import io.kelp.control.StatusSource;
import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.CloudMessageHandler;
import io.kelp.eventbus.MqttBus;
import io.kelp.eventbus.TopicHandler;
import io.kelp.store.Durability;
import io.kelp.store.RecordCodec;
import io.kelp.store.Store;
import io.kelp.store.StoreException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.util.tracker.ServiceTracker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The event bus as a component.
 *
 * <p>It offers services to the same bundles whose services it takes (handlers of topics, the link to
 * the cloud). So that such pairs come up in any order it registers finished objects by hand and
 * tracks the handlers itself; as references and services of Declarative Services they would be circular.
 */
@Component(configurationPid = "io.kelp.eventbus", immediate = true, service = {})
@Designate(ocd = EventBusConfig.class)
public final class EventBusComponent implements StatusSource, MetricSource {

    private static final Logger LOG = LoggerFactory.getLogger(EventBusComponent.class);

    private final EventBusConfig config;
    private final BundleContext context;
    private final Dispatcher dispatcher;
    private final EventBus bus;
    private final CloudTopics cloudTopics;
    private final boolean external;
    private final Instant since = Instant.now();
    private final List<ServiceRegistration<?>> services = new ArrayList<>();
    private volatile String unusable = "";
    private volatile EmbeddedBroker broker;
    private volatile Store store;
    private volatile CloudLink link;
    private volatile boolean stopped;
    private ServiceTracker<TopicHandler, TopicHandler> handlers;

    @Activate
    public EventBusComponent(EventBusConfig config, BundleContext context) {
        this.config = config;
        this.context = context;
        this.external = !config.externalUrl().isBlank();
        this.dispatcher = new Dispatcher(config.queueMessages(), config.queueBytes());
        this.bus = new EventBus(dispatcher);
        this.cloudTopics = new CloudTopics(bus, config.uploadMessages(), config.uploadBytes(), config.maxCloudTopics());
    }

    @Activate
    void start() {
        if (external) {
            try {
                bus.use(Externals.open(config, dispatcher), () -> -1);
            } catch (IllegalArgumentException e) {
                unusable = e.getMessage();
                LOG.error("Event bus has no broker: {}", unusable);
            }
        }
        cloudTopics.start();
        services.add(context.registerService(MqttBus.class, bus, null));
        services.add(context.registerService(CloudMessageHandler.class, cloudTopics, null));
        services.add(context.registerService(new String[] {StatusSource.class.getName(), MetricSource.class.getName()}, this, null));
        handlers = new ServiceTracker<>(context, TopicHandler.class, null) {
            @Override
            public TopicHandler addingService(ServiceReference<TopicHandler> reference) {
                TopicHandler handler = super.addingService(reference);
                if (handler != null) {
                    bus.add(handler);
                }
                return handler;
            }

            @Override
            public void removedService(ServiceReference<TopicHandler> reference, TopicHandler handler) {
                bus.remove(handler);
                super.removedService(reference, handler);
            }
        };
        // Not here, where Declarative Services holds this component's lock: a handler may be activated by it.
        dispatcher.execute(() -> {
            handlers.open();
            if (stopped) {
                handlers.close(); // it was closed before it was open
            }
        });
    }

    @Deactivate
    void stop() {
        stopped = true;
        services.forEach(ServiceRegistration::unregister);
        dispatcher.stop();
        handlers.close();
        bus.close();
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    void bindBroker(EmbeddedBroker bound) {
        broker = bound;
        if (!external) {
            bus.use(new EmbeddedBackend(bound, dispatcher), bound::port);
        }
    }

    void unbindBroker(EmbeddedBroker unbound) {
        if (broker == unbound) {
            broker = null;
            if (!external) {
                bus.use(null, () -> -1);
            }
        }
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    void bindStore(Store bound) {
        try {
            cloudTopics.store(bound.collection("eventbus.topic", RecordCodec.text(), Durability.POWER));
            store = bound;
        } catch (StoreException e) {
            LOG.warn("Topics that the cloud subscribes do not outlast a restart: {}", e.getMessage());
        }
    }

    void unbindStore(Store unbound) {
        if (store == unbound) {
            store = null;
            cloudTopics.store(null);
        }
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    void bindLink(CloudLink bound) {
        link = bound;
        cloudTopics.link(bound);
    }

    void unbindLink(CloudLink unbound) {
        if (link == unbound) {
            link = null;
            cloudTopics.link(null);
        }
    }

    @Override
    public JsonObject status() {
        JsonObject part = new JsonObject();
        part.addProperty("broker", external ? config.externalUrl() : "embedded");
        part.addProperty("connected", bus.isConnected());
        part.addProperty("uploadsWaiting", cloudTopics.waiting());
        JsonObject status = new JsonObject();
        status.addProperty("mqttPort", bus.port());
        status.add("eventbus", part);
        return status;
    }

    @Override
    public List<Problem> problems() {
        String trouble = unusable.isEmpty() ? bus.trouble() : unusable;
        if (trouble.isEmpty()) {
            return List.of();
        }
        return List.of(new Problem("EVENTBUS-BROKER", trouble, external ? config.externalUrl() : "io.kelp.broker",
                external ? "Start that broker, or correct externalUrl, user name and TLS files of io.kelp.eventbus"
                        : "Start the bundle io.kelp.broker, or set externalUrl of io.kelp.eventbus", since));
    }

    @Override
    public void collect(Sink sink) {
        sink.gauge("kelp_eventbus_connected", "1 while the event bus has a broker.", bus.isConnected() ? 1 : 0);
        sink.gauge("kelp_eventbus_waiting_messages", "MQTT messages that wait for their handlers.", dispatcher.waiting());
        sink.counter("kelp_eventbus_received_total", "MQTT messages received.", dispatcher.received());
        sink.counter("kelp_eventbus_dropped_total", "MQTT messages dropped because their handlers were too slow.", dispatcher.dropped());
        sink.gauge("kelp_eventbus_waiting_uploads", "Messages that wait for the link to the cloud.", cloudTopics.waiting());
        sink.counter("kelp_eventbus_uploads_total", "Messages sent to the cloud's router.", cloudTopics.uploaded());
        sink.counter("kelp_eventbus_uploads_dropped_total", "Messages for the cloud dropped at the bound.", cloudTopics.dropped());
    }
}
