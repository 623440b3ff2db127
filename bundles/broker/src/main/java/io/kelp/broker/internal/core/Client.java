package io.kelp.broker.internal.core;

import io.kelp.broker.internal.packet.Packet;
import java.util.ArrayDeque;

/** One connection, from accept to close. Touched by the broker's thread alone. */
public final class Client {

    /** Retained messages that a new subscription still has to get. */
    static final class Cursor {
        final String filter;
        final int qos;
        String lastTopic;

        Cursor(String filter, int qos) {
            this.filter = filter;
            this.qos = qos;
        }
    }

    final Wire wire;
    final boolean credentialsNeeded;
    Session session;
    Packet.Will will;
    long keepAliveNanos;
    long lastPacketNanos;
    boolean ended;
    ArrayDeque<Cursor> cursors;

    Client(Wire wire, boolean credentialsNeeded, long now) {
        this.wire = wire;
        this.credentialsNeeded = credentialsNeeded;
        this.lastPacketNanos = now;
    }

    /** Address and, once known, client id, for the log. */
    public String describe() {
        return session == null ? wire.peer() : wire.peer() + " \"" + printable(session.clientId()) + "\"";
    }

    /** A text from a client, fit for log and status: short and without control characters. */
    public static String printable(String text) {
        StringBuilder out = new StringBuilder();
        text.chars().limit(64).forEach(c -> out.append(Character.isISOControl(c) ? '?' : (char) c));
        return out.toString();
    }

    /** Whether CONNECT has been accepted. */
    public boolean isConnected() {
        return session != null;
    }
}
