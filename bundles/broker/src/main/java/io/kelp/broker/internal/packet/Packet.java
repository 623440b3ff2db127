package io.kelp.broker.internal.packet;

import java.util.List;

/** A control packet (MQTT 3.1.1, chapter 3). Packet ids are 1 to 65 535. */
public sealed interface Packet {

    /**
     * @param level protocol level: 4 is MQTT 3.1.1, 3 is MQTT 3.1; of any other level nothing else is read
     * @param keepAliveSeconds 0 switches it off
     * @param will null without one
     * @param username null without one
     * @param password null without one
     */
    record Connect(int level, String clientId, boolean cleanSession, int keepAliveSeconds, Will will, String username,
            byte[] password) implements Packet {}

    /** What is published when the client goes without saying goodbye. */
    record Will(String topic, byte[] payload, int qos, boolean retain) {}

    /** @param code 0 accepted; 1 level, 2 client id, 4 credentials refused; 3 not available */
    record ConnAck(boolean sessionPresent, int code) implements Packet {
        public static final int ACCEPTED = 0;
        public static final int BAD_LEVEL = 1;
        public static final int BAD_CLIENT_ID = 2;
        public static final int UNAVAILABLE = 3;
        public static final int BAD_CREDENTIALS = 4;
    }

    /** @param packetId 0 with QoS 0 */
    record Publish(String topic, byte[] payload, int qos, boolean retain, boolean duplicate, int packetId)
            implements Packet {}

    record PubAck(int packetId) implements Packet {}

    record PubRec(int packetId) implements Packet {}

    record PubRel(int packetId) implements Packet {}

    record PubComp(int packetId) implements Packet {}

    record Subscribe(int packetId, List<Request> requests) implements Packet {}

    /** One filter with the highest QoS wanted. */
    record Request(String filter, int qos) {}

    /** @param codes granted QoS per filter, 0x80 for refused */
    record SubAck(int packetId, byte[] codes) implements Packet {
        public static final byte REFUSED = (byte) 0x80;
    }

    record Unsubscribe(int packetId, List<String> filters) implements Packet {}

    record UnsubAck(int packetId) implements Packet {}

    record PingReq() implements Packet {}

    record PingResp() implements Packet {}

    record Disconnect() implements Packet {}
}
