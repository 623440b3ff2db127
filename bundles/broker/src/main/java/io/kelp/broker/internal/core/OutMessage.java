package io.kelp.broker.internal.core;

import io.kelp.broker.internal.packet.PacketEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A message on its way to any number of receivers, who share its bytes. */
public final class OutMessage {

    static final byte[] NOTHING = {};
    private static final int OVERHEAD = 96;

    private final String topic;
    private final byte[] payload;
    private int holders;
    private byte[] topicBytes;
    private byte[] plainFrame;

    public OutMessage(String topic, byte[] payload) {
        this.topic = topic;
        this.payload = payload;
    }

    public String topic() {
        return topic;
    }

    public byte[] payload() {
        return payload;
    }

    /** Memory it costs, about. */
    int size() {
        return topic.length() + payload.length + OVERHEAD;
    }

    /** One more session keeps it: the bytes count once for all of them. */
    void hold(Budget budget) {
        budget.add(OVERHEAD + (holders++ == 0 ? topic.length() + payload.length : 0));
    }

    /** The counterpart of {@link #hold}. */
    void letGo(Budget budget) {
        budget.add(-OVERHEAD - (--holders == 0 ? topic.length() + payload.length : 0));
    }

    /** The complete packet with QoS 0 and without flags, made once for all receivers. */
    byte[] plainFrame() {
        if (plainFrame == null) {
            byte[] head = head(0, false, false, 0);
            plainFrame = Arrays.copyOf(head, head.length + payload.length);
            System.arraycopy(payload, 0, plainFrame, head.length, payload.length);
        }
        return plainFrame;
    }

    byte[] head(int qos, boolean retain, boolean duplicate, int packetId) {
        if (topicBytes == null) {
            topicBytes = topic.getBytes(StandardCharsets.UTF_8);
        }
        return PacketEncoder.publishHead(topicBytes, payload.length, qos, retain, duplicate, packetId);
    }
}
