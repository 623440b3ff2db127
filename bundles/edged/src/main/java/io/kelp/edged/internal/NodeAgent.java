package io.kelp.edged.internal;

import io.kelp.edged.WorkloadRuntime;
import io.kelp.edged.internal.eviction.Pressure;
import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.CloudMessageHandler;
import io.kelp.edgehub.GatewayClock;
import io.kelp.edgehub.GatewayIdentity;
import io.kelp.message.Message;
import io.kelp.metamanager.MetaStore;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Node without OSGi: one thread, on which registration and lease take their turns. */
final class NodeAgent implements CloudMessageHandler, MetaStore.Listener, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NodeAgent.class);

    private final ScheduledThreadPoolExecutor serial;
    private final Registration registration;
    private final LeaseKeeper lease;
    private final AutoCloseable watch;
    private final String node;

    NodeAgent(CloudLink link, GatewayIdentity identity, GatewayClock clock, MetaStore objects, Machine machine,
            NodeSettings settings, String version, Pressure pressure, Supplier<List<WorkloadRuntime>> runtimes) {
        this.node = identity.nodeName();
        this.serial = new ScheduledThreadPoolExecutor(1, r -> {
            Thread thread = new Thread(r, "kelp-edged");
            thread.setDaemon(true);
            return thread;
        });
        serial.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        this.lease = new LeaseKeeper(link, clock, settings.answer(), serial, node);
        NodeStatus statuses = new NodeStatus(machine, settings, version, pressure);
        statuses.look();
        this.registration = new Registration(link, identity, clock, objects, statuses,
                settings, machine.architecture(), runtimes, serial, lease::nodeIs);
        // Before the registration's turn, and also while there is no link: pods must give way then, too.
        serial.scheduleWithFixedDelay(guarded(statuses::look), settings.look().toMillis(), settings.look().toMillis(), TimeUnit.MILLISECONDS);
        serial.scheduleWithFixedDelay(guarded(registration::look), settings.look().toMillis(), settings.look().toMillis(), TimeUnit.MILLISECONDS);
        serial.scheduleAtFixedRate(guarded(lease::renew), settings.lease().toMillis(), settings.lease().toMillis(), TimeUnit.MILLISECONDS);
        this.watch = objects.watch("node", this);
    }

    /** The executor drops a task that throws; this must not happen to those that keep the node alive. */
    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) { // a defect of ours, or a foreign service that is going away
                LOG.error("Keeping the node failed once, going on", e);
            }
        };
    }

    @Override
    public void close() {
        try {
            watch.close();
        } catch (Exception e) { // the declared type of AutoCloseable; ours throws nothing checked
            LOG.debug("The watch ended badly: {}", e.getMessage());
        }
        serial.shutdownNow();
    }

    @Override
    public boolean claims(Message message) {
        return false; // it only wants to know of the link
    }

    @Override
    public CompletionStage<Void> handle(Message message) {
        return CompletableFuture.failedFuture(new IllegalStateException("edged takes no messages"));
    }

    @Override
    public void connected(CloudLink.Peer peer) {
        run(() -> {
            registration.connected();
            lease.connected();
        });
    }

    @Override
    public void disconnected() {
        run(() -> {
            registration.disconnected();
            lease.disconnected();
        });
    }

    @Override
    public void changed(MetaStore.MetaObject object) {
        if (object.name().equals(node)) {
            run(() -> registration.shown(object));
        }
    }

    @Override
    public void removed(MetaStore.MetaObject last) {
        if (last.name().equals(node)) {
            run(registration::removed);
        }
    }

    /** A runtime came or went. */
    void runtimesChanged() {
        run(registration::runtimesChanged);
    }

    private void run(Runnable task) {
        try {
            serial.execute(guarded(task));
        } catch (RejectedExecutionException e) {
            LOG.debug("edged is stopping: {}", e.getMessage());
        }
    }
}
