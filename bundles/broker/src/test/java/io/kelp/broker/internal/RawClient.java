package io.kelp.broker.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.kelp.broker.internal.packet.MalformedPacketException;
import io.kelp.broker.internal.packet.Packet;
import io.kelp.broker.internal.packet.PacketDecoder;
import io.kelp.broker.internal.packet.PacketEncoder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A client that does exactly what a test tells it, packet by packet. */
public final class RawClient implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 10_000;
    private static final int SILENCE_MILLIS = 150;

    private final PacketDecoder decoder = new PacketDecoder(64 << 20);
    private final Socket socket;
    private byte[] buffer = new byte[1 << 16];
    private int length;

    public RawClient(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    public RawClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
    }

    public RawClient connect(String clientId, boolean clean) throws IOException {
        connect(new Packet.Connect(4, clientId, clean, 0, null, null, null), 0);
        return this;
    }

    /** @return whether the broker had a session */
    public boolean connect(Packet.Connect connect, int code) throws IOException {
        send(connect);
        Packet.ConnAck ack = expect(Packet.ConnAck.class);
        assertEquals(code, ack.code());
        return ack.sessionPresent();
    }

    public RawClient subscribe(String filter, int qos) throws IOException {
        send(new Packet.Subscribe(9, List.of(new Packet.Request(filter, qos))));
        assertEquals(qos, expect(Packet.SubAck.class).codes()[0]);
        return this;
    }

    /** Publishes with QoS 0 or 1 and, with 1, waits for the acknowledgement. */
    public RawClient publish(String topic, String text, int qos, boolean retain) throws IOException {
        send(new Packet.Publish(topic, text.getBytes(StandardCharsets.UTF_8), qos, retain, false, qos == 0 ? 0 : 77));
        if (qos == 1) {
            assertEquals(77, expect(Packet.PubAck.class).packetId());
        }
        return this;
    }

    public void send(Packet packet) throws IOException {
        send(PacketEncoder.encode(packet));
    }

    public void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    public <P extends Packet> P expect(Class<P> type) throws IOException {
        Packet packet = next(PATIENCE_MILLIS);
        return assertInstanceOf(type, packet, () -> "instead of " + type.getSimpleName());
    }

    /** A message, acknowledged if it asks for it (QoS 2 completely). */
    public Packet.Publish message() throws IOException {
        Packet.Publish message = expect(Packet.Publish.class);
        if (message.qos() == 1) {
            send(new Packet.PubAck(message.packetId()));
        } else if (message.qos() == 2) {
            send(new Packet.PubRec(message.packetId()));
            expect(Packet.PubRel.class);
            send(new Packet.PubComp(message.packetId()));
        }
        return message;
    }

    public String text() throws IOException {
        return text(message());
    }

    public static String text(Packet.Publish message) {
        return new String(message.payload(), StandardCharsets.UTF_8);
    }

    public List<String> texts(int count) throws IOException {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(text());
        }
        return texts;
    }

    /** Everything the broker had for this client has arrived, and it was nothing. */
    public void expectNothing() throws IOException {
        send(new Packet.PingReq());
        expect(Packet.PingResp.class);
        Packet packet = next(SILENCE_MILLIS);
        assertEquals(null, packet);
    }

    public void expectClosed() throws IOException {
        try {
            Packet packet = next(PATIENCE_MILLIS);
            throw new AssertionError("instead of the end of the connection: " + (packet == null ? "silence" : packet));
        } catch (ConnectionEnd e) {
            return;
        }
    }

    /** @return null when nothing came in time */
    public Packet next(int millis) throws IOException {
        while (true) {
            ByteBuffer in = ByteBuffer.wrap(buffer, 0, length);
            Packet packet;
            try {
                packet = decoder.decode(in);
            } catch (MalformedPacketException e) {
                throw new IOException("the broker sent a malformed packet: " + e.getMessage(), e);
            }
            if (packet != null) {
                System.arraycopy(buffer, in.position(), buffer, 0, in.remaining());
                length = in.remaining();
                return packet;
            }
            if (length == buffer.length) {
                buffer = java.util.Arrays.copyOf(buffer, buffer.length * 2);
            }
            socket.setSoTimeout(millis);
            try {
                int count = socket.getInputStream().read(buffer, length, buffer.length - length);
                if (count < 0) {
                    throw new ConnectionEnd("end of stream");
                }
                length += count;
            } catch (SocketTimeoutException e) {
                return null;
            } catch (java.net.SocketException e) {
                throw new ConnectionEnd(e.getMessage());
            }
        }
    }

    public void disconnect() throws IOException {
        send(new Packet.Disconnect());
        expectClosed();
        socket.close();
    }

    /** Goes without a word. */
    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** The broker has closed the connection. */
    public static final class ConnectionEnd extends IOException {
        private static final long serialVersionUID = 1L;

        ConnectionEnd(String message) {
            super(message);
        }
    }
}
