package io.kelp.edged.internal.probe;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** The TLS of one connection of a probe. Any certificate will do, as for kubelet: a probe asks whether somebody answers, not who. */
final class Tls {

    private final SSLEngine engine;
    private final ByteBuffer incoming;
    private final ByteBuffer outgoing;
    private final ByteBuffer plain;
    private boolean ready;

    private Tls(SSLEngine engine) {
        this.engine = engine;
        int packet = engine.getSession().getPacketBufferSize();
        incoming = ByteBuffer.allocate(packet);
        outgoing = ByteBuffer.allocate(packet).flip();
        plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).flip();
    }

    static Tls client(SSLContext context, InetSocketAddress address) throws IOException {
        SSLEngine engine = context.createSSLEngine(address.getHostString(), address.getPort());
        engine.setUseClientMode(true);
        engine.beginHandshake();
        return new Tls(engine);
    }

    static SSLContext context() throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Anybody()}, new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("no TLS here: " + e.getMessage(), e);
        }
    }

    boolean isReady() {
        return ready;
    }

    /** Goes on with the handshake; returns the interest of the channel. */
    int handshake(SocketChannel channel) throws IOException {
        while (true) {
            if (flush(channel)) {
                return SelectionKey.OP_WRITE;
            }
            HandshakeStatus status = engine.getHandshakeStatus();
            if (status == HandshakeStatus.NEED_TASK) {
                for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                    task.run();
                }
            } else if (status == HandshakeStatus.NEED_WRAP) {
                wrap(ByteBuffer.allocate(0));
            } else if (status == HandshakeStatus.NEED_UNWRAP || status == HandshakeStatus.NEED_UNWRAP_AGAIN) {
                if (!unwrap() && !fill(channel)) {
                    return SelectionKey.OP_READ;
                }
            } else {
                ready = true;
                return SelectionKey.OP_WRITE;
            }
        }
    }

    void write(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining() && !flush(channel)) {
            wrap(bytes);
        }
    }

    /** Sends what is encrypted; whether some of it is left. */
    boolean flush(SocketChannel channel) throws IOException {
        if (outgoing.hasRemaining()) {
            channel.write(outgoing);
        }
        return outgoing.hasRemaining();
    }

    /** As {@link SocketChannel#read}. */
    int read(SocketChannel channel, ByteBuffer into) throws IOException {
        while (!plain.hasRemaining()) {
            if (!unwrap()) {
                if (engine.isInboundDone()) {
                    return -1;
                }
                try {
                    if (!fill(channel)) {
                        return 0;
                    }
                } catch (EOFException e) {
                    return -1; // without a farewell; what came before counts
                }
            }
        }
        int count = Math.min(plain.remaining(), into.remaining());
        into.put(into.position(), plain, plain.position(), count);
        plain.position(plain.position() + count);
        into.position(into.position() + count);
        return count;
    }

    private void wrap(ByteBuffer bytes) throws IOException {
        outgoing.compact();
        SSLEngineResult result = engine.wrap(bytes, outgoing);
        outgoing.flip();
        if (result.getStatus() == Status.CLOSED) {
            throw new EOFException("EOF");
        }
    }

    /** Decrypts one packet, if a whole one is there. */
    private boolean unwrap() throws IOException {
        incoming.flip();
        plain.compact();
        SSLEngineResult result = engine.unwrap(incoming, plain);
        plain.flip();
        incoming.compact();
        return result.getStatus() == Status.OK && result.bytesConsumed() + result.bytesProduced() > 0;
    }

    /** Whether something was read. */
    private boolean fill(SocketChannel channel) throws IOException {
        int count = channel.read(incoming);
        if (count < 0) {
            throw new EOFException("EOF");
        }
        return count > 0;
    }

    /** Believes anybody; being of the extended kind it also replaces the check of the host name. */
    private static final class Anybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
