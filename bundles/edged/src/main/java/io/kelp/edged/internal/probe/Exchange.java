package io.kelp.edged.internal.probe;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection of a probe. Touched by the thread of {@link ProbeSockets} alone. */
final class Exchange {

    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
    /** A head longer than this is cut; its first line is what counts. */
    private static final int MAX_HEAD = 16_384;

    final InetSocketAddress address;
    final long deadline;
    SocketChannel channel;
    private final ByteBuffer request;
    private final Tls tls;
    private final CompletableFuture<byte[]> result;
    private final ByteArrayOutputStream head = new ByteArrayOutputStream();
    private boolean connected;

    /**
     * @param request {@code null} to connect only
     * @param tls {@code null} for plain text
     * @param deadline of the monotonic clock, nanoseconds
     */
    Exchange(InetSocketAddress address, byte[] request, Tls tls, long deadline, CompletableFuture<byte[]> result) {
        this.address = address;
        this.request = request == null ? null : ByteBuffer.wrap(request);
        this.tls = tls;
        this.deadline = deadline;
        this.result = result;
    }

    /** The connection is there; returns the interest of the channel. */
    int connected() throws IOException {
        connected = true;
        if (request == null) {
            finish();
            return 0;
        }
        return step();
    }

    /** Writes and reads as far as it goes; returns the interest of the channel, 0 at the end. */
    int step() throws IOException {
        if (tls != null && !tls.isReady()) {
            int interest = tls.handshake(channel);
            if (!tls.isReady()) {
                return interest;
            }
        }
        if (request.hasRemaining()) {
            if (tls == null) {
                channel.write(request);
            } else {
                tls.write(channel, request);
            }
            if (request.hasRemaining() || tls != null && tls.flush(channel)) {
                return SelectionKey.OP_WRITE;
            }
        } else if (tls != null && tls.flush(channel)) {
            return SelectionKey.OP_WRITE;
        }
        return read() ? 0 : SelectionKey.OP_READ;
    }

    /** Whether the answer is complete. */
    private boolean read() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(4096);
        int count = tls == null ? channel.read(bytes) : tls.read(channel, bytes);
        while (count > 0) {
            head.write(bytes.array(), 0, count);
            bytes.clear();
            if (isComplete()) {
                finish();
                return true;
            }
            count = tls == null ? channel.read(bytes) : tls.read(channel, bytes);
        }
        if (count < 0) {
            finish();
            return true;
        }
        return false;
    }

    private boolean isComplete() {
        byte[] bytes = head.toByteArray();
        if (bytes.length >= MAX_HEAD) {
            return true;
        }
        for (int i = 3; i < bytes.length; i++) {
            if (bytes[i] == '\n' && (bytes[i - 1] == '\n' || bytes[i - 1] == '\r' && bytes[i - 2] == '\n')) {
                return true;
            }
        }
        return false;
    }

    private void finish() {
        close();
        result.complete(head.toByteArray());
    }

    void fail(IOException why) {
        close();
        result.completeExceptionally(why);
    }

    void expire() {
        fail(new ProbeTimeoutException(!connected));
    }

    private void close() {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.debug("Closing the connection of a probe to {} failed: {}", address, e.getMessage());
            }
        }
    }
}
