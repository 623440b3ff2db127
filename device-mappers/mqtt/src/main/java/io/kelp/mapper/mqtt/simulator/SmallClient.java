package io.kelp.mapper.mqtt.simulator;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * MQTT 3.1.1 as far as a simulated device needs it: clean session, last will, publishing with QoS 0, subscribing with QoS 0,
 * keep-alive. One thread reads; callers share the writing side.
 */
final class SmallClient implements Closeable {

    private static final int KEEP_ALIVE_SECONDS = 30;
    private static final int TIMEOUT_MILLIS = 10_000;
    private static final int MOST_BYTES = 1 << 20;

    /** What the broker publishes when the device is lost; {@code null} topic for nothing. */
    record Will(String topic, byte[] payload, boolean retained) {}

    private final Socket socket = new Socket();
    private final DataInputStream in;
    private final OutputStream out;
    private final BiConsumer<String, byte[]> messages;
    private final Thread reader;
    private volatile boolean closed;

    SmallClient(String host, int port, String clientId, String user, String password, Will will, BiConsumer<String, byte[]> messages) throws IOException {
        this.messages = messages;
        socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
        out = socket.getOutputStream();
        socket.setSoTimeout(TIMEOUT_MILLIS);
        send(0x10, connect(clientId, user, password, will));
        if (packet() != 0x20) {
            throw new IOException("the broker does not answer as an MQTT broker");
        }
        socket.setSoTimeout(KEEP_ALIVE_SECONDS * 1000 / 2);
        reader = new Thread(this::read, "simulator-mqtt");
        reader.setDaemon(true);
        reader.start();
    }

    private static byte[] connect(String clientId, String user, String password, Will will) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream body = new DataOutputStream(bytes);
        body.writeUTF("MQTT");
        body.writeByte(4);
        int flags = 0x02 | (user.isEmpty() ? 0 : 0xC0) | (will.topic() == null ? 0 : 0x04 | 0x08 | (will.retained() ? 0x20 : 0));
        body.writeByte(flags);
        body.writeShort(KEEP_ALIVE_SECONDS);
        body.writeUTF(clientId);
        if (will.topic() != null) {
            body.writeUTF(will.topic());
            body.writeShort(will.payload().length);
            body.write(will.payload());
        }
        if (!user.isEmpty()) {
            body.writeUTF(user);
            body.writeUTF(password);
        }
        return bytes.toByteArray();
    }

    void publish(String topic, byte[] payload, boolean retained) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream body = new DataOutputStream(bytes);
        body.writeUTF(topic);
        body.write(payload);
        send(retained ? 0x31 : 0x30, bytes.toByteArray());
    }

    void publish(String topic, String text, boolean retained) throws IOException {
        publish(topic, text.getBytes(StandardCharsets.UTF_8), retained);
    }

    void subscribe(String filter) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream body = new DataOutputStream(bytes);
        body.writeShort(1);
        body.writeUTF(filter);
        body.writeByte(0);
        send(0x82, bytes.toByteArray());
    }

    boolean isOpen() {
        return !closed;
    }

    private synchronized void send(int type, byte[] body) throws IOException {
        ByteArrayOutputStream packet = new ByteArrayOutputStream(body.length + 5);
        packet.write(type);
        int rest = body.length;
        do {
            packet.write(rest > 127 ? rest & 0x7F | 0x80 : rest);
            rest >>>= 7;
        } while (rest > 0);
        packet.writeBytes(body);
        out.write(packet.toByteArray());
        out.flush();
    }

    private void read() {
        try {
            while (!closed) {
                try {
                    packet();
                } catch (java.net.SocketTimeoutException e) {
                    send(0xC0, new byte[0]); // a while without a word: ping
                }
            }
        } catch (IOException e) {
            if (!closed) {
                System.err.println("simulator: the connection to the broker is lost: " + e.getMessage());
            }
        } finally {
            closed = true;
        }
    }

    /** Reads one packet and hands it over if it is a message. @return its type */
    private int packet() throws IOException {
        int first = in.readUnsignedByte();
        int length = 0;
        int shift = 0;
        int next;
        do {
            next = in.readUnsignedByte();
            length |= (next & 0x7F) << shift;
            shift += 7;
        } while (next > 127 && shift < 28);
        if (length > MOST_BYTES) {
            throw new IOException("a packet of " + length + " bytes");
        }
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new java.io.EOFException("the broker has closed the connection");
        }
        if ((first & 0xF0) == 0x30 && length >= 2) {
            int topicLength = (body[0] & 0xFF) << 8 | body[1] & 0xFF;
            if (topicLength + 2 <= length) {
                messages.accept(new String(body, 2, topicLength, StandardCharsets.UTF_8), java.util.Arrays.copyOfRange(body, 2 + topicLength, length));
            }
        } else if (first == 0x20 && (length < 2 || body[1] != 0)) {
            throw new IOException("the broker refuses the login with code " + (length < 2 ? "?" : body[1]));
        }
        return first & 0xF0;
    }

    /** Leaves in good order: no last will. */
    @Override
    public void close() throws IOException {
        closed = true;
        send(0xE0, new byte[0]);
        socket.close();
        try {
            reader.join(TimeUnit.SECONDS.toMillis(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Vanishes, as in a power cut: the broker publishes the last will. */
    void vanish() throws IOException {
        closed = true;
        socket.setSoLinger(true, 0);
        socket.close();
    }
}
