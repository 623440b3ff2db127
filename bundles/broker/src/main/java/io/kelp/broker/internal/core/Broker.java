package io.kelp.broker.internal.core;

import io.kelp.broker.EmbeddedBroker;
import io.kelp.broker.TopicFilter;
import io.kelp.broker.internal.packet.MalformedPacketException;
import io.kelp.broker.internal.packet.Packet;
import io.kelp.broker.internal.packet.PacketEncoder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The protocol: what a server of MQTT 3.1.1 does with packets. Knows neither sockets nor threads;
 * all methods are called by one thread, times are monotonic nanoseconds.
 */
public final class Broker {

    private static final long CONNECT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long IDLE_CHECK_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long SHORTEST_CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int MAX_CLIENT_ID = 256;
    private static final int MAX_UNRELEASED = 1024;

    private final Limits limits;
    private final Counters counters;
    private final Credentials credentials;
    private final Session.SharedState shared;
    private final Sessions sessions;
    private final Router router;
    private final Set<Client> clients = new HashSet<>();
    private final TakeOverWatch takeOvers = new TakeOverWatch();
    private long generatedIds;
    private long nextExpiryNanos;

    /** @param budget counts what waits for clients, in sessions and in connections */
    public Broker(Limits limits, Budget budget, Counters counters, Journal journal, Credentials credentials,
            long now) {
        this.nextExpiryNanos = now + IDLE_CHECK_NANOS;
        this.limits = limits;
        this.counters = counters;
        this.credentials = credentials;
        this.shared = new Session.SharedState(limits, budget, counters, journal);
        this.sessions = new Sessions(limits.maxSessions());
        this.router = new Router(shared);
    }

    /** A connection has been accepted. */
    public Client open(Wire wire, boolean credentialsNeeded, long now) {
        Client client = new Client(wire, credentialsNeeded, now);
        clients.add(client);
        nextExpiryNanos = Math.min(nextExpiryNanos, now + CONNECT_NANOS);
        return client;
    }

    /**
     * A packet has come in.
     *
     * @throws MalformedPacketException when the client breaks the protocol; the caller closes the connection
     */
    public void packet(Client client, Packet packet, long now) throws MalformedPacketException {
        client.lastPacketNanos = now;
        if (client.ended) {
            return;
        }
        if (packet instanceof Packet.Connect connect) {
            connect(client, connect, now);
            return;
        }
        if (client.session == null) {
            throw new MalformedPacketException("first packet is not CONNECT");
        }
        Session session = client.session;
        if (packet instanceof Packet.Publish publish) {
            publish(client, publish);
        } else if (packet instanceof Packet.PubAck ack) {
            session.completed(ack.packetId(), false);
            drained(client);
        } else if (packet instanceof Packet.PubRec received) {
            session.receivedByClient(received.packetId());
            send(client, new Packet.PubRel(received.packetId()));
        } else if (packet instanceof Packet.PubComp complete) {
            session.completed(complete.packetId(), true);
            drained(client);
        } else if (packet instanceof Packet.PubRel release) {
            if (session.releasedByClient(release.packetId())) {
                stored(session);
            }
            send(client, new Packet.PubComp(release.packetId()));
        } else if (packet instanceof Packet.Subscribe subscribe) {
            subscribe(client, subscribe);
        } else if (packet instanceof Packet.Unsubscribe unsubscribe) {
            unsubscribe(client, unsubscribe);
        } else if (packet instanceof Packet.PingReq) {
            send(client, new Packet.PingResp());
        } else if (packet instanceof Packet.Disconnect) {
            client.will = null;
            end(client);
        } else {
            throw new MalformedPacketException(packet.getClass().getSimpleName() + " from a client");
        }
    }

    /** The connection is gone, whoever closed it. */
    public void closed(Client client) {
        clients.remove(client);
        release(client);
    }

    /** The socket has taken everything, or much of it: more may follow. */
    public void drained(Client client) {
        if (client.session != null && client.session.wantsMore()) {
            client.session.pump();
            router.pumpRetained(client);
        }
    }

    /** When {@link #expire} has to be called next. */
    public long nextExpiryNanos() {
        return nextExpiryNanos;
    }

    /** Ends connections that are silent for one and a half times their keep-alive (section 3.1.2.10). */
    public void expire(long now) {
        long next = now + IDLE_CHECK_NANOS;
        List<Client> late = new ArrayList<>(0);
        for (Client client : clients) {
            long patience = client.session == null ? CONNECT_NANOS : client.keepAliveNanos;
            if (patience == 0 || client.ended) {
                continue;
            }
            if (now - client.lastPacketNanos >= patience) {
                late.add(client);
            } else {
                next = Math.min(next, client.lastPacketNanos + patience);
            }
        }
        late.forEach(this::end);
        nextExpiryNanos = Math.max(next, now + SHORTEST_CHECK_NANOS);
    }

    /** Publishes for the process itself. The topic name is valid. */
    public void publishInside(String topic, byte[] payload, int qos, boolean retain) {
        router.publish(new OutMessage(topic, payload), qos, retain, true);
    }

    public void subscribeInside(String filter, EmbeddedBroker.Listener listener) {
        router.subscribe(filter, listener);
    }

    public void unsubscribeInside(String filter, EmbeddedBroker.Listener listener) {
        router.unsubscribe(filter, listener);
    }

    /** The broker stops: wills are published, so that what is retained tells the truth (section 3.1.2.5). */
    public void stop() {
        List.copyOf(clients).forEach(this::end);
    }

    /** Takes back a persistent session, unless its client has come in the meantime. */
    public void restore(String clientId, Map<String, Integer> filters, Collection<Integer> unreleased,
            List<Delivery> deliveries) {
        if (sessions.get(clientId) != null || sessions.isFull()) {
            return;
        }
        Session session = new Session(clientId, true, shared);
        session.restore(filters, unreleased, deliveries);
        sessions.put(session);
        router.adopt(session);
    }

    /** Takes back a retained message, unless the topic has a newer one. */
    public void restoreRetained(OutMessage message, int qos) {
        if (!router.retained().all().containsKey(message.topic())) {
            router.retained().set(message, qos);
        }
    }

    /** Persistent sessions, for a store that has to be brought up to date. */
    public List<Session> persistentSessions() {
        return sessions.all().stream().filter(Session::isPersistent).toList();
    }

    public Map<String, Retained> retained() {
        return router.retained().all();
    }

    public int connections() {
        return clients.size();
    }

    public int sessions() {
        return sessions.size();
    }

    public int subscriptions() {
        return router.subscriptions();
    }

    /** Whether a client may have subscribed to the topic. For any thread. */
    public boolean isWanted(String topic) {
        return !topic.startsWith(Router.HIDDEN) || router.hidden() > 0;
    }

    /** Client ids that two clients are fighting for. */
    public List<String> contestedClientIds(long now) {
        return takeOvers.contested(now);
    }

    private void connect(Client client, Packet.Connect connect, long now) throws MalformedPacketException {
        if (client.session != null) {
            throw new MalformedPacketException("second CONNECT");
        }
        int refusal = refusal(client, connect);
        if (refusal != Packet.ConnAck.ACCEPTED) {
            counters.refusedConnections.increment();
            send(client, new Packet.ConnAck(false, refusal));
            end(client);
            return;
        }
        checkWill(connect.will());
        String clientId = connect.clientId().isEmpty() ? "kelp-generated-" + ++generatedIds : connect.clientId();
        Session old = sessions.get(clientId);
        if (old != null && old.isConnected()) {
            counters.takeOvers.increment();
            takeOvers.note(clientId, now);
            end(old.client());
            old = sessions.get(clientId);
        }
        if (old != null && (connect.cleanSession() || !old.isPersistent())) {
            remove(old);
            old = null;
        }
        if (old == null && !makeRoom()) {
            counters.refusedConnections.increment();
            send(client, new Packet.ConnAck(false, Packet.ConnAck.UNAVAILABLE));
            end(client);
            return;
        }
        Session session = old != null ? old : new Session(clientId, !connect.cleanSession(), shared);
        sessions.put(session);
        if (old == null) {
            stored(session);
        }
        client.session = session;
        client.will = connect.will();
        client.keepAliveNanos = TimeUnit.MILLISECONDS.toNanos(connect.keepAliveSeconds() * 1500L);
        if (client.keepAliveNanos > 0) {
            nextExpiryNanos = Math.min(nextExpiryNanos, now + client.keepAliveNanos);
        }
        send(client, new Packet.ConnAck(old != null && connect.level() == 4, Packet.ConnAck.ACCEPTED));
        session.attach(client);
    }

    private int refusal(Client client, Packet.Connect connect) {
        if (connect.level() != 4 && connect.level() != 3) {
            return Packet.ConnAck.BAD_LEVEL;
        }
        boolean unnamed = connect.clientId().isEmpty();
        if (unnamed && (!connect.cleanSession() || connect.level() == 3) || connect.clientId().length() > MAX_CLIENT_ID) {
            return Packet.ConnAck.BAD_CLIENT_ID;
        }
        if (client.credentialsNeeded
                && (connect.username() == null || !credentials.accepts(connect.username(), connect.password()))) {
            return Packet.ConnAck.BAD_CREDENTIALS;
        }
        return Packet.ConnAck.ACCEPTED;
    }

    private void checkWill(Packet.Will will) throws MalformedPacketException {
        if (will != null) {
            checkName(will.topic());
        }
    }

    private void checkName(String topic) throws MalformedPacketException {
        if (!TopicFilter.isName(topic)) {
            throw new MalformedPacketException("topic name is empty or has wildcards");
        }
        if (TopicFilter.levels(topic) > limits.maxTopicLevels()) {
            throw new MalformedPacketException("topic name of more than " + limits.maxTopicLevels() + " levels");
        }
    }

    private boolean makeRoom() {
        while (sessions.isFull()) {
            Session away = sessions.longestAway();
            if (away == null) {
                return false;
            }
            counters.evictedSessions.increment();
            remove(away);
        }
        return true;
    }

    private void publish(Client client, Packet.Publish publish) throws MalformedPacketException {
        checkName(publish.topic());
        Session session = client.session;
        if (publish.qos() == 2) {
            if (!session.unreleased().contains(publish.packetId())) {
                if (session.unreleased().size() >= MAX_UNRELEASED) {
                    throw new MalformedPacketException("more than " + MAX_UNRELEASED + " messages of QoS 2 not released");
                }
                session.received(publish.packetId());
                stored(session);
                route(publish);
            }
            send(client, new Packet.PubRec(publish.packetId()));
            return;
        }
        route(publish);
        if (publish.qos() == 1) {
            send(client, new Packet.PubAck(publish.packetId()));
        }
    }

    private void route(Packet.Publish publish) {
        router.publish(new OutMessage(publish.topic(), publish.payload()), publish.qos(), publish.retain(), false);
    }

    private void subscribe(Client client, Packet.Subscribe subscribe) throws MalformedPacketException {
        byte[] codes = new byte[subscribe.requests().size()];
        for (int i = 0; i < codes.length; i++) {
            Packet.Request request = subscribe.requests().get(i);
            if (!TopicFilter.isFilter(request.filter())) {
                throw new MalformedPacketException("invalid topic filter");
            }
            if (router.subscribe(client.session, request.filter(), request.qos())) {
                codes[i] = (byte) request.qos();
                router.startRetained(client, request.filter(), request.qos());
            } else {
                codes[i] = Packet.SubAck.REFUSED;
            }
        }
        stored(client.session);
        send(client, new Packet.SubAck(subscribe.packetId(), codes));
        router.pumpRetained(client);
    }

    private void unsubscribe(Client client, Packet.Unsubscribe unsubscribe) throws MalformedPacketException {
        for (String filter : unsubscribe.filters()) {
            if (!TopicFilter.isFilter(filter)) {
                throw new MalformedPacketException("invalid topic filter");
            }
            router.unsubscribe(client.session, filter);
            router.stopRetained(client, filter);
        }
        stored(client.session);
        send(client, new Packet.UnsubAck(unsubscribe.packetId()));
    }

    /** Takes the client from its session now; the connection follows. */
    private void end(Client client) {
        release(client);
        client.wire.close();
    }

    private void release(Client client) {
        client.ended = true;
        client.cursors = null;
        Session session = client.session;
        if (session == null) {
            return;
        }
        client.session = null;
        session.detach();
        if (!session.isPersistent()) {
            remove(session);
        }
        Packet.Will will = client.will;
        client.will = null;
        if (will != null) {
            router.publish(new OutMessage(will.topic(), will.payload()), will.qos(), will.retain(), false);
        }
    }

    private void remove(Session session) {
        sessions.remove(session);
        router.unsubscribeAll(session);
        if (session.isPersistent()) {
            shared.journal().sessionGone(session);
        }
        session.discard();
    }

    private void stored(Session session) {
        if (session.isPersistent()) {
            shared.journal().session(session);
        }
    }

    private static void send(Client client, Packet packet) {
        client.wire.send(PacketEncoder.encode(packet), OutMessage.NOTHING);
    }
}
