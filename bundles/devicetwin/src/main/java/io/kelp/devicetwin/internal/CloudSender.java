package io.kelp.devicetwin.internal;

import com.google.gson.JsonPrimitive;
import io.kelp.edgehub.CloudLink;
import io.kelp.message.Message;
import io.kelp.message.Operation;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends up what the devices have to say, the newest values of one device after the other, and takes confirmations. Belongs
 * to the thread of the engine.
 */
final class CloudSender {

    private static final Logger LOG = LoggerFactory.getLogger(CloudSender.class);

    private final DeviceTable table;
    private final Supplier<CloudLink> link;
    private final Supplier<String> node;
    private final LongSupplier clock;
    private final LongSupplier nanos;
    private final long retryNanos;

    /** Devices that have something to say and nothing under way; first come, first served. */
    private final Set<DeviceEntry> waiting = new LinkedHashSet<>();
    private final Map<String, DeviceEntry> underWay = new HashMap<>();
    private boolean linked;
    private boolean kelpCloud;
    private volatile long sent; // written by one thread
    private volatile long confirmed;
    private volatile long refused;

    CloudSender(DeviceTable table, Supplier<CloudLink> link, Supplier<String> node, LongSupplier clock, LongSupplier nanos, long retryNanos) {
        this.table = table;
        this.link = link;
        this.node = node;
        this.clock = clock;
        this.nanos = nanos;
        this.retryNanos = retryNanos;
    }

    long sent() {
        return sent;
    }

    long confirmedMessages() {
        return confirmed;
    }

    long refusedMessages() {
        return refused;
    }

    /** All that is not confirmed has to be told again. */
    void connected(CloudLink.Peer peer) {
        disconnected();
        linked = true;
        kelpCloud = peer == CloudLink.Peer.KELP;
        table.devices().stream().filter(entry -> entry.upward.isDirty()).forEach(waiting::add);
        if (!kelpCloud) {
            String content = TwinPayloads.text(json -> json.name("event_type").value("group_membership_event")
                    .name("event_id").value(UUID.randomUUID().toString()).name("group_id").value(node.get())
                    .name("operation").value("detail").name("timestamp").value(clock.getAsLong()));
            send(Message.create("twin", "resource", Operation.GET, "membership/detail", new JsonPrimitive(content)));
        }
    }

    void disconnected() {
        linked = false;
        underWay.clear();
        waiting.clear();
        table.devices().forEach(entry -> entry.upward.disconnected());
    }

    void add(Iterable<DeviceEntry> entries) {
        entries.forEach(waiting::add);
    }

    /** Looks again after devices whose message was not confirmed in time. */
    void retry() {
        underWay.values().removeIf(entry -> !table.contains(entry));
        table.devices().stream().filter(entry -> entry.upward.isDirty()).forEach(waiting::add);
    }

    /** @return false when the link is up but would not take everything */
    boolean flush() {
        if (!linked) {
            return true; // all of it is looked for again when the link is up
        }
        for (Iterator<DeviceEntry> i = waiting.iterator(); i.hasNext();) {
            DeviceEntry entry = i.next();
            if (table.contains(entry) && !flush(entry)) {
                return false;
            }
            i.remove();
        }
        return true;
    }

    private boolean flush(DeviceEntry entry) {
        DeviceState state = entry.state();
        String resource = TwinOutput.resource(state, kelpCloud);
        return send(entry, entry.upward.nextTwins(state, resource, clock.getAsLong(), nanos.getAsLong(), retryNanos))
                && send(entry, entry.upward.nextState(state, resource, nanos.getAsLong(), retryNanos));
    }

    private boolean send(DeviceEntry entry, Message message) {
        if (message == null) {
            return true;
        }
        // Before sending: the confirmation may be here before send returns.
        underWay.put(message.id(), entry);
        if (send(message)) {
            return true;
        }
        underWay.remove(message.id());
        entry.upward.unsent(message);
        return false;
    }

    private boolean send(Message message) {
        CloudLink now = link.get();
        boolean taken = now != null && now.send(message);
        if (taken) {
            sent++;
        }
        return taken;
    }

    /** The cloud answered a message of ours. */
    void answered(Message answer) {
        DeviceEntry entry = underWay.remove(answer.parentId());
        if (entry == null) {
            return; // of an earlier link, or repeated
        }
        if (answer.operation().equals(Operation.ERROR)) {
            // Still under way as far as the device knows, so it is tried again when the time for that has come.
            if (refused++ == 0) {
                LOG.warn("The cloud refused values of device {}: {}; they are sent again until it takes them", entry.key(), answer.content());
            }
            return;
        }
        confirmed++;
        entry.upward.confirmed(answer.parentId(), entry.state());
        if (entry.upward.isDirty()) {
            waiting.add(entry);
        }
    }
}
