package io.kelp.testkit.cloud;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import javax.net.ssl.SSLSocket;

/** One gateway's connection to a {@link FakeCloud}: RFC 6455 frames, whole or misshapen on purpose. */
public final class FakeConnection {

    public static final int TEXT = 1;
    public static final int BINARY = 2;
    public static final int CONTINUATION = 0;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private final SSLSocket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final String request;
    private final Map<String, String> headers;
    private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch thaw = new CountDownLatch(1);
    private volatile boolean frozen;
    private volatile boolean silentPong;

    private FakeConnection(SSLSocket socket, DataInputStream in, String request, Map<String, String> headers) throws IOException {
        this.socket = socket;
        this.in = in;
        this.out = socket.getOutputStream();
        this.request = request;
        this.headers = headers;
    }

    static FakeConnection upgrade(SSLSocket socket, String refusal, boolean kelp) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        String request = line(in);
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
        }
        FakeConnection connection = new FakeConnection(socket, in, request, headers);
        if (refusal != null) {
            connection.raw(("HTTP/1.1 " + refusal + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return null;
        }
        boolean agreed = kelp && headers.containsKey("kelp-protocol");
        connection.raw(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                + accept(headers.get("sec-websocket-key")) + "\r\n" + (agreed ? "Kelp-Protocol: 1; window=32\r\n" : "") + "\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        if (agreed) {
            connection.hello(System.currentTimeMillis());
        }
        return connection;
    }

    private static String accept(String key) {
        try {
            return Base64.getEncoder().encodeToString(
                    MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String line(DataInputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.readUnsignedByte(); c != '\n'; c = in.readUnsignedByte()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    /** What a Kelp cloud says first. */
    public void hello(long timeMillis) throws IOException {
        send("{\"header\":{\"msg_id\":\"" + java.util.UUID.randomUUID() + "\",\"timestamp\":" + timeMillis
                + "},\"route\":{\"source\":\"kelp\",\"group\":\"kelp\",\"operation\":\"hello\",\"resource\":\"kelp\"},"
                + "\"content\":{\"protocol\":1,\"window\":32,\"cloudVersion\":\"0.1.0\",\"timeMillis\":" + timeMillis + "}}\n");
    }

    public String requestLine() {
        return request;
    }

    /** Header of the upgrade request, name in lower case. */
    public String header(String name) {
        return headers.get(name);
    }

    public Map<String, String> headers() {
        return headers;
    }

    /** The cipher suite that both agreed on. */
    public String cipherSuite() {
        return socket.getSession().getCipherSuite();
    }

    /** The certificate chain that the gateway showed. */
    public X509Certificate[] chain() throws IOException {
        return (X509Certificate[]) socket.getSession().getPeerCertificates();
    }

    /** Sends a message as stock clouds do: one text message, in fragments when it is long. */
    public void send(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int first = Math.min(bytes.length, 4082);
        synchronized (out) {
            frame(TEXT, first == bytes.length, bytes, 0, first);
            for (int at = first; at < bytes.length; at += 4096) {
                int size = Math.min(4096, bytes.length - at);
                frame(CONTINUATION, at + size == bytes.length, bytes, at, size);
            }
        }
    }

    /** One frame with any code. */
    public void frame(int code, boolean last, byte[] payload, int from, int length) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        head.write((last ? 0x80 : 0) | code);
        if (length < 126) {
            head.write(length);
        } else if (length < 65536) {
            head.write(126);
            head.write(length >> 8);
            head.write(length);
        } else {
            head.write(127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                head.write((int) ((long) length >> shift));
            }
        }
        head.write(payload, from, length);
        raw(head.toByteArray());
    }

    /** Any bytes. */
    public void raw(byte[] bytes) throws IOException {
        synchronized (out) {
            out.write(bytes);
            out.flush();
        }
    }

    /** Reads no more and answers nothing, but keeps the TCP connection: a peer that hangs. */
    public void freeze() {
        frozen = true;
    }

    /** Answers no ping from now on but goes on otherwise. */
    public void ignorePings() {
        silentPong = true;
    }

    /** Ends the connection without TLS or WebSocket farewell. */
    public void reset() {
        thaw.countDown();
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // gone already
        }
    }

    /** Polite end. */
    public void close() throws IOException {
        frame(CLOSE, true, new byte[] {3, (byte) 232}, 0, 2);
    }

    /** The next message that fits, skipping others. */
    public JsonObject next(Predicate<JsonObject> fits, Duration within) throws InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        for (long left = within.toNanos(); left > 0; left = end - System.nanoTime()) {
            String text = received.poll(left, TimeUnit.NANOSECONDS);
            if (text != null) {
                JsonObject message = JsonParser.parseString(text).getAsJsonObject();
                if (fits.test(message)) {
                    return message;
                }
            }
        }
        throw new AssertionError("no such message within " + within);
    }

    /** The next message whatever it is, {@code null} when none comes. */
    public String poll(Duration within) throws InterruptedException {
        return received.poll(within.toMillis(), TimeUnit.MILLISECONDS);
    }

    public boolean awaitEnd(Duration within) throws InterruptedException {
        return ended.await(within.toMillis(), TimeUnit.MILLISECONDS);
    }

    public boolean isEnded() {
        return ended.getCount() == 0;
    }

    void read(Consumer<String> onText) throws IOException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        try {
            while (true) {
                if (frozen) {
                    thaw.await();
                    return;
                }
                int head = in.readUnsignedByte();
                int size = in.readUnsignedByte() & 0x7f;
                long length = size == 126 ? in.readUnsignedShort() : size == 127 ? in.readLong() : size;
                byte[] mask = in.readNBytes(4);
                byte[] payload = in.readNBytes((int) length);
                for (int i = 0; i < payload.length; i++) {
                    payload[i] ^= mask[i % 4];
                }
                int code = head & 0x0f;
                if (code == CLOSE) {
                    return;
                } else if (code == PING) {
                    if (!silentPong && !frozen) {
                        synchronized (out) {
                            frame(PONG, true, payload, 0, payload.length);
                        }
                    }
                } else if (code != PONG) {
                    message.writeBytes(payload);
                    if ((head & 0x80) != 0) {
                        String text = message.toString(StandardCharsets.UTF_8);
                        message.reset();
                        received.add(text);
                        onText.accept(text);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ended.countDown();
        }
    }
}
