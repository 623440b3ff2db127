package io.kelp.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;

/**
 * Many watches over TLS, each on a connection of its own, read by two threads. An event that carries
 * {@code "t":"NANOS"} is timed against {@link System#nanoTime} of this process.
 */
final class WatchFleet implements AutoCloseable {

    private static final byte[] MARK = "\"t\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final int THREADS = 2;
    private static final int OVERLAP = 40;

    private final ApiAccess access;
    private final List<Loop> loops = new ArrayList<>();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();

    WatchFleet(ApiAccess access, String path, int watches) throws IOException {
        this.access = access;
        for (int i = 0; i < THREADS; i++) {
            loops.add(new Loop());
        }
        for (int i = 0; i < watches; i++) {
            Watch watch = new Watch(path);
            loops.get(i % THREADS).watches.add(watch);
        }
        for (Loop loop : loops) {
            Thread thread = new Thread(loop, "watches");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** How many have got a status line that is 200. */
    int answered() {
        return answered.get();
    }

    /** How many the server has closed. */
    int ended() {
        return ended.get();
    }

    /** Takes what has been measured so far, in ns. */
    long[] take() {
        long[] all = new long[0];
        for (Loop loop : loops) {
            synchronized (loop) {
                int before = all.length;
                all = java.util.Arrays.copyOf(all, before + loop.count);
                System.arraycopy(loop.nanos, 0, all, before, loop.count);
                loop.count = 0;
            }
        }
        return all;
    }

    @Override
    public void close() {
        loops.forEach(loop -> loop.stopped = true);
    }

    /** One selector and its thread. */
    private final class Loop implements Runnable {
        final Selector selector = Selector.open();
        final List<Watch> watches = new ArrayList<>();
        final ByteBuffer plain = ByteBuffer.allocate(1 << 16);
        long[] nanos = new long[1 << 16];
        int count;
        volatile boolean stopped;

        Loop() throws IOException {}

        @Override
        public void run() {
            try {
                int opened = 0;
                while (!stopped) {
                    // A few at a time: the handshakes are the server's work, too.
                    int under = 0;
                    for (Watch watch : watches.subList(0, opened)) {
                        under += watch.asked ? 0 : 1;
                    }
                    for (; opened < watches.size() && under < 10; under++) {
                        watches.get(opened++).open(selector);
                    }
                    selector.select(100);
                    for (SelectionKey key : selector.selectedKeys()) {
                        ((Watch) key.attachment()).ready(key, this);
                    }
                    selector.selectedKeys().clear();
                }
                for (Watch watch : watches) {
                    if (watch.channel != null) {
                        watch.channel.close();
                    }
                }
                selector.close();
            } catch (IOException e) {
                System.err.println("the watches end: " + e);
            }
        }

        synchronized void note(long sample) {
            if (count == nanos.length) {
                nanos = java.util.Arrays.copyOf(nanos, count * 2);
            }
            nanos[count++] = sample;
        }
    }

    /** One connection. */
    private final class Watch {
        private final ByteBuffer request;
        private final SSLEngine engine = access.tls().createSSLEngine(access.host(), access.port());
        private final ByteBuffer net = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        private final byte[] tail = new byte[OVERLAP];
        private int tailLength;
        private SocketChannel channel;
        private boolean first = true;
        private boolean asked;

        Watch(String path) {
            request = ByteBuffer.wrap(("GET " + path + " HTTP/1.1\r\nHost: " + access.host() + ":" + access.port()
                    + "\r\nAccept: application/json\r\n" + access.authorization() + "\r\n").getBytes(StandardCharsets.US_ASCII));
        }

        void open(Selector selector) throws IOException {
            engine.setUseClientMode(true);
            channel = SocketChannel.open(new InetSocketAddress(access.host(), access.port()));
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, this);
            engine.beginHandshake();
            advance(null);
        }

        void ready(SelectionKey key, Loop loop) throws IOException {
            int read = channel.read(net);
            if (read < 0) {
                ended.incrementAndGet();
                key.cancel();
                channel.close();
                return;
            }
            net.flip();
            advance(loop);
            net.compact();
        }

        /** Goes on as far as the bytes at hand allow. */
        private void advance(Loop loop) throws IOException {
            while (true) {
                HandshakeStatus status = engine.getHandshakeStatus();
                if (status == HandshakeStatus.NEED_TASK) {
                    for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                        task.run();
                    }
                } else if (status == HandshakeStatus.NEED_WRAP || !asked && status == HandshakeStatus.NOT_HANDSHAKING) {
                    wrap(status);
                } else if (loop == null || !unwrap(loop)) {
                    return;
                }
            }
        }

        private void wrap(HandshakeStatus status) throws IOException {
            ByteBuffer packet = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            engine.wrap(status == HandshakeStatus.NEED_WRAP ? ByteBuffer.allocate(0) : request, packet);
            asked |= !request.hasRemaining();
            packet.flip();
            while (packet.hasRemaining()) {
                channel.write(packet);
            }
        }

        private boolean unwrap(Loop loop) throws IOException {
            ByteBuffer plain = loop.plain.clear();
            plain.put(tail, 0, tailLength);
            SSLEngineResult result = engine.unwrap(net, plain);
            if (result.bytesProduced() > 0) {
                look(plain.array(), plain.position(), loop);
            }
            return result.getStatus() == SSLEngineResult.Status.OK && (result.bytesConsumed() > 0 || result.bytesProduced() > 0);
        }

        private void look(byte[] data, int end, Loop loop) {
            if (first) {
                first = false;
                answered.addAndGet(new String(data, 0, Math.min(end, 12), StandardCharsets.US_ASCII).equals("HTTP/1.1 200") ? 1 : 0);
            }
            int done = 0;
            for (int i = 0; i + OVERLAP <= end; i++) {
                if (data[i] == '"' && data[i + 1] == 't' && data[i + 2] == MARK[2] && data[i + 3] == MARK[3] && data[i + 4] == MARK[4]) {
                    long sent = 0;
                    int at = i + MARK.length;
                    for (; at < end && data[at] >= '0' && data[at] <= '9'; at++) {
                        sent = sent * 10 + data[at] - '0';
                    }
                    loop.note(System.nanoTime() - sent);
                    done = at;
                    i = at;
                }
            }
            // A mark too near the end is looked at again with what follows.
            tailLength = Math.min(OVERLAP - 1, end - done);
            System.arraycopy(data, end - tailLength, tail, 0, tailLength);
        }
    }
}
