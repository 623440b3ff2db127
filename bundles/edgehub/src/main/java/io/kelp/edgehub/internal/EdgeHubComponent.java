package io.kelp.edgehub.internal;

import io.kelp.control.LivenessProbe;
import io.kelp.control.MetricSource;
import io.kelp.control.StatusSource;
import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.CloudMessageHandler;
import io.kelp.edgehub.GatewayClock;
import io.kelp.edgehub.GatewayIdentity;
import io.kelp.message.Message;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.util.tracker.ServiceTracker;
import org.osgi.util.tracker.ServiceTrackerCustomizer;

/**
 * The hub in the framework.
 *
 * <p>Handlers are followed with a tracker, not a component reference, because every handler itself
 * refers to {@link CloudLink}: component references would make a circle.
 */
@Component(configurationPid = "io.kelp.edgehub", immediate = true,
        service = {CloudLink.class, GatewayIdentity.class, GatewayClock.class})
@Designate(ocd = HubConfig.class)
public final class EdgeHubComponent implements CloudLink, GatewayIdentity, GatewayClock {

    private final EdgeHub hub;
    private final ServiceRegistration<?> report;
    private final ServiceTracker<CloudMessageHandler, CloudMessageHandler> handlers;
    private volatile boolean stopped;

    @Activate
    public EdgeHubComponent(HubConfig config, BundleContext context) {
        String data = context.getProperty("kelp.data");
        if (data == null) {
            throw new IllegalStateException("framework property kelp.data is not set; start the gateway with bin/kelp");
        }
        this.hub = new EdgeHub(HubSettings.of(config), Path.of(data), InstantSource.system());
        this.report = context.registerService( // not this component: both APIs have a method status()
                new String[] {StatusSource.class.getName(), MetricSource.class.getName(), LivenessProbe.class.getName()},
                new HubReport(hub), null);
        this.handlers = new ServiceTracker<>(context, CloudMessageHandler.class, new Handlers(context, hub));
        hub.execute(() -> {
            handlers.open();
            if (stopped) {
                handlers.close(); // it was closed before it was open
                return;
            }
            hub.start();
        });
    }

    @Deactivate
    void stop() {
        stopped = true;
        report.unregister();
        handlers.close();
        hub.close();
    }

    @Override
    public Status status() {
        return hub.status();
    }

    @Override
    public boolean send(Message message) {
        return hub.send(message);
    }

    @Override
    public CompletionStage<Message> request(Message message, Duration timeout) {
        return hub.request(message, timeout);
    }

    @Override
    public void together(Runnable sends) {
        hub.together(sends);
    }

    @Override
    public String nodeName() {
        return hub.nodeName();
    }

    @Override
    public String nodeAddress() {
        return hub.nodeAddress();
    }

    @Override
    public Instant now() {
        return hub.now();
    }

    private record Handlers(BundleContext context, EdgeHub hub)
            implements ServiceTrackerCustomizer<CloudMessageHandler, CloudMessageHandler> {

        @Override
        public CloudMessageHandler addingService(ServiceReference<CloudMessageHandler> reference) {
            CloudMessageHandler handler = context.getService(reference);
            if (handler != null) {
                hub.add(handler, reference.getProperty(Constants.SERVICE_RANKING) instanceof Integer ranking ? ranking : 0);
            }
            return handler;
        }

        @Override
        public void modifiedService(ServiceReference<CloudMessageHandler> reference, CloudMessageHandler handler) {
            // the ranking counts from the beginning
        }

        @Override
        public void removedService(ServiceReference<CloudMessageHandler> reference, CloudMessageHandler handler) {
            hub.remove(handler);
            context.ungetService(reference);
        }
    }
}
