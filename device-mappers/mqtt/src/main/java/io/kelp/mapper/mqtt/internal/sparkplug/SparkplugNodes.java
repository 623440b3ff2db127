package io.kelp.mapper.mqtt.internal.sparkplug;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.mqtt.internal.broker.BrokerAddress;
import io.kelp.mapper.mqtt.internal.broker.Links;
import io.kelp.mapper.mqtt.internal.live.Pulse;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/** The edge nodes that devices here belong to, each once. Safe for use by several threads. */
public final class SparkplugNodes {

    private final Links links;
    private final Pulse pulse;
    private final InstantSource clock;
    private final Map<Key, NodeSession> sessions = new HashMap<>(); // guarded by itself

    private record Key(BrokerAddress address, String group, String node) {}

    public SparkplugNodes(Links links, Pulse pulse, InstantSource clock) {
        this.links = links;
        this.pulse = pulse;
        this.clock = clock;
    }

    NodeSession join(BrokerAddress address, String group, String node, NodeSession.Member member) throws ConfigurationException {
        NodeSession session;
        synchronized (sessions) {
            Key key = new Key(address, group, node);
            session = sessions.get(key);
            if (session == null) {
                session = new NodeSession(group, node, pulse, clock);
                session.open(watcher -> links.open(address, watcher));
                sessions.put(key, session);
            }
            session.join(member);
        }
        session.greet(member);
        return session;
    }

    void leave(NodeSession session, NodeSession.Member member) {
        synchronized (sessions) {
            if (session.leave(member)) {
                sessions.values().remove(session);
                session.close();
            }
        }
    }

    InstantSource clock() {
        return clock;
    }

    Pulse pulse() {
        return pulse;
    }
}
