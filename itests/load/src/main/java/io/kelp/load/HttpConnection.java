package io.kelp.load;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLSocket;

/** The least HTTP/1.1 client over TLS: one connection, one request at a time. */
final class HttpConnection implements AutoCloseable {

    /** An answer. */
    record Answer(int status, byte[] body) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    private static final int PATIENCE_MILLIS = 60_000;

    private final ApiAccess access;
    private final SSLSocket socket;
    private final InputStream in;
    private final OutputStream out;

    HttpConnection(ApiAccess access) throws IOException {
        this.access = access;
        this.socket = (SSLSocket) access.tls().getSocketFactory().createSocket(access.host(), access.port());
        this.socket.setTcpNoDelay(true);
        this.socket.setSoTimeout(PATIENCE_MILLIS);
        this.in = new BufferedInputStream(socket.getInputStream(), 1 << 14);
        this.out = socket.getOutputStream();
    }

    Answer send(String method, String path, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String head = method + " " + path + " HTTP/1.1\r\nHost: " + access.host() + ":" + access.port() + "\r\nAccept: application/json\r\n"
                + access.authorization() + (bytes.length == 0 ? "" : "Content-Type: " + type + "\r\n")
                + "Content-Length: " + bytes.length + "\r\n\r\n";
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write(head.getBytes(StandardCharsets.US_ASCII));
        whole.write(bytes);
        out.write(whole.toByteArray());
        out.flush();
        return answer();
    }

    /** Like {@link #send}, for what has to work. */
    String expect(int status, String method, String path, String body) throws IOException {
        Answer answer = send(method, path, method.equals("PATCH") ? "application/merge-patch+json" : "application/json", body);
        if (answer.status() != status) {
            throw new IOException(method + " " + path + ": " + answer.status() + " " + answer.text());
        }
        return answer.text();
    }

    private Answer answer() throws IOException {
        int status = Integer.parseInt(line().split(" ")[1]);
        int length = 0;
        boolean chunked = false;
        for (String header = line(); !header.isEmpty(); header = line()) {
            String lower = header.toLowerCase(java.util.Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(lower.substring(15).strip());
            }
            chunked |= lower.startsWith("transfer-encoding:") && lower.contains("chunked");
        }
        return new Answer(status, chunked ? chunks() : in.readNBytes(length));
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            int size = Integer.parseInt(line().strip(), 16);
            body.write(in.readNBytes(size));
            line();
            if (size == 0) {
                return body.toByteArray();
            }
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the server has closed the connection");
            }
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
