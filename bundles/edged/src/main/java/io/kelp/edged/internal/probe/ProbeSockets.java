package io.kelp.edged.internal.probe;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections of all probes on one thread, which exists while there are any and for a while after.
 * A connection serves one probe and is closed after it, as kubelet does: a kept one would
 * hide that the server takes no more. Safe for use by several threads; no method blocks.
 */
final class ProbeSockets implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ProbeSockets.class);
    private static final long IDLE_MILLIS = 60_000;

    private final Queue<Exchange> arriving = new ConcurrentLinkedQueue<>();
    private final Object lock = new Object(); // guards what follows
    private Selector selector; // null while there is no thread
    private SSLContext tls;
    private boolean closed;

    /**
     * Connects, sends, and reads what comes until the head of an HTTP answer is complete.
     *
     * @param request {@code null} to connect only
     * @param tls whether to speak TLS, believing any certificate
     * @return what was read, empty for a mere connection; fails with an {@link IOException}, of class
     *     {@link ProbeTimeoutException} when the time ran out
     */
    CompletionStage<byte[]> exchange(InetSocketAddress address, byte[] request, boolean tls, Duration timeout) {
        CompletableFuture<byte[]> result = new CompletableFuture<>();
        Exchange exchange;
        try {
            exchange = new Exchange(address, request, tls ? Tls.client(context(), address) : null, System.nanoTime() + timeout.toNanos(), result);
        } catch (IOException e) {
            result.completeExceptionally(e);
            return result;
        }
        synchronized (lock) {
            if (closed) {
                result.completeExceptionally(new IOException("edged is stopping"));
                return result;
            }
            arriving.add(exchange);
            try {
                if (selector == null) {
                    selector = Selector.open();
                    Selector own = selector;
                    Thread thread = new Thread(() -> run(own), "kelp-probes");
                    thread.setDaemon(true);
                    thread.start();
                }
            } catch (IOException e) {
                arriving.remove(exchange);
                result.completeExceptionally(e);
                return result;
            }
            selector.wakeup();
        }
        return result;
    }

    /** Made when it is needed first: few probes speak TLS. */
    private SSLContext context() throws IOException {
        synchronized (lock) {
            if (tls == null) {
                tls = Tls.context();
            }
            return tls;
        }
    }

    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            if (selector != null) {
                selector.wakeup();
            }
        }
    }

    private void run(Selector own) {
        try (own) {
            long idleSince = System.nanoTime();
            while (true) {
                for (Exchange next = arriving.poll(); next != null; next = arriving.poll()) {
                    begin(own, next);
                }
                own.select(Math.max(1, Math.min(IDLE_MILLIS, untilDeadline(own))));
                for (SelectionKey key : own.selectedKeys()) {
                    step(key);
                }
                own.selectedKeys().clear();
                expire(own);
                if (!own.keys().isEmpty() || !arriving.isEmpty()) {
                    idleSince = System.nanoTime();
                }
                if (ends(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - idleSince) >= IDLE_MILLIS)) {
                    own.keys().forEach(key -> ((Exchange) key.attachment()).fail(new IOException("edged is stopping")));
                    return;
                }
            }
        } catch (IOException | ClosedSelectorException e) {
            LOG.error("Probes cannot wait for the network: {}; the next one tries anew", e.getMessage());
            synchronized (lock) {
                selector = null;
            }
            fail(own, e);
        }
    }

    private void fail(Selector own, Exception why) {
        IOException failure = new IOException(why.getMessage(), why);
        if (own.isOpen()) {
            own.keys().forEach(key -> ((Exchange) key.attachment()).fail(failure));
        }
        for (Exchange next = arriving.poll(); next != null; next = arriving.poll()) {
            next.fail(failure);
        }
    }

    /** Whether the thread ends now; decided under the lock so that nothing arrives for a thread that is ending. */
    private boolean ends(boolean idle) {
        synchronized (lock) {
            boolean end = closed || idle && arriving.isEmpty();
            if (end) {
                selector = null;
                for (Exchange next = arriving.poll(); next != null; next = arriving.poll()) {
                    next.fail(new IOException("edged is stopping"));
                }
            }
            return end;
        }
    }

    private static void begin(Selector own, Exchange exchange) {
        try {
            SocketChannel channel = SocketChannel.open();
            exchange.channel = channel;
            channel.configureBlocking(false);
            boolean connected = channel.connect(exchange.address);
            SelectionKey key = channel.register(own, SelectionKey.OP_CONNECT, exchange);
            if (connected) {
                key.interestOps(exchange.connected());
            }
        } catch (IOException | RuntimeException e) { // RuntimeException: unresolved or forbidden addresses
            exchange.fail(e instanceof IOException io ? io : new IOException(e.toString(), e));
        }
    }

    private static void step(SelectionKey key) {
        Exchange exchange = (Exchange) key.attachment();
        try {
            if (!key.isValid()) {
                return;
            }
            int interest = key.isConnectable() && exchange.channel.finishConnect() ? exchange.connected() : exchange.step();
            if (key.isValid()) {
                key.interestOps(interest);
            }
        } catch (IOException e) {
            exchange.fail(e);
        } catch (CancelledKeyException e) {
            exchange.fail(new IOException("closed", e));
        }
    }

    private static long untilDeadline(Selector own) {
        long soonest = Long.MAX_VALUE;
        long now = System.nanoTime();
        for (SelectionKey key : own.keys()) {
            soonest = Math.min(soonest, ((Exchange) key.attachment()).deadline - now);
        }
        return soonest == Long.MAX_VALUE ? IDLE_MILLIS : TimeUnit.NANOSECONDS.toMillis(soonest) + 1;
    }

    private static void expire(Selector own) {
        long now = System.nanoTime();
        List<Exchange> late = new ArrayList<>();
        for (SelectionKey key : own.keys()) {
            Exchange exchange = (Exchange) key.attachment();
            if (exchange.deadline - now <= 0) {
                late.add(exchange);
            }
        }
        late.forEach(Exchange::expire);
    }
}
