package io.kelp.broker.internal.core;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** All sessions by client id, bounded. The order of the map is that of the last attachment. */
final class Sessions {

    private final int max;
    private final Map<String, Session> byClientId = new LinkedHashMap<>();

    Sessions(int max) {
        this.max = max;
    }

    Session get(String clientId) {
        return byClientId.get(clientId);
    }

    Collection<Session> all() {
        return byClientId.values();
    }

    int size() {
        return byClientId.size();
    }

    void put(Session session) {
        byClientId.remove(session.clientId());
        byClientId.put(session.clientId(), session);
    }

    void remove(Session session) {
        byClientId.remove(session.clientId(), session);
    }

    boolean isFull() {
        return byClientId.size() >= max;
    }

    /** The session whose client has been away longest, null when all are connected. */
    Session longestAway() {
        for (Session session : byClientId.values()) {
            if (!session.isConnected()) {
                return session;
            }
        }
        return null;
    }
}
