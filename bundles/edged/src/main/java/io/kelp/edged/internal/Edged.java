package io.kelp.edged.internal;

import io.kelp.edged.WorkloadRuntime;
import io.kelp.edged.internal.eviction.Pressure;
import io.kelp.edged.internal.eviction.PressureSource;
import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.CloudMessageHandler;
import io.kelp.edgehub.GatewayClock;
import io.kelp.edgehub.GatewayIdentity;
import io.kelp.message.Message;
import io.kelp.metamanager.MetaStore;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.Designate;

/** The gateway as a Node, in the framework. */
@Component(configurationPid = "io.kelp.edged", immediate = true, service = {CloudMessageHandler.class, PressureSource.class})
@Designate(ocd = NodeConfig.class)
public final class Edged implements CloudMessageHandler, PressureSource {

    private final List<WorkloadRuntime> runtimes = new CopyOnWriteArrayList<>();
    private final Pressure pressure = new Pressure();
    private final NodeAgent agent;

    @Activate
    public Edged(NodeConfig config, BundleContext context, @Reference CloudLink link, @Reference GatewayIdentity identity,
            @Reference GatewayClock clock, @Reference MetaStore objects) {
        String data = context.getProperty("kelp.data");
        if (data == null) {
            throw new IllegalStateException("framework property kelp.data is not set; start the gateway with bin/kelp");
        }
        Version version = context.getBundle().getVersion();
        agent = new NodeAgent(link, identity, clock, objects, new Machine(Path.of("/"), Path.of(data)), NodeSettings.of(config),
                version.getMajor() + "." + version.getMinor() + "." + version.getMicro(), pressure,
                this::runtimes);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addRuntime(WorkloadRuntime runtime) {
        runtimes.add(runtime);
        agent.runtimesChanged();
    }

    void removeRuntime(WorkloadRuntime runtime) {
        runtimes.remove(runtime);
        agent.runtimesChanged();
    }

    @Override
    public Pressure pressure() {
        return pressure;
    }

    private List<WorkloadRuntime> runtimes() {
        return runtimes.stream().sorted(Comparator.comparing(WorkloadRuntime::handler)).toList();
    }

    @Deactivate
    void stop() {
        agent.close();
    }

    @Override
    public boolean claims(Message message) {
        return agent.claims(message);
    }

    @Override
    public CompletionStage<Void> handle(Message message) {
        return agent.handle(message);
    }

    @Override
    public void connected(CloudLink.Peer peer) {
        agent.connected(peer);
    }

    @Override
    public void disconnected() {
        agent.disconnected();
    }
}
