package io.kelp.mapper.modbus.internal.wire;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/** A TCP connection. Non-blocking below, because only so a wait can be interrupted and a closed peer be seen before asking it. */
public final class SocketLink implements Link {

    private static final long LONGEST_WRITE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;

    private SocketLink(SocketChannel channel, Selector selector) throws IOException {
        this.channel = channel;
        this.selector = selector;
        channel.configureBlocking(false);
        this.key = channel.register(selector, 0);
    }

    /** @throws IOException naming host, port and what was wrong */
    public static SocketLink connect(String host, int port, long timeoutNanos) throws IOException, InterruptedException {
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new UnknownHostException("the host name " + host + " is not known");
        }
        SocketChannel channel = SocketChannel.open();
        Selector selector = null;
        try {
            selector = Selector.open();
            SocketLink link = new SocketLink(channel, selector);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
            if (!channel.connect(address)) {
                link.await(SelectionKey.OP_CONNECT, System.nanoTime() + timeoutNanos);
                if (!channel.finishConnect()) {
                    throw new SocketTimeoutException("no connection to " + host + ":" + port + " within "
                            + TimeUnit.NANOSECONDS.toMillis(timeoutNanos) + " ms");
                }
            }
            return link;
        } catch (ConnectException e) {
            release(channel, selector);
            throw new ConnectException("no connection to " + host + ":" + port + ": " + e.getMessage());
        } catch (IOException | InterruptedException | RuntimeException e) {
            release(channel, selector);
            throw e;
        }
    }

    /** A connection that the other side has opened. */
    public static SocketLink of(SocketChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        return new SocketLink(channel, Selector.open());
    }

    private static void release(SocketChannel channel, Selector selector) throws IOException {
        try (channel) {
            if (selector != null) {
                selector.close();
            }
        }
    }

    /** Waits until the channel is ready or the time has come. */
    private void await(int operation, long deadline) throws IOException, InterruptedException {
        try {
            key.interestOps(operation);
            long left = deadline - System.nanoTime();
            if (left > 0) {
                selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left + 999_999)));
            }
            selector.selectedKeys().clear();
        } catch (ClosedSelectorException | CancelledKeyException e) {
            throw new AsynchronousCloseException(); // closed by another thread
        }
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while waiting for the device");
        }
    }

    @Override
    public void write(byte[] bytes) throws IOException, InterruptedException {
        ByteBuffer out = ByteBuffer.wrap(bytes);
        long deadline = System.nanoTime() + LONGEST_WRITE_NANOS;
        while (channel.write(out) >= 0 && out.hasRemaining()) {
            await(SelectionKey.OP_WRITE, deadline);
            if (System.nanoTime() - deadline >= 0) {
                throw new SocketTimeoutException("the device does not take what is sent to it");
            }
        }
    }

    @Override
    public int read(byte[] into, long nanos) throws IOException, InterruptedException {
        ByteBuffer in = ByteBuffer.wrap(into);
        if (nanos <= 0) {
            return channel.read(in);
        }
        long deadline = System.nanoTime() + nanos;
        while (true) {
            await(SelectionKey.OP_READ, deadline); // first: no device has answered by the time it has been asked
            int count = channel.read(in);
            if (count != 0 || System.nanoTime() - deadline >= 0) {
                return count;
            }
        }
    }

    @Override
    public void close() throws IOException {
        release(channel, selector);
    }
}
