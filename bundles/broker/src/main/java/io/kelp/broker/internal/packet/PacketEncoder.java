package io.kelp.broker.internal.packet;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes packets (MQTT 3.1.1, chapters 2 and 3). Stateless. */
public final class PacketEncoder {

    private static final byte[] NOTHING = {};

    private PacketEncoder() {}

    /** The whole packet. */
    public static byte[] encode(Packet packet) {
        if (packet instanceof Packet.Publish p) {
            byte[] head = publishHead(p.topic().getBytes(StandardCharsets.UTF_8), p.payload().length, p.qos(), p.retain(),
                    p.duplicate(), p.packetId());
            byte[] all = Arrays.copyOf(head, head.length + p.payload().length);
            System.arraycopy(p.payload(), 0, all, head.length, p.payload().length);
            return all;
        } else if (packet instanceof Packet.PubAck p) {
            return withId(0x40, p.packetId(), NOTHING);
        } else if (packet instanceof Packet.PubRec p) {
            return withId(0x50, p.packetId(), NOTHING);
        } else if (packet instanceof Packet.PubRel p) {
            return withId(0x62, p.packetId(), NOTHING);
        } else if (packet instanceof Packet.PubComp p) {
            return withId(0x70, p.packetId(), NOTHING);
        } else if (packet instanceof Packet.SubAck p) {
            return withId(0x90, p.packetId(), p.codes());
        } else if (packet instanceof Packet.UnsubAck p) {
            return withId(0xb0, p.packetId(), NOTHING);
        } else if (packet instanceof Packet.ConnAck p) {
            return new byte[] {0x20, 2, (byte) (p.sessionPresent() ? 1 : 0), (byte) p.code()};
        } else if (packet instanceof Packet.PingReq) {
            return new byte[] {(byte) 0xc0, 0};
        } else if (packet instanceof Packet.PingResp) {
            return new byte[] {(byte) 0xd0, 0};
        } else if (packet instanceof Packet.Disconnect) {
            return new byte[] {(byte) 0xe0, 0};
        } else if (packet instanceof Packet.Subscribe p) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            for (Packet.Request request : p.requests()) {
                field(body, request.filter().getBytes(StandardCharsets.UTF_8));
                body.write(request.qos());
            }
            return withId(0x82, p.packetId(), body.toByteArray());
        } else if (packet instanceof Packet.Unsubscribe p) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            p.filters().forEach(filter -> field(body, filter.getBytes(StandardCharsets.UTF_8)));
            return withId(0xa2, p.packetId(), body.toByteArray());
        } else if (packet instanceof Packet.Connect p) {
            return frame(0x10, connectBody(p));
        }
        throw new IllegalArgumentException("no such packet");
    }

    /** All of a PUBLISH but its payload, so that one payload can serve many receivers. */
    public static byte[] publishHead(
            byte[] topic, int payloadLength, int qos, boolean retain, boolean duplicate, int packetId) {
        int remaining = 2 + topic.length + (qos == 0 ? 0 : 2) + payloadLength;
        int lengthBytes = remaining < 128 ? 1 : remaining < 16_384 ? 2 : remaining < 2_097_152 ? 3 : 4;
        byte[] head = new byte[1 + lengthBytes + 2 + topic.length + (qos == 0 ? 0 : 2)];
        head[0] = (byte) (0x30 | (duplicate ? 8 : 0) | qos << 1 | (retain ? 1 : 0));
        int at = 1;
        for (int rest = remaining; at <= lengthBytes; rest >>>= 7) {
            head[at] = (byte) (rest & 0x7f | (at < lengthBytes ? 0x80 : 0));
            at++;
        }
        head[at++] = (byte) (topic.length >> 8);
        head[at++] = (byte) topic.length;
        System.arraycopy(topic, 0, head, at, topic.length);
        at += topic.length;
        if (qos > 0) {
            head[at++] = (byte) (packetId >> 8);
            head[at] = (byte) packetId;
        }
        return head;
    }

    private static byte[] connectBody(Packet.Connect p) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        field(body, (p.level() == 3 ? "MQIsdp" : "MQTT").getBytes(StandardCharsets.US_ASCII));
        body.write(p.level());
        int flags = p.cleanSession() ? 2 : 0;
        if (p.will() != null) {
            flags |= 4 | p.will().qos() << 3 | (p.will().retain() ? 0x20 : 0);
        }
        flags |= (p.username() != null ? 0x80 : 0) | (p.password() != null ? 0x40 : 0);
        body.write(flags);
        body.write(p.keepAliveSeconds() >> 8);
        body.write(p.keepAliveSeconds());
        field(body, p.clientId().getBytes(StandardCharsets.UTF_8));
        if (p.will() != null) {
            field(body, p.will().topic().getBytes(StandardCharsets.UTF_8));
            field(body, p.will().payload());
        }
        if (p.username() != null) {
            field(body, p.username().getBytes(StandardCharsets.UTF_8));
        }
        if (p.password() != null) {
            field(body, p.password());
        }
        return body.toByteArray();
    }

    private static byte[] withId(int first, int packetId, byte[] more) {
        byte[] body = new byte[2 + more.length];
        body[0] = (byte) (packetId >> 8);
        body[1] = (byte) packetId;
        System.arraycopy(more, 0, body, 2, more.length);
        return frame(first, body);
    }

    private static byte[] frame(int first, byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.length + 5);
        out.write(first);
        int rest = body.length;
        do {
            out.write(rest & 0x7f | (rest > 0x7f ? 0x80 : 0));
            rest >>>= 7;
        } while (rest > 0);
        out.writeBytes(body);
        return out.toByteArray();
    }

    private static void field(ByteArrayOutputStream out, byte[] bytes) {
        out.write(bytes.length >> 8);
        out.write(bytes.length);
        out.writeBytes(bytes);
    }
}
