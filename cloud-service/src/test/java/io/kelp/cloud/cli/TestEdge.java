package io.kelp.cloud.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.kelp.message.MalformedMessageException;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** A gateway down to the bytes of its WebSocket, so that it can misbehave. For one thread. */
public final class TestEdge implements AutoCloseable {

    public static final int TEXT = 1;
    public static final int BINARY = 2;
    public static final int CLOSE = 8;
    public static final int PING = 9;
    public static final int PONG = 10;

    private final Socket socket;
    private final DataInputStream in;
    private String status = "";
    private final Map<String, String> headers = new LinkedHashMap<>();
    private String body = "";

    /** A received frame; {@code opcode} -1 stands for the end of the stream. */
    public record Frame(int opcode, boolean fin, byte[] payload) {

        public String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        public boolean isEnd() {
            return opcode == -1;
        }

        public int closeCode() {
            return payload.length < 2 ? 0 : (payload[0] & 0xff) << 8 | payload[1] & 0xff;
        }
    }

    /** Sends an upgrade request and reads the answer, whatever it is. */
    public TestEdge(Socket socket, int port, String path, List<String[]> extra) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(15_000);
        StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n"
                + "User-Agent: Go-http-client/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        extra.forEach(h -> request.append(h[0]).append(": ").append(h[1]).append("\r\n"));
        socket.getOutputStream().write(request.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        this.in = new DataInputStream(socket.getInputStream());
        readAnswer();
    }

    private void readAnswer() throws IOException {
        status = line();
        for (String header = line(); !header.isEmpty(); header = line()) {
            int colon = header.indexOf(':');
            headers.put(header.substring(0, colon).toLowerCase(java.util.Locale.ROOT), header.substring(colon + 1).strip());
        }
        if (headers.containsKey("content-length")) {
            body = new String(in.readNBytes(Integer.parseInt(headers.get("content-length"))), StandardCharsets.UTF_8);
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.readUnsignedByte(); c != '\n'; c = in.readUnsignedByte()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    public String status() {
        return status;
    }

    public boolean isOpen() {
        return status.contains(" 101 ");
    }

    public String header(String name) {
        return headers.get(name);
    }

    public String body() {
        return body;
    }

    public void send(Message message) throws IOException {
        frame(TEXT, true, MessageCodec.encode(message).getBytes(StandardCharsets.UTF_8));
    }

    public void sendText(String text) throws IOException {
        frame(TEXT, true, text.getBytes(StandardCharsets.UTF_8));
    }

    public void keepalive() throws IOException {
        send(Message.create("websocket", "resource", "keepalive", "node", JsonParser.parseString("\"ping\"")));
    }

    public void frame(int opcode, boolean fin, byte[] payload) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(payload.length + 14);
        out.write((fin ? 0x80 : 0) | opcode);
        header(out, payload.length);
        out.writeBytes(new byte[4]); // mask of zeros: the payload stays as it is
        out.writeBytes(payload);
        socket.getOutputStream().write(out.toByteArray());
        socket.getOutputStream().flush();
    }

    private static void header(ByteArrayOutputStream out, long length) {
        if (length < 126) {
            out.write((int) (0x80 | length));
        } else if (length < 65536) {
            out.write(0x80 | 126);
            out.write((int) (length >> 8));
            out.write((int) length);
        } else {
            out.write(0x80 | 127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                out.write((int) (length >> shift));
            }
        }
    }

    /** The next frame, or the end of the stream. */
    public Frame read() throws IOException {
        try {
            int first = in.readUnsignedByte();
            long length = in.readUnsignedByte() & 0x7f;
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = in.readLong();
            }
            byte[] payload = in.readNBytes((int) length);
            return new Frame(first & 0x0f, (first & 0x80) != 0, payload);
        } catch (EOFException | java.net.SocketException e) {
            return new Frame(-1, true, new byte[0]);
        }
    }

    /** The next message that fits; others are left out, Nodes among them acknowledged. Fails after the time is over. */
    public Message await(int millis, Predicate<Message> fits) throws IOException {
        List<String> others = new ArrayList<>();
        long deadline = System.nanoTime() + millis * 1_000_000L;
        ByteArrayOutputStream parts = new ByteArrayOutputStream();
        while (true) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new AssertionError("no such message within " + millis + " ms; others: " + others);
            }
            socket.setSoTimeout((int) left);
            Frame frame;
            try {
                frame = read();
            } catch (SocketTimeoutException e) {
                continue;
            }
            if (frame.isEnd() || frame.opcode() == CLOSE) {
                throw new AssertionError("the cloud closed: " + frame.closeCode() + " "
                        + (frame.payload().length > 2 ? frame.text().substring(2) : "") + "; others: " + others);
            }
            parts.writeBytes(frame.payload());
            if (frame.fin()) {
                Message message = decode(parts.toString(StandardCharsets.UTF_8));
                parts.reset();
                if (fits.test(message)) {
                    return message;
                }
                others.add(message.operation() + " " + message.resource());
                if (message.resource().startsWith("null/node/") && message.operation().equals("update")) {
                    acknowledge(message); // the Node changes when its gateway comes; a stock edge is sent one thing at a time
                }
            }
        }
    }

    /** Nothing that fits arrives for this long. */
    public void expectNone(int millis, Predicate<Message> fits) throws IOException {
        try {
            Message message = await(millis, fits);
            throw new IllegalStateException("unexpected " + message);
        } catch (AssertionError e) {
            if (!e.getMessage().startsWith("no such message")) {
                throw e;
            }
        }
    }

    /** Reads until the cloud has closed. @return the close frame, or the end of the stream without one */
    public Frame awaitClose(int millis) throws IOException {
        socket.setSoTimeout(millis);
        Frame frame = read();
        while (!frame.isEnd() && frame.opcode() != CLOSE) {
            frame = read();
        }
        return frame;
    }

    private static Message decode(String text) {
        try {
            return MessageCodec.decode(text);
        } catch (MalformedMessageException e) {
            throw new AssertionError(text, e);
        }
    }

    public void acknowledge(Message message) throws IOException {
        send(message.acknowledge());
    }

    public static JsonElement json(String text) {
        return JsonParser.parseString(text);
    }

    public Socket socket() {
        return socket;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
