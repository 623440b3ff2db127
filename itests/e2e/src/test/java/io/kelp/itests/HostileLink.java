package io.kelp.itests;

import io.kelp.load.SimulatedGateway.Identity;
import io.kelp.load.Tls;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLSocket;

/** A link to the cloud down to its bytes, so that it can do what no gateway does. For one thread. */
final class HostileLink implements AutoCloseable {

    static final int TEXT = 1;
    static final int CONTINUATION = 0;
    static final int PING = 9;

    private static final int CLOSE = 8;
    private static final String PROJECT = "e632aba927ea4ac2b575ec1603d56f10";

    private final SSLSocket socket;
    private final DataInputStream in;
    private final String status;

    /** Connects, saying that it is the given node, whatever the certificate says. */
    HostileLink(int hubPort, Identity identity, String node) throws IOException, GeneralSecurityException {
        socket = (SSLSocket) Tls.mutual(identity.ca(), identity.key(), identity.certificate()).getSocketFactory()
                .createSocket("127.0.0.1", hubPort);
        socket.setSoTimeout(10_000);
        String request = "GET /" + PROJECT + "/" + node + "/events HTTP/1.1\r\nHost: 127.0.0.1:" + hubPort
                + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nnode_id: " + node + "\r\nproject_id: " + PROJECT
                + "\r\nConnectionUse: msg\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
        in = new DataInputStream(socket.getInputStream());
        status = line();
        for (String header = line(); !header.isEmpty(); header = line()) {
            if (header.toLowerCase(Locale.ROOT).startsWith("location:")) {
                throw new IOException("sent elsewhere: " + header);
            }
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

    /** The status line of the answer to the request to connect. */
    String status() {
        return status;
    }

    void send(Message message) throws IOException {
        frame(TEXT, true, MessageCodec.encode(message).getBytes(StandardCharsets.UTF_8));
    }

    void frame(int opcode, boolean last, byte[] payload) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(payload.length + 14);
        out.write((last ? 0x80 : 0) | opcode);
        int shift = payload.length < 126 ? 0 : payload.length < 65_536 ? 16 : 64;
        out.write(0x80 | (shift == 0 ? payload.length : shift == 16 ? 126 : 127));
        while (shift > 0) {
            shift -= 8;
            out.write((int) ((long) payload.length >> shift));
        }
        out.writeBytes(new byte[4]); // a mask of zeros: the payload stays as it is
        out.writeBytes(payload);
        bytes(out.toByteArray());
    }

    void bytes(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /** Waits until the cloud ends the link; gives the code of its close frame, 0 when it came without one. */
    int closeCode() throws IOException {
        try {
            while (true) {
                Frame frame = read();
                if (frame.opcode() == CLOSE) {
                    return frame.payload().length < 2 ? 0 : (frame.payload()[0] & 0xff) << 8 | frame.payload()[1] & 0xff;
                }
            }
        } catch (EOFException | SocketException e) {
            return 0;
        }
    }

    /** The texts of so many messages from the cloud. */
    List<String> read(int messages) throws IOException {
        List<String> texts = new ArrayList<>();
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        while (texts.size() < messages) {
            Frame frame = read();
            if (frame.opcode() > 2) {
                throw new IOException("the cloud ends the link after " + texts);
            }
            text.writeBytes(frame.payload());
            if (frame.last()) {
                texts.add(text.toString(StandardCharsets.UTF_8));
                text.reset();
            }
        }
        return texts;
    }

    private Frame read() throws IOException {
        int first = in.readUnsignedByte();
        long length = in.readUnsignedByte() & 0x7f;
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = in.readLong();
        }
        return new Frame(first & 0x0f, (first & 0x80) != 0, in.readNBytes((int) length));
    }

    private record Frame(int opcode, boolean last, byte[] payload) {}

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
