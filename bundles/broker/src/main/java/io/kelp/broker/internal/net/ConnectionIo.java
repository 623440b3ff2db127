package io.kelp.broker.internal.net;

import io.kelp.broker.internal.core.Broker;
import io.kelp.broker.internal.core.Budget;
import io.kelp.broker.internal.core.Counters;
import io.kelp.broker.internal.core.Limits;
import io.kelp.broker.internal.packet.MalformedPacketException;
import io.kelp.broker.internal.packet.Packet;
import io.kelp.broker.internal.packet.PacketDecoder;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import javax.net.ssl.SSLEngine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves bytes between connections and protocol. One read and one write buffer serve all connections; a
 * connection has memory of its own only while a packet is incomplete or its socket is full. Runs on the
 * broker's thread alone.
 */
final class ConnectionIo {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionIo.class);
    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int SMALLEST_PARTIAL = 256;
    private static final int SHORT_PARTIAL = 4096;

    private final Broker broker;
    private final Budget budget;
    private final Counters counters;
    private final Predicate<Runnable> submit;
    private final PacketDecoder decoder;
    private final int pauseAboveBytes;
    private final long maxPartialBytes;
    private final ByteBuffer input = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final ByteBuffer output = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final ArrayDeque<Connection> work = new ArrayDeque<>();
    private final ArrayDeque<Connection> moreToRead = new ArrayDeque<>();
    private final RefusalLog refusals = new RefusalLog(LOG);
    private ExecutorService handshakes;
    private Selector selector;
    private long partialBytes;

    ConnectionIo(Broker broker, Limits limits, Budget budget, Counters counters, Predicate<Runnable> submit) {
        this.broker = broker;
        this.budget = budget;
        this.counters = counters;
        this.submit = submit;
        this.decoder = new PacketDecoder(limits.maxPacketBytes());
        this.pauseAboveBytes = limits.maxOutputBytes() * 2;
        this.maxPartialBytes = Math.max(limits.maxBufferedBytes(), 2L * limits.maxPacketBytes());
    }

    void open(SocketChannel channel, ListenAddress address, Selector into) {
        selector = into;
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            Connection connection = new Connection(String.valueOf(channel.getRemoteAddress()), budget, this::addWork);
            connection.transport = address.tls() == null ? new PlainTransport(channel) : tls(channel, address, connection);
            connection.key = channel.register(into, SelectionKey.OP_READ, connection);
            connection.client = broker.open(connection, address.credentialsNeeded(), System.nanoTime());
        } catch (IOException e) {
            LOG.debug("A connection was gone before it was served: {}", e.getMessage());
            Sockets.close(channel);
        }
    }

    void ready(Connection connection, SelectionKey key) {
        if (connection.gone || !key.isValid()) {
            return;
        }
        int ready = key.readyOps();
        if ((ready & SelectionKey.OP_WRITE) != 0) {
            addWork(connection);
        }
        if ((ready & SelectionKey.OP_READ) != 0) {
            guarded(connection, this::read);
        }
    }

    boolean hasMoreToRead() {
        return !moreToRead.isEmpty();
    }

    /** Sends what is queued, closes what is to be closed, goes on where reading was cut short. */
    void workOff() {
        for (int i = moreToRead.size(); i > 0; i--) {
            guarded(moreToRead.poll(), this::read);
        }
        // Draining one connection can fill others, so the list may grow meanwhile; each round sends.
        for (Connection connection = work.poll(); connection != null; connection = work.poll()) {
            connection.inWorkList = false;
            if (!connection.gone) {
                guarded(connection, this::flush);
            }
        }
    }

    private void guarded(Connection connection, Consumer<Connection> step) {
        try {
            step.accept(connection);
        } catch (RuntimeException e) {
            // What clients send is foreign: a fault of ours that one of them finds must not take the others with it.
            LOG.error("The MQTT broker failed on client {} and closes the connection", connection.peer(), e);
            close(connection);
        }
    }

    void closeAll(Selector of) {
        of.keys().stream().filter(key -> key.attachment() instanceof Connection).toList()
                .forEach(key -> close((Connection) key.attachment()));
    }

    /** Called by any thread, after the broker's thread has ended. */
    void stop() {
        if (handshakes != null) {
            handshakes.shutdownNow();
        }
    }

    private Transport tls(SocketChannel channel, ListenAddress address, Connection connection) {
        if (handshakes == null) {
            // At most one task waits per connection, and the connections are bounded.
            ThreadPoolExecutor single = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(),
                    task -> new Thread(task, "kelp-broker-tls"));
            single.allowCoreThreadTimeOut(true);
            handshakes = single;
        }
        SSLEngine engine = address.tls().createSSLEngine();
        engine.setUseClientMode(false);
        return new TlsTransport(channel, engine, handshakes, () -> submit.test(() -> resume(connection)));
    }

    private void resume(Connection connection) {
        ((TlsTransport) connection.transport).taskDone();
        if (!connection.gone) {
            read(connection);
            addWork(connection);
        }
    }

    private void addWork(Connection connection) {
        if (!connection.inWorkList) {
            connection.inWorkList = true;
            work.add(connection);
        }
    }

    private void read(Connection connection) {
        if (connection.gone || connection.closing || isPaused(connection)) {
            return;
        }
        try {
            input.clear();
            if (connection.partial != null && connection.partialLength <= SHORT_PARTIAL) {
                input.put(connection.partial, 0, connection.partialLength);
                dropPartial(connection);
            }
            int count = connection.transport.read(input);
            boolean filled = !input.hasRemaining();
            input.flip();
            if (input.hasRemaining()) {
                take(connection, input);
            }
            if (count < 0) {
                close(connection);
            } else if (filled && !isPaused(connection)) {
                moreToRead.add(connection);
            } else if (connection.transport instanceof TlsTransport) {
                addWork(connection); // a handshake may have something to send
            }
        } catch (IOException e) {
            LOG.debug("MQTT client {} lost: {}", connection.peer(), e.getMessage());
            close(connection);
        } catch (MalformedPacketException e) {
            counters.malformed.increment();
            refusals.log(connection.client.describe(), e.getMessage());
            connection.close();
        }
    }

    private boolean isPaused(Connection connection) {
        return connection.queuedBytes() > pauseAboveBytes;
    }

    /** Decodes from what was left of last time plus what has come now. */
    private void take(Connection connection, ByteBuffer arrived) throws MalformedPacketException {
        if (connection.partial == null) {
            decode(connection, arrived);
            if (arrived.hasRemaining()) {
                keep(connection, arrived);
            }
            return;
        }
        keep(connection, arrived);
        decodePartial(connection);
    }

    private void decodePartial(Connection connection) throws MalformedPacketException {
        ByteBuffer kept = ByteBuffer.wrap(connection.partial, 0, connection.partialLength);
        if (!isPaused(connection) && !isComplete(kept)) {
            return;
        }
        decode(connection, kept);
        dropPartial(connection);
        if (kept.hasRemaining() && !connection.closing) {
            connection.partial = Arrays.copyOfRange(kept.array(), kept.position(), kept.limit());
            connection.partialLength = connection.partial.length;
            partialBytes += connection.partial.length;
        }
    }

    private void dropPartial(Connection connection) {
        partialBytes -= connection.partial.length;
        connection.partial = null;
        connection.partialLength = 0;
    }

    private boolean isComplete(ByteBuffer kept) throws MalformedPacketException {
        int length = decoder.frameLength(kept);
        return length >= 0 && length <= kept.remaining();
    }

    private void decode(Connection connection, ByteBuffer in) throws MalformedPacketException {
        long now = System.nanoTime();
        while (!connection.closing && !isPaused(connection)) {
            if (!connection.client.isConnected() && in.hasRemaining() && in.get(in.position()) != 0x10) {
                throw new MalformedPacketException("first packet is not CONNECT");
            }
            Packet packet = decoder.decode(in);
            if (packet == null) {
                return;
            }
            broker.packet(connection.client, packet, now);
        }
    }

    /** Memory grows with what has come, never with what a packet announces. */
    private void keep(Connection connection, ByteBuffer arrived) throws MalformedPacketException {
        if (connection.closing) {
            return;
        }
        int need = connection.partialLength + arrived.remaining();
        int had = connection.partial == null ? 0 : connection.partial.length;
        if (need > had) {
            int size = Math.max(Math.max(SMALLEST_PARTIAL, need), had * 2);
            connection.partial = connection.partial == null ? new byte[size] : Arrays.copyOf(connection.partial, size);
            partialBytes += size - had;
        }
        int count = arrived.remaining();
        arrived.get(connection.partial, connection.partialLength, count);
        connection.partialLength += count;
        decoder.frameLength(ByteBuffer.wrap(connection.partial, 0, connection.partialLength)); // refuses early
        if (partialBytes > maxPartialBytes) {
            closeLargestPartial();
        }
    }

    private void closeLargestPartial() {
        Connection largest = null;
        for (SelectionKey key : selector.keys()) {
            if (key.attachment() instanceof Connection c && c.partial != null && !c.closing
                    && (largest == null || c.partial.length > largest.partial.length)) {
                largest = c;
            }
        }
        if (largest != null) {
            refusals.log(largest.client.describe(), "packets begun and not finished take more than " + maxPartialBytes + " bytes");
            largest.close();
        }
    }

    private void flush(Connection connection) {
        try {
            boolean wasPaused = isPaused(connection);
            connection.flush(output);
            if (connection.closing) {
                close(connection);
                return;
            }
            if (connection.queuedBytes() == 0) {
                broker.drained(connection.client);
            }
            boolean blocked = connection.queuedBytes() > 0 && !connection.inWorkList || connection.transport.isBlocked();
            int wanted = (isPaused(connection) ? 0 : SelectionKey.OP_READ) | (blocked ? SelectionKey.OP_WRITE : 0);
            if (connection.key.interestOps() != wanted) {
                connection.key.interestOps(wanted);
            }
            if (wasPaused && !isPaused(connection)) {
                goOnReading(connection);
            }
        } catch (IOException e) {
            LOG.debug("MQTT client {} lost: {}", connection.peer(), e.getMessage());
            close(connection);
        }
    }

    private void goOnReading(Connection connection) {
        try {
            if (connection.partial != null) {
                decodePartial(connection);
            }
            moreToRead.add(connection);
        } catch (MalformedPacketException e) {
            counters.malformed.increment();
            refusals.log(connection.client.describe(), e.getMessage());
            connection.close();
        }
    }

    private void close(Connection connection) {
        if (connection.gone) {
            return;
        }
        connection.gone = true;
        connection.closing = true;
        if (connection.partial != null) {
            dropPartial(connection);
        }
        connection.release();
        connection.key.cancel();
        connection.transport.close();
        broker.closed(connection.client);
    }
}
