package io.kelp.eventbus.client;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.SocketFactory;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Sockets, plain or with TLS, that make up for three weaknesses of the client library (Paho 1.2.5). It would take memory for whatever
 * length a packet claims, up to 256 MiB, which is all that a small gateway has: here a larger packet than allowed ends the connection.
 * It leaves a thread behind for good when a connection ends before it has sent its first packet: here the end is not seen before that.
 * And it waits without end, with three threads, for a broker that accepts and does not answer the CONNECT: here the connection ends
 * when the answer takes longer than the library's connection timeout, or is something else.
 *
 * <p>With TLS the name or address in the broker's certificate is checked (RFC 2818). For the library TLS is the business of the
 * socket: give it {@link #url} in place of the address. Any thread may use the factory; each of its sockets is for one connection.
 */
public final class BrokerSockets extends SocketFactory {

    private static final long FIRST_PACKET_SECONDS = 5;
    private static final byte CONNACK = 0x20; // MQTT 3.1.1, section 3.2.1

    private final SSLSocketFactory tls; // null: plain
    private final int mostBytes;
    private final String limit;

    /**
     * @param tls null for plain connections
     * @param mostBytes of a packet from the broker
     * @param limit how an operator knows {@code mostBytes}, for the sentence that says it was exceeded: "mostPacketBytes of io.kelp.mapper.mqtt"
     */
    public BrokerSockets(SSLSocketFactory tls, int mostBytes, String limit) {
        this.tls = tls;
        this.mostBytes = mostBytes;
        this.limit = limit;
    }

    /**
     * @param address {@code tcp://HOST:PORT} or {@code ssl://HOST:PORT}
     * @return what the library is to be told
     */
    public static String url(String address) {
        return address.replaceFirst("^ssl:", "tcp:");
    }

    @Override
    public Socket createSocket() {
        return new Guarded();
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        throw new IOException("only unconnected sockets are made here");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
        return createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        return createSocket(host.getHostAddress(), port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) throws IOException {
        return createSocket(host, port);
    }

    /** What the library calls of a socket, handed on to the one that counts. */
    private final class Guarded extends Socket {

        private final Socket plain = new Socket();
        private final CountDownLatch written = new CountDownLatch(1);
        private volatile Socket used = plain;
        private volatile InputStream in;
        private volatile OutputStream out;

        @Override
        public void connect(SocketAddress address, int timeout) throws IOException {
            plain.connect(address, timeout);
            if (tls != null) {
                InetSocketAddress to = (InetSocketAddress) address;
                SSLSocket secure = (SSLSocket) tls.createSocket(plain, to.getHostString(), to.getPort(), true);
                used = secure;
                SSLParameters parameters = secure.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                secure.setSSLParameters(parameters);
                secure.setSoTimeout(timeout);
                secure.startHandshake();
            }
            in = new Guard(used.getInputStream(), mostBytes, limit, written, timeout);
            OutputStream to = used.getOutputStream();
            out = new FilterOutputStream(to) {
                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    to.write(bytes, offset, length);
                    written.countDown();
                }

                @Override
                public void write(int one) throws IOException {
                    to.write(one);
                    written.countDown();
                }
            };
        }

        @Override
        public void connect(SocketAddress address) throws IOException {
            connect(address, 0);
        }

        @Override
        public InputStream getInputStream() {
            return in;
        }

        @Override
        public OutputStream getOutputStream() {
            return out;
        }

        @Override
        public void setSoTimeout(int millis) throws SocketException {
            used.setSoTimeout(millis);
        }

        @Override
        public boolean isConnected() {
            return used.isConnected();
        }

        @Override
        public boolean isClosed() {
            return used.isClosed();
        }

        @Override
        public void close() throws IOException {
            written.countDown();
            used.close();
        }
    }

    /** Follows the packets (MQTT 3.1.1, section 2.2: a byte, then the remaining length in 1 to 4 bytes of 7 bits). */
    private static final class Guard extends FilterInputStream {

        private final int mostBytes;
        private final String limit;
        private final CountDownLatch written;
        private final int answerMillis;
        private final long since = System.nanoTime();
        private boolean answered; // the CONNECT, with a whole packet
        private boolean inLength;
        private int shift;
        private long remaining; // of the packet at hand

        /** @param answerMillis deadline of the answer to the CONNECT, 0: none */
        Guard(InputStream in, int mostBytes, String limit, CountDownLatch written, int answerMillis) {
            super(in);
            this.mostBytes = mostBytes;
            this.limit = limit;
            this.written = written;
            this.answerMillis = answerMillis;
        }

        /** The library reads with a timeout of a second, so that this is asked often enough. */
        private void checkDeadline() throws IOException {
            if (!answered && answerMillis > 0 && System.nanoTime() - since > answerMillis * 1_000_000L) {
                throw new IOException("it accepts connections but did not answer within " + answerMillis + " ms");
            }
        }

        /** Waits until the library has sent something. */
        private void holdBack() throws InterruptedIOException {
            try {
                written.await(FIRST_PACKET_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int count;
            try {
                count = in.read(buffer, offset, length);
            } catch (SocketTimeoutException e) {
                checkDeadline();
                throw e; // nothing has come yet, which is well
            } catch (IOException e) {
                holdBack();
                throw e;
            }
            if (count < 0 || !answered) {
                holdBack(); // an answer, too, that comes before the question
            }
            for (int i = offset; i < offset + count; ) {
                if (!inLength && remaining > 0) {
                    int skipped = (int) Math.min(remaining, offset + count - i);
                    remaining -= skipped;
                    i += skipped;
                } else {
                    follow(buffer[i++]);
                }
                answered |= !inLength && remaining == 0;
            }
            checkDeadline();
            return count;
        }

        private void follow(byte next) throws IOException {
            if (inLength) {
                remaining |= (next & 0x7FL) << shift;
                shift += 7;
                inLength = next < 0 && shift < 28;
                if (remaining > mostBytes) {
                    throw new IOException("it sent a packet of " + remaining + " bytes, allowed are " + mostBytes + " (" + limit + ")");
                }
            } else if (remaining > 0) {
                remaining--;
            } else if (!answered && next != CONNACK) {
                throw new IOException("it answers a connection with something else than MQTT's CONNACK");
            } else {
                inLength = true;
                shift = 0;
            }
        }
    }
}
