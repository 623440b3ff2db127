package io.kelp.edged.internal.report;

import com.google.gson.JsonObject;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.edged.internal.pod.PodEvents;
import io.kelp.metamanager.MetaStore;
import io.kelp.metamanager.MetaStore.MetaObject;
import io.kelp.store.Durability;
import io.kelp.store.RecordCodec;
import io.kelp.store.RecordCollection;
import io.kelp.store.Store;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes kubelet's Events about the Node: it starts, the machine was rebooted, a condition has changed.
 * Conditions are those that the cloud shows, so an Event is never ahead of what {@code kubectl} says.
 */
public final class NodeEvents implements MetaStore.Listener, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NodeEvents.class);
    private static final String BOOT = "boot";
    private static final String PROCESS = "process";
    /** Condition and status, and kubelet's reason. */
    private static final Map<String, String> REASONS = Map.of("Ready True", "NodeReady", "Ready False", "NodeNotReady",
            "MemoryPressure True", "NodeHasInsufficientMemory", "MemoryPressure False", "NodeHasSufficientMemory",
            "DiskPressure True", "NodeHasDiskPressure", "DiskPressure False", "NodeHasNoDiskPressure",
            "PIDPressure True", "NodeHasInsufficientPID", "PIDPressure False", "NodeHasSufficientPID");

    private final PodEvents events;
    private final String node;
    private final AutoCloseable watch;
    private final Map<String, String> conditions = new HashMap<>(); // touched by the store's serial calls alone

    /**
     * @param bootId of the machine, empty when it has none
     * @param process which run of the gateway this is; a bundle that is swapped is no start
     */
    public NodeEvents(PodEvents events, Store store, MetaStore objects, String node, String bootId, String process) {
        this.events = events;
        this.node = node;
        RecordCollection<String> known = store.collection("edged.node", RecordCodec.text(), Durability.POWER);
        String bootBefore = known.get(BOOT).orElse("");
        if (!known.get(PROCESS).orElse("").equals(process)) {
            events.node("Normal", "Starting", "Starting Kelp.");
        }
        if (!bootBefore.isEmpty() && !bootId.isEmpty() && !bootBefore.equals(bootId)) {
            events.node("Warning", "Rebooted", "Node " + node + " has been rebooted, boot id: " + bootId);
        }
        known.apply(Map.of(BOOT, bootId, PROCESS, process)).whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.warn("Which boot of the machine this is could not be stored: {}", failure.getMessage());
            }
        });
        this.watch = objects.watch("node", this);
    }

    @Override
    public void close() {
        try {
            watch.close();
        } catch (Exception e) { // the declared type of AutoCloseable; the store's throws nothing checked
            LOG.debug("The watch ended badly: {}", e.getMessage());
        }
    }

    @Override
    public void changed(MetaObject object) {
        if (!object.name().equals(node)) {
            return;
        }
        for (JsonObject condition : Pod.objects(Pod.object(object.json(), "status"), "conditions")) {
            String type = Pod.text(condition, "type");
            String status = Pod.text(condition, "status");
            String reason = REASONS.get(type + " " + status);
            if (reason == null) {
                continue; // of others, or Unknown, which the node itself never says
            }
            String before = conditions.put(type, status);
            if (before != null && !before.equals(status)) {
                events.node("Normal", reason, "Node " + node + " status is now: " + reason);
            }
        }
    }

    @Override
    public void removed(MetaObject last) {
        if (last.name().equals(node)) {
            conditions.clear();
        }
    }
}
