package io.kelp.broker.internal.net;

import io.kelp.control.Problem;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One listening socket; tries again, ever less often, while its port is taken. Touched by the broker's thread alone. */
final class Listener {

    private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
    private static final long FIRST_RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long LONGEST_RETRY_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final int BACKLOG = 1024;

    final ListenAddress address;
    private ServerSocketChannel channel;
    private long retryNanos = FIRST_RETRY_NANOS;
    private long nextTryNanos;
    private Problem problem;

    Listener(ListenAddress address, long now) {
        this.address = address;
        this.nextTryNanos = now;
    }

    boolean isOpen() {
        return channel != null;
    }

    long nextTryNanos() {
        return nextTryNanos;
    }

    /** What keeps it from listening, null when nothing does. */
    Problem problem() {
        return problem;
    }

    int port() {
        return channel == null ? -1 : channel.socket().getLocalPort();
    }

    void open(Selector selector, long now) {
        ServerSocketChannel opened = null;
        try {
            opened = ServerSocketChannel.open();
            opened.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            opened.configureBlocking(false);
            opened.bind(new InetSocketAddress(address.address(), address.port()), BACKLOG);
            opened.register(selector, SelectionKey.OP_ACCEPT, this);
            channel = opened;
            problem = null;
            LOG.info("MQTT broker serves {}:{}", address.address().getHostAddress(), port());
        } catch (IOException e) {
            if (opened != null) {
                Sockets.close(opened);
            }
            failed(e, now);
        }
    }

    ServerSocketChannel channel() {
        return channel;
    }

    void close() {
        if (channel != null) {
            Sockets.close(channel);
            channel = null;
        }
    }

    private void failed(IOException e, long now) {
        if (problem == null) {
            problem = new Problem("BROKER-PORT", "The MQTT broker cannot listen on " + address + ": " + e.getMessage(),
                    address.toString(),
                    "Stop the program that has the port (ss -ltnp shows it), or set another port in io.kelp.broker", Instant.now());
            LOG.warn("{}. {}. Trying again", problem.sentence(), problem.remedy());
        }
        nextTryNanos = now + retryNanos;
        retryNanos = Math.min(LONGEST_RETRY_NANOS, retryNanos * 2);
    }
}
