package io.kelp.load;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.Executors;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Measures any MQTT 3.1.1 broker: messages per second from one publisher to one subscriber, and the time from
 * publishing to delivery with one message under way.
 *
 * <p>Usage: {@code BrokerBench HOST PORT [MESSAGES]}. Prints one row per measurement. The bench's own packets are
 * written by hand, so that it shares no code with the broker.
 */
public final class BrokerBench {

    private static final byte[] PAYLOAD = new byte[64];
    private static final int WINDOW = 100;

    private final String host;
    private final int port;

    private BrokerBench(String host, int port) {
        this.host = host;
        this.port = port;
    }

    public static void main(String[] args) throws Exception {
        if (args.length < 2) {
            System.err.println("usage: BrokerBench HOST PORT [MESSAGES]");
            System.exit(2);
        }
        BrokerBench bench = new BrokerBench(args[0], Integer.parseInt(args[1]));
        int messages = args.length > 2 ? Integer.parseInt(args[2]) : 200_000;
        bench.throughput(0, messages / 4); // warm-up
        System.out.println("| measurement | figure |");
        System.out.println("|---|---|");
        for (int qos = 0; qos <= 1; qos++) {
            System.out.printf("| QoS %d, 1 publisher, 1 subscriber, %d messages | %.0f/s |%n", qos, messages, bench.throughput(qos, messages));
        }
        for (int qos = 0; qos <= 1; qos++) {
            long[] nanos = bench.latency(qos, 20_000);
            System.out.printf("| QoS %d, publish to delivery, one under way | p50 %.3f ms, p99 %.3f ms |%n", qos,
                    nanos[nanos.length / 2] / 1e6, nanos[nanos.length * 99 / 100] / 1e6);
        }
    }

    private double throughput(int qos, int messages) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(2);
        try (Client subscriber = new Client("bench-sub"); Client publisher = new Client("bench-pub")) {
            subscriber.subscribe(qos);
            // Deliveries pace the publisher, so that a broker which sheds load of QoS 0 is not flooded.
            Semaphore window = new Semaphore(qos == 0 ? 2_000 : WINDOW);
            long start = System.nanoTime();
            Future<?> received = pool.submit(() -> {
                for (int i = 0; i < messages; i++) {
                    subscriber.message();
                    window.release();
                }
                return null;
            });
            Future<?> acknowledged = pool.submit(() -> {
                for (int i = 0; qos > 0 && i < messages; i++) {
                    publisher.next();
                }
                return null;
            });
            for (int i = 0; i < messages; i++) {
                if (!window.tryAcquire()) {
                    publisher.flush();
                    if (!window.tryAcquire(30, TimeUnit.SECONDS)) {
                        throw new IOException("no delivery for 30 s after " + i + " messages");
                    }
                }
                publisher.publish(qos, 1 + i % WINDOW);
            }
            publisher.flush();
            received.get(60, TimeUnit.SECONDS);
            acknowledged.get(60, TimeUnit.SECONDS);
            return messages / ((System.nanoTime() - start) / 1e9);
        } finally {
            pool.shutdownNow();
        }
    }

    private long[] latency(int qos, int messages) throws IOException {
        try (Client subscriber = new Client("bench-sub"); Client publisher = new Client("bench-pub")) {
            subscriber.subscribe(qos);
            long[] nanos = new long[messages];
            for (int i = 0; i < messages; i++) {
                long start = System.nanoTime();
                publisher.publish(qos, 1);
                publisher.flush();
                subscriber.message();
                nanos[i] = System.nanoTime() - start;
                if (qos > 0) {
                    publisher.next();
                }
            }
            Arrays.sort(nanos);
            return nanos;
        }
    }

    /** The least client that can take part. */
    private final class Client implements AutoCloseable {

        private final Socket socket;
        private final DataInputStream in;
        private final OutputStream out;

        Client(String id) throws IOException {
            socket = new Socket(host, port);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(30_000);
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
            out = new BufferedOutputStream(socket.getOutputStream(), 1 << 14);
            byte[] name = id.getBytes(StandardCharsets.US_ASCII);
            out.write(new byte[] {0x10, (byte) (12 + name.length), 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0, (byte) name.length});
            out.write(name);
            flush();
            if (next() >> 4 != 2) {
                throw new IOException("the broker does not let us in");
            }
        }

        void subscribe(int qos) throws IOException {
            out.write(new byte[] {(byte) 0x82, 10, 0, 1, 0, 5, 'b', 'e', 'n', 'c', 'h', (byte) qos});
            flush();
            if (next() >> 4 != 9) {
                throw new IOException("the broker refuses the subscription");
            }
        }

        void publish(int qos, int packetId) throws IOException {
            out.write(0x30 | qos << 1);
            out.write(7 + (qos > 0 ? 2 : 0) + PAYLOAD.length);
            out.write(new byte[] {0, 5, 'b', 'e', 'n', 'c', 'h'});
            if (qos > 0) {
                out.write(packetId >> 8);
                out.write(packetId);
            }
            out.write(PAYLOAD);
        }

        void flush() throws IOException {
            out.flush();
        }

        /** Reads up to the next message and acknowledges it. */
        void message() throws IOException {
            int first = in.readUnsignedByte();
            byte[] body = in.readNBytes(length());
            if ((first & 0x06) == 0x02) {
                out.write(new byte[] {0x40, 2, body[7], body[8]});
                flush();
            }
        }

        /** Reads one packet and returns its first byte. */
        int next() throws IOException {
            int first = in.readUnsignedByte();
            in.skipNBytes(length());
            return first;
        }

        private int length() throws IOException {
            int length = 0;
            for (int shift = 0; ; shift += 7) {
                int b = in.readUnsignedByte();
                length |= (b & 0x7f) << shift;
                if (b < 0x80) {
                    return length;
                }
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
