package io.kelp.mapper.mqtt.internal.broker;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/**
 * Plain sockets that do not let a packet in that is larger than allowed. The client library would take memory for whatever
 * length a packet claims, up to 256 MiB, which is all that a small gateway has.
 */
final class GuardedSockets extends SocketFactory {

    private final int mostBytes;

    GuardedSockets(int mostBytes) {
        this.mostBytes = mostBytes;
    }

    @Override
    public Socket createSocket() {
        return new Socket() {
            private InputStream guarded; // confined to the thread that reads

            @Override
            public InputStream getInputStream() throws IOException {
                if (guarded == null) {
                    guarded = new Guard(super.getInputStream(), mostBytes);
                }
                return guarded;
            }
        };
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

    /** Follows the packets (MQTT 3.1.1, section 2.2: a byte, then the remaining length in 1 to 4 bytes of 7 bits). */
    static final class Guard extends FilterInputStream {

        private final int mostBytes;
        private boolean inLength;
        private int shift;
        private long remaining; // of the packet at hand

        Guard(InputStream in, int mostBytes) {
            super(in);
            this.mostBytes = mostBytes;
        }

        @Override
        public int read() throws IOException {
            int one = super.read();
            if (one >= 0) {
                follow((byte) one);
            }
            return one;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int count = super.read(buffer, offset, length);
            for (int i = offset; i < offset + count; ) {
                if (!inLength && remaining > 0) {
                    int skipped = (int) Math.min(remaining, offset + count - i);
                    remaining -= skipped;
                    i += skipped;
                } else {
                    follow(buffer[i++]);
                }
            }
            return count;
        }

        private void follow(byte next) throws IOException {
            if (inLength) {
                remaining |= (next & 0x7FL) << shift;
                shift += 7;
                inLength = next < 0 && shift < 28;
                if (remaining > mostBytes) {
                    throw new IOException("it sent a packet of " + remaining + " bytes, allowed are mostPacketBytes = " + mostBytes
                            + " (setting of the mapper)");
                }
            } else if (remaining > 0) {
                remaining--;
            } else {
                inLength = true;
                shift = 0;
            }
        }
    }
}
