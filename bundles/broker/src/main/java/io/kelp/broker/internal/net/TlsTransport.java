package io.kelp.broker.internal.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;

/** TLS over TCP. The costly steps of a handshake run on another thread, so that no other client waits for them. */
final class TlsTransport implements Transport {

    private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

    private final SocketChannel channel;
    private final SSLEngine engine;
    private final Executor handshakes;
    private final Runnable resume;
    private final ByteBuffer netIn;
    private final ByteBuffer netOut;
    private final ByteBuffer appIn;
    private boolean taskRuns;
    private boolean ended;

    /** @param resume called by {@code handshakes} when the connection can go on */
    TlsTransport(SocketChannel channel, SSLEngine engine, Executor handshakes, Runnable resume) {
        this.channel = channel;
        this.engine = engine;
        this.handshakes = handshakes;
        this.resume = resume;
        int packet = engine.getSession().getPacketBufferSize();
        this.netIn = ByteBuffer.allocate(packet);
        this.netOut = ByteBuffer.allocate(packet * 2).flip();
        this.appIn = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).flip();
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        int taken = 0;
        while (true) {
            taken += move(appIn, into);
            if (taskRuns || appIn.hasRemaining()) {
                return taken;
            }
            int arrived = ended ? -1 : channel.read(netIn);
            ended |= arrived < 0;
            boolean progress = unwrap();
            if (!progress && !appIn.hasRemaining() && arrived <= 0) {
                return taken > 0 || !ended ? taken : -1;
            }
        }
    }

    @Override
    public void write(ByteBuffer from) throws IOException {
        while (from.hasRemaining() && !isBlocked() && !taskRuns) {
            if (engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP) {
                return; // the handshake waits for the client
            }
            wrap(from);
            if (handshakeStep()) {
                return;
            }
        }
        isBlocked();
    }

    @Override
    public boolean isBlocked() throws IOException {
        if (netOut.hasRemaining()) {
            channel.write(netOut);
        }
        return netOut.hasRemaining();
    }

    @Override
    public void close() {
        engine.closeOutbound();
        try {
            if (!isBlocked()) {
                wrap(EMPTY);
                isBlocked();
            }
        } catch (IOException e) {
            ended = true; // the farewell did not get through; closing follows anyway
        }
        Sockets.close(channel);
    }

    /** Called by the broker's thread after {@code resume}. */
    void taskDone() {
        taskRuns = false;
    }

    /** @return whether anything moved */
    private boolean unwrap() throws IOException {
        boolean moved = false;
        while (!taskRuns && !appIn.hasRemaining()) {
            if (handshakeStep()) {
                return moved;
            }
            if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
                return moved; // the socket is full
            }
            netIn.flip();
            appIn.clear();
            SSLEngineResult result;
            try {
                result = engine.unwrap(netIn, appIn);
            } finally {
                netIn.compact();
                appIn.flip();
            }
            if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                ended = true;
                return moved;
            }
            if (result.bytesConsumed() == 0 && result.bytesProduced() == 0
                    && result.getStatus() != SSLEngineResult.Status.OK) {
                return moved;
            }
            moved |= result.bytesConsumed() > 0 || result.bytesProduced() > 0;
            if (result.bytesConsumed() == 0 && result.bytesProduced() == 0
                    && result.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING) {
                return moved;
            }
        }
        return moved;
    }

    /** Does what the handshake asks of us. @return true when a task runs elsewhere and all has to wait */
    private boolean handshakeStep() throws IOException {
        while (!taskRuns) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> {
                    Runnable task = engine.getDelegatedTask();
                    if (task != null) {
                        taskRuns = true;
                        handshakes.execute(() -> {
                            task.run();
                            resume.run();
                        });
                    }
                }
                case NEED_WRAP -> {
                    if (isBlocked()) {
                        return false;
                    }
                    wrap(EMPTY);
                    isBlocked();
                }
                default -> {
                    return false;
                }
            }
        }
        return true;
    }

    private void wrap(ByteBuffer from) throws IOException {
        netOut.compact();
        try {
            SSLEngineResult result = engine.wrap(from, netOut);
            if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                ended = true;
            }
        } finally {
            netOut.flip();
        }
        isBlocked();
    }

    private static int move(ByteBuffer from, ByteBuffer to) {
        int count = Math.min(from.remaining(), to.remaining());
        if (count > 0) {
            int limit = from.limit();
            from.limit(from.position() + count);
            to.put(from);
            from.limit(limit);
        }
        return count;
    }
}
