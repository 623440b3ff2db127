package io.kelp.broker.internal.core;

/** One message of QoS 1 or 2 for one session, from the queue to its last acknowledgement. */
public final class Delivery {

    /** Where it stands; {@code RELEASED} is QoS 2 after PUBREC, when the message itself is no longer needed. */
    public enum State { QUEUED, SENT, RELEASED }

    private final long sequence;
    private final int qos;
    private final boolean retain;
    private OutMessage message;
    private State state;
    private int packetId;

    public Delivery(long sequence, int qos, boolean retain, OutMessage message, State state, int packetId) {
        this.sequence = sequence;
        this.qos = qos;
        this.retain = retain;
        this.message = message;
        this.state = state;
        this.packetId = packetId;
    }

    /** Grows within the session; the order of delivery. */
    public long sequence() {
        return sequence;
    }

    public int qos() {
        return qos;
    }

    public boolean retain() {
        return retain;
    }

    /** The message; null once released. */
    public OutMessage message() {
        return message;
    }

    public State state() {
        return state;
    }

    /** 0 while queued. */
    public int packetId() {
        return packetId;
    }

    int size() {
        return message == null ? 0 : message.size();
    }

    void sent(int id) {
        state = State.SENT;
        packetId = id;
    }

    void released() {
        state = State.RELEASED;
        message = null;
    }
}
