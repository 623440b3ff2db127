package io.kelp.broker.internal.core;

import io.kelp.broker.internal.packet.Packet;
import io.kelp.broker.internal.packet.PacketEncoder;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * State of one client id (MQTT 3.1.1, section 3.1.2.4): subscriptions, messages queued and in flight.
 * Touched by the broker's thread alone.
 */
public final class Session implements Subscriber {

    private static final int LAST_PACKET_ID = 65_535;

    private final String clientId;
    private final boolean persistent;
    private final SharedState shared;

    private Map<String, Integer> subscriptions = Map.of();
    private Set<Integer> unreleased = Set.of(); // QoS 2 towards the broker, PUBREL awaited
    private final ArrayDeque<Delivery> queue = new ArrayDeque<>(0);
    private Map<Integer, Delivery> inflight = Map.of();
    private long queuedBytes; // in flight included
    private long inflightBytes;
    private long lastSequence;
    private int lastPacketId;
    private Client client;

    /** What all sessions have in common. */
    record SharedState(Limits limits, Budget budget, Counters counters, Journal journal) {}

    Session(String clientId, boolean persistent, SharedState shared) {
        this.clientId = clientId;
        this.persistent = persistent;
        this.shared = shared;
    }

    public String clientId() {
        return clientId;
    }

    public Map<String, Integer> subscriptions() {
        return subscriptions;
    }

    public Set<Integer> unreleased() {
        return unreleased;
    }

    /** In flight first, then queued; the order of delivery. */
    public List<Delivery> deliveries() {
        return Stream.concat(inflight.values().stream(), queue.stream()).toList();
    }

    public boolean isConnected() {
        return client != null;
    }

    boolean isPersistent() {
        return persistent;
    }

    Client client() {
        return client;
    }

    int queued() {
        return queue.size();
    }

    /** Gives back what the session has put into a state read from the store. */
    void restore(Map<String, Integer> filters, Collection<Integer> ids, List<Delivery> deliveries) {
        filters.forEach(this::subscribe);
        ids.forEach(this::received);
        for (Delivery delivery : deliveries) {
            lastSequence = Math.max(lastSequence, delivery.sequence());
            hold(delivery);
            if (delivery.state() == Delivery.State.QUEUED) {
                queue.add(delivery);
            } else {
                inflight().put(delivery.packetId(), delivery);
                inflightBytes += delivery.size();
            }
        }
    }

    /** The client is there: what was in flight goes out again, then the queue (section 4.4). */
    void attach(Client newClient) {
        client = newClient;
        for (Delivery delivery : inflight.values()) {
            if (delivery.state() == Delivery.State.RELEASED) {
                client.wire.send(PacketEncoder.encode(new Packet.PubRel(delivery.packetId())), OutMessage.NOTHING);
            } else {
                transmit(delivery, true);
            }
        }
        pump();
    }

    void detach() {
        client = null;
    }

    /** Forgets everything, when the session ends. */
    void discard() {
        deliveries().forEach(this::letGo);
        queue.clear();
        inflight = Map.of();
        inflightBytes = 0;
    }

    void subscribe(String filter, int qos) {
        if (subscriptions.isEmpty()) {
            subscriptions = new HashMap<>(4);
        }
        subscriptions.put(filter, qos);
    }

    boolean unsubscribe(String filter) {
        return !subscriptions.isEmpty() && subscriptions.remove(filter) != null;
    }

    /** A message of QoS 2 came in. Returns false when its id is known and the message a repetition. */
    boolean received(int packetId) {
        if (unreleased.isEmpty()) {
            unreleased = new HashSet<>(4);
        }
        return unreleased.add(packetId);
    }

    boolean releasedByClient(int packetId) {
        return !unreleased.isEmpty() && unreleased.remove(packetId);
    }

    /** Sends a message or queues it; never blocks, drops by the rules of {@link Limits}. */
    void deliver(OutMessage message, int qos) {
        if (qos > 0) {
            enqueue(message, qos, false);
        } else if (client != null) { // QoS 0 is not kept for those who are away
            if (isSlow(message.size())) {
                shared.counters.droppedQos0.increment();
            } else {
                client.wire.send(message.plainFrame(), OutMessage.NOTHING);
                shared.counters.sent.increment();
            }
        }
    }

    /** Sends a retained message; the caller has seen that there is room. */
    void deliverRetained(OutMessage message, int qos) {
        if (qos > 0) {
            enqueue(message, qos, true);
        } else {
            client.wire.send(message.head(0, true, false, 0), message.payload());
            shared.counters.sent.increment();
        }
    }

    private void enqueue(OutMessage message, int qos, boolean retain) {
        if (client == null && !persistent) {
            return; // the connection is about to be closed
        }
        Delivery delivery = new Delivery(++lastSequence, qos, retain, message, Delivery.State.QUEUED, 0);
        hold(delivery);
        queue.add(delivery);
        pump();
        if (delivery.state() == Delivery.State.QUEUED) {
            enforceBounds();
            if (persistent && !queue.isEmpty() && queue.peekLast() == delivery) {
                shared.journal.delivery(this, delivery);
            }
        }
    }

    /** Sends from the queue as long as window and socket allow. */
    void pump() {
        while (!queue.isEmpty() && hasRoom()) {
            Delivery delivery = queue.poll();
            delivery.sent(nextPacketId());
            inflight().put(delivery.packetId(), delivery);
            inflightBytes += delivery.size();
            transmit(delivery, false);
            if (persistent) {
                shared.journal.delivery(this, delivery);
            }
        }
    }

    /** Whether one more message may be sent to the client now. */
    boolean hasRoom() {
        if (client == null || inflight.size() >= shared.limits.maxInflight() || isSlow(0)) {
            return false;
        }
        return inflight.isEmpty() || inflightBytes < shared.limits.maxQueuedBytes()
                && (inflightBytes <= Limits.RESERVED_BYTES || !shared.budget.exhausted());
    }

    boolean wantsMore() {
        return client != null && (!queue.isEmpty() || client.cursors != null);
    }

    /** PUBACK or PUBCOMP: the message is done. */
    void completed(int packetId, boolean exactlyOnce) {
        Delivery delivery = inflight.get(packetId);
        if (delivery == null || exactlyOnce != (delivery.qos() == 2)) {
            return;
        }
        inflight.remove(packetId);
        inflightBytes -= delivery.size();
        letGo(delivery);
        if (persistent) {
            shared.journal.deliveryGone(this, delivery);
        }
    }

    /** PUBREC: the client has it and must never see it again. */
    void receivedByClient(int packetId) {
        Delivery delivery = inflight.get(packetId);
        if (delivery != null && delivery.qos() == 2 && delivery.state() == Delivery.State.SENT) {
            inflightBytes -= delivery.size();
            letGo(delivery);
            delivery.released();
            if (persistent) {
                shared.journal.delivery(this, delivery);
            }
        }
    }

    private void transmit(Delivery delivery, boolean duplicate) {
        OutMessage message = delivery.message();
        client.wire.send(message.head(delivery.qos(), delivery.retain(), duplicate, delivery.packetId()), message.payload());
        shared.counters.sent.increment();
    }

    /** Whether the client's socket is too far behind for so many bytes more. One message always fits. */
    private boolean isSlow(int moreBytes) {
        int waiting = client.wire.queuedBytes();
        if (waiting == 0) {
            return false;
        }
        if (waiting + moreBytes > shared.limits.maxOutputBytes()) {
            return true;
        }
        return waiting + moreBytes > Limits.RESERVED_BYTES && shared.budget.exhausted();
    }

    private void enforceBounds() {
        while (!queue.isEmpty() && isOverBounds()) {
            Delivery oldest = queue.poll();
            letGo(oldest);
            shared.counters.droppedQueued.increment();
            if (persistent) {
                shared.journal.deliveryGone(this, oldest);
            }
        }
    }

    private boolean isOverBounds() {
        return queue.size() > shared.limits.maxQueuedMessages()
                || queuedBytes > shared.limits.maxQueuedBytes()
                || queuedBytes > Limits.RESERVED_BYTES && shared.budget.exhausted();
    }

    private void hold(Delivery delivery) {
        if (delivery.message() != null) {
            queuedBytes += delivery.size();
            delivery.message().hold(shared.budget);
        }
    }

    private void letGo(Delivery delivery) {
        if (delivery.message() != null) {
            queuedBytes -= delivery.size();
            delivery.message().letGo(shared.budget);
        }
    }

    private Map<Integer, Delivery> inflight() {
        if (inflight.isEmpty()) {
            inflight = new LinkedHashMap<>(4);
        }
        return inflight;
    }

    private int nextPacketId() {
        do {
            lastPacketId = lastPacketId == LAST_PACKET_ID ? 1 : lastPacketId + 1;
        } while (inflight.containsKey(lastPacketId));
        return lastPacketId;
    }
}
