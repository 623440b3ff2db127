package io.kelp.broker.internal.packet;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads packets (MQTT 3.1.1, chapters 2 and 3). Stateless, so one decoder may serve many connections. */
public final class PacketDecoder {

    private static final int MAX_FILTERS_PER_PACKET = 1024;

    private final int maxPacketBytes;

    /** @param maxPacketBytes longest packet taken, fixed header included */
    public PacketDecoder(int maxPacketBytes) {
        this.maxPacketBytes = maxPacketBytes;
    }

    /**
     * Reads one packet and moves the position behind it.
     *
     * @return null when the buffer holds only a part of a packet; its position is then as before
     * @throws MalformedPacketException as soon as it is certain that no acceptable packet follows
     */
    public Packet decode(ByteBuffer in) throws MalformedPacketException {
        int length = frameLength(in);
        if (length < 0 || in.remaining() < length) {
            return null;
        }
        int end = in.position() + length;
        int limit = in.limit();
        int first = in.get() & 0xff;
        while (in.get() < 0) {
            continue; // the remaining length, read already
        }
        in.limit(end);
        try {
            Packet packet = body(first, in);
            if (in.hasRemaining()) {
                throw new MalformedPacketException(name(first) + " with " + in.remaining() + " bytes too many");
            }
            return packet;
        } finally {
            in.limit(limit);
            in.position(end);
        }
    }

    /**
     * Length of the packet that begins at the position, fixed header included; -1 when not known yet.
     *
     * @throws MalformedPacketException when its type, flags or length are not acceptable
     */
    public int frameLength(ByteBuffer in) throws MalformedPacketException {
        if (!in.hasRemaining()) {
            return -1;
        }
        int at = in.position();
        checkType(in.get(at++) & 0xff);
        int length = 0;
        for (int shift = 0; ; shift += 7) {
            if (shift > 21) {
                throw new MalformedPacketException("remaining length of more than four bytes");
            }
            if (at == in.limit()) {
                return -1;
            }
            int b = in.get(at++);
            length |= (b & 0x7f) << shift;
            if (b >= 0) {
                break;
            }
        }
        int total = at - in.position() + length;
        if (total > maxPacketBytes) {
            throw new MalformedPacketException("packet of " + total + " bytes, allowed are " + maxPacketBytes);
        }
        return total;
    }

    private static void checkType(int first) throws MalformedPacketException {
        int type = first >> 4;
        int flags = first & 0x0f;
        boolean good = switch (type) {
            case 3 -> (flags & 0x06) != 0x06;
            case 6, 8, 10 -> flags == 0x02;
            case 0, 15 -> false;
            default -> flags == 0;
        };
        if (!good) {
            throw new MalformedPacketException("first byte 0x" + Integer.toHexString(first) + " begins no packet");
        }
    }

    private static Packet body(int first, ByteBuffer in) throws MalformedPacketException {
        return switch (first >> 4) {
            case 1 -> connect(in);
            case 2 -> connAck(in);
            case 3 -> publish(first & 0x0f, in);
            case 4 -> new Packet.PubAck(packetId(in));
            case 5 -> new Packet.PubRec(packetId(in));
            case 6 -> new Packet.PubRel(packetId(in));
            case 7 -> new Packet.PubComp(packetId(in));
            case 8 -> subscribe(in);
            case 9 -> new Packet.SubAck(packetId(in), rest(in));
            case 10 -> unsubscribe(in);
            case 11 -> new Packet.UnsubAck(packetId(in));
            case 12 -> new Packet.PingReq();
            case 13 -> new Packet.PingResp();
            case 14 -> new Packet.Disconnect();
            default -> throw new MalformedPacketException("unknown packet");
        };
    }

    private static Packet connect(ByteBuffer in) throws MalformedPacketException {
        String protocol = string(in, "protocol name");
        int level = octet(in, "protocol level");
        if (!(protocol.equals("MQTT") || protocol.equals("MQIsdp"))) {
            throw new MalformedPacketException("protocol name is not MQTT");
        }
        if (level != (protocol.equals("MQTT") ? 4 : 3)) {
            in.position(in.limit());
            return new Packet.Connect(level == 3 || level == 4 ? 0 : level, "", true, 0, null, null, null);
        }
        int flags = octet(in, "connect flags");
        boolean hasWill = (flags & 0x04) != 0;
        int willQos = flags >> 3 & 3;
        boolean willRetain = (flags & 0x20) != 0;
        boolean hasPassword = (flags & 0x40) != 0;
        boolean hasUsername = (flags & 0x80) != 0;
        if ((flags & 1) != 0 || willQos == 3 || !hasWill && (willQos != 0 || willRetain) || hasPassword && !hasUsername) {
            throw new MalformedPacketException("connect flags 0x" + Integer.toHexString(flags));
        }
        int keepAlive = unsigned16(in, "keep alive");
        String clientId = string(in, "client id");
        Packet.Will will = null;
        if (hasWill) {
            String topic = string(in, "will topic");
            will = new Packet.Will(topic, bytes(in, "will message"), willQos, willRetain);
        }
        String username = hasUsername ? string(in, "user name") : null;
        byte[] password = hasPassword ? bytes(in, "password") : null;
        return new Packet.Connect(level, clientId, (flags & 2) != 0, keepAlive, will, username, password);
    }

    private static Packet connAck(ByteBuffer in) throws MalformedPacketException {
        int flags = octet(in, "acknowledge flags");
        return new Packet.ConnAck((flags & 1) != 0, octet(in, "return code"));
    }

    private static Packet publish(int flags, ByteBuffer in) throws MalformedPacketException {
        String topic = string(in, "topic");
        int qos = flags >> 1 & 3;
        int id = qos == 0 ? 0 : packetId(in);
        if (qos == 0 && (flags & 8) != 0) {
            throw new MalformedPacketException("duplicate flag with QoS 0");
        }
        return new Packet.Publish(topic, rest(in), qos, (flags & 1) != 0, (flags & 8) != 0, id);
    }

    private static Packet subscribe(ByteBuffer in) throws MalformedPacketException {
        int id = packetId(in);
        List<Packet.Request> requests = new ArrayList<>(4);
        do {
            String filter = string(in, "topic filter");
            int qos = octet(in, "requested QoS");
            if (qos > 2 || requests.size() == MAX_FILTERS_PER_PACKET) {
                throw new MalformedPacketException("SUBSCRIBE with requested QoS " + qos + " or too many filters");
            }
            requests.add(new Packet.Request(filter, qos));
        } while (in.hasRemaining());
        return new Packet.Subscribe(id, requests);
    }

    private static Packet unsubscribe(ByteBuffer in) throws MalformedPacketException {
        int id = packetId(in);
        List<String> filters = new ArrayList<>(4);
        do {
            filters.add(string(in, "topic filter"));
            if (filters.size() > MAX_FILTERS_PER_PACKET) {
                throw new MalformedPacketException("UNSUBSCRIBE with too many filters");
            }
        } while (in.hasRemaining());
        return new Packet.Unsubscribe(id, filters);
    }

    private static int packetId(ByteBuffer in) throws MalformedPacketException {
        int id = unsigned16(in, "packet id");
        if (id == 0) {
            throw new MalformedPacketException("packet id 0");
        }
        return id;
    }

    private static String string(ByteBuffer in, String what) throws MalformedPacketException {
        byte[] bytes = bytes(in, what);
        boolean ascii = true;
        for (byte b : bytes) {
            if (b == 0) {
                throw new MalformedPacketException(what + " with a NUL");
            }
            ascii &= b > 0;
        }
        if (ascii) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedPacketException(what + " is not UTF-8");
        }
    }

    private static byte[] bytes(ByteBuffer in, String what) throws MalformedPacketException {
        int length = unsigned16(in, what);
        if (in.remaining() < length) {
            throw new MalformedPacketException(what + " ends too early");
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private static byte[] rest(ByteBuffer in) {
        byte[] bytes = new byte[in.remaining()];
        in.get(bytes);
        return bytes;
    }

    private static int octet(ByteBuffer in, String what) throws MalformedPacketException {
        if (!in.hasRemaining()) {
            throw new MalformedPacketException(what + " is missing");
        }
        return in.get() & 0xff;
    }

    private static int unsigned16(ByteBuffer in, String what) throws MalformedPacketException {
        if (in.remaining() < 2) {
            throw new MalformedPacketException(what + " ends too early");
        }
        return in.getShort() & 0xffff;
    }

    private static String name(int first) {
        return "packet type " + (first >> 4);
    }
}
