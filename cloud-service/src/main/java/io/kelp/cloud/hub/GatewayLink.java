package io.kelp.cloud.hub;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;

/**
 * The WebSocket of one gateway: whole text messages in both directions, with bounds (channel
 * specification 2.2). One message is written at a time; the next frame is read when the owner asks
 * for it, so a gateway that talks too fast is slowed down by TCP.
 *
 * <p>Safe for use by several threads.
 */
final class GatewayLink implements FrameHandler {

    static final int NORMAL = 1000;
    static final int GOING_AWAY = 1001;
    static final int POLICY = 1008;
    static final int TOO_BIG = 1009;
    static final int BAD_DATA = 1007;
    static final int TRY_AGAIN_LATER = 1013;

    private static final int PROMPT_BYTES_PER_SECOND = 10_000;
    private static final int MAX_REASON = 120;
    private static final int MOST_JOINED = 32_768;

    private final int maxMessageBytes;
    private final int maxQueueBytes;
    private final InboundBudget budget;
    private final Queue<byte[]> queue = new ArrayDeque<>(2);
    private Owner owner;
    private CoreSession socket;
    private ByteArrayOutputStream fragments;
    private int reserved;
    private long fragmentsSince;
    private long queuedBytes;
    private Farewell farewell; // set when the link ends after what is queued
    private boolean writing;
    private boolean joins; // the gateway reads several messages from one text
    private boolean ended;
    private boolean demanded;
    private long writeSince;
    private int writeLength;

    /** Who uses the link. Called by Jetty's threads, one at a time for what is received. */
    interface Owner {

        void opened();

        /** @return whether the next message may be read now; otherwise {@link #readOn} is called later */
        boolean received(String text, int bytes);

        /** A frame came that completes no message. @return as {@link #received} */
        boolean receivedPart();

        /** The link has ended, for whatever reason; called once. */
        void ended(String reason);
    }

    /** @param budget for messages of which a part is still missing, shared by all links */
    GatewayLink(int maxMessageBytes, int maxQueueBytes, InboundBudget budget) {
        this.maxMessageBytes = maxMessageBytes;
        this.maxQueueBytes = maxQueueBytes;
        this.budget = budget;
    }

    void owner(Owner owner) {
        this.owner = owner;
    }

    /**
     * Queues a message.
     *
     * @return false when the link has ended or its queue is full
     */
    boolean send(String text) {
        if (!queue(text)) {
            return false;
        }
        flush();
        return true;
    }

    /** As {@link #send}, but that it leaves with the next message that is sent, or with {@link #flush}. */
    boolean queue(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        synchronized (this) {
            // A single message is always taken, however large: some objects are larger than any bound for a queue of small ones.
            if (ended || farewell != null || socket == null || queuedBytes > 0 && queuedBytes + bytes.length > maxQueueBytes) {
                return false;
            }
            queue.add(bytes);
            queuedBytes += bytes.length;
        }
        return true;
    }

    /** Writes what is queued. */
    void flush() {
        synchronized (this) {
            if (writing || queue.isEmpty()) {
                return;
            }
            writing = true;
        }
        writeNext();
    }

    /** From now on several messages, each of which ends with a line feed and has none inside, may go in one text. */
    synchronized void joins() {
        joins = true;
    }

    /** The message and those that go with it in one text. */
    private byte[] joined(byte[] first) {
        byte[] second = queue.peek();
        if (!joins || second == null || first.length + second.length > MOST_JOINED) {
            return first;
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream(first.length + (int) Math.min(queuedBytes, MOST_JOINED));
        all.writeBytes(first);
        for (; second != null && all.size() + second.length <= MOST_JOINED; second = queue.peek()) {
            all.writeBytes(queue.remove());
        }
        return all.toByteArray();
    }

    private void writeNext() {
        byte[] next;
        CoreSession to;
        Farewell last;
        synchronized (this) {
            next = ended ? null : queue.poll();
            last = next == null && !ended ? farewell : null;
            next = next == null ? null : joined(next);
            writing = next != null;
            writeSince = System.nanoTime();
            writeLength = writing ? next.length : 0;
            to = socket;
        }
        if (last != null) {
            close(last.status(), last.reason());
        }
        if (next != null) {
            write(to, next);
        }
    }

    private void write(CoreSession to, byte[] next) {
        to.sendFrame(new Frame(OpCode.TEXT, ByteBuffer.wrap(next)), new Callback() {
            @Override
            public void succeeded() {
                synchronized (GatewayLink.this) {
                    queuedBytes -= next.length;
                    writeLength = 0;
                }
                writeNext();
            }

            @Override
            public void failed(Throwable problem) {
                end("writing failed: " + problem.getMessage());
                to.abort();
            }
        }, false);
    }

    /** Asks for a sign of life (RFC 6455, section 5.5.2). */
    void ping() {
        CoreSession to;
        synchronized (this) {
            to = ended ? null : socket;
        }
        if (to != null) {
            to.sendFrame(new Frame(OpCode.PING), Callback.NOOP, false);
        }
    }

    /** Whether the gateway takes a message more slowly than it is allowed to. */
    synchronized boolean isStuck(long nowNanos, Duration patience) {
        return writeLength > 0 && nowNanos - writeSince
                > patience.plusSeconds(writeLength / PROMPT_BYTES_PER_SECOND).toNanos();
    }

    synchronized long queuedBytes() {
        return queuedBytes;
    }

    /** Asks for the next frame after {@link Owner#received} said no. */
    void readOn() {
        CoreSession from;
        synchronized (this) {
            if (ended || demanded) {
                return;
            }
            demanded = true;
            from = socket;
        }
        from.demand();
    }

    /** Ends the link with a close frame; a peer that is gone costs nothing. */
    void close(int status, String reason) {
        CoreSession to;
        synchronized (this) {
            to = socket;
        }
        Farewell last = finish(reason);
        if (to == null) {
            complete(last);
            return;
        }
        String fitting = reason.length() > MAX_REASON ? reason.substring(0, MAX_REASON) : reason;
        to.close(status, fitting, Callback.from(() -> complete(last), problem -> {
            to.abort();
            complete(last);
        }));
    }

    /**
     * Ends the link with a close frame once what is queued has been written; nothing more is taken.
     *
     * @return completes when the close frame is under way, or the link has ended otherwise
     */
    CompletableFuture<Void> closeWhenWritten(int status, String reason) {
        flush();
        synchronized (this) {
            if (!ended && writing) {
                if (farewell == null) {
                    farewell = new Farewell(status, reason, new CompletableFuture<>());
                }
                return farewell.done();
            }
        }
        close(status, reason);
        return CompletableFuture.completedFuture(null);
    }

    /** How the link is to end when everything is written. */
    private record Farewell(int status, String reason, CompletableFuture<Void> done) {}

    /** Ends the link at once, without a word. */
    void abort(String reason) {
        CoreSession to;
        synchronized (this) {
            to = socket;
        }
        end(reason);
        if (to != null) {
            to.abort();
        }
    }

    @Override
    public void onOpen(CoreSession opened, Callback callback) {
        synchronized (this) {
            socket = opened;
        }
        callback.succeeded();
        owner.opened();
        readOn();
    }

    @Override
    public void onFrame(Frame frame, Callback callback) {
        synchronized (this) {
            demanded = false;
        }
        switch (frame.getOpCode()) {
            case OpCode.TEXT, OpCode.BINARY, OpCode.CONTINUATION -> data(frame, callback);
            case OpCode.PING -> {
                ByteBuffer payload = BufferUtil.copy(frame.getPayload());
                callback.succeeded();
                socket.sendFrame(new Frame(OpCode.PONG, payload), Callback.NOOP, false);
                partReceived();
            }
            case OpCode.PONG -> {
                callback.succeeded();
                partReceived();
            }
            default -> callback.succeeded(); // close: the library answers
        }
    }

    private void data(Frame frame, Callback callback) {
        int length = frame.getPayloadLength();
        if (length + fragmentBytes() > maxMessageBytes) {
            callback.succeeded();
            close(TOO_BIG, "a message is larger than " + maxMessageBytes + " bytes");
            return;
        }
        byte[] payload = BufferUtil.toArray(frame.getPayload());
        callback.succeeded();
        if (!frame.isFin()) {
            if (keep(payload)) {
                partReceived();
            } else {
                close(TRY_AGAIN_LATER, "too many unfinished messages of all gateways");
            }
            return;
        }
        payload = whole(payload);
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload)).toString();
        } catch (CharacterCodingException e) {
            close(BAD_DATA, "a message is not UTF-8");
            return;
        }
        if (owner.received(text, payload.length)) {
            readOn();
        }
    }

    private void partReceived() {
        if (owner.receivedPart()) {
            readOn();
        }
    }

    private synchronized boolean keep(byte[] part) {
        if (ended || !budget.take(part.length)) {
            return ended;
        }
        reserved += part.length;
        if (fragments == null) {
            fragments = new ByteArrayOutputStream(2 * part.length);
            fragmentsSince = System.nanoTime();
        }
        fragments.writeBytes(part);
        return true;
    }

    private synchronized byte[] whole(byte[] last) {
        if (fragments == null) {
            return last;
        }
        fragments.writeBytes(last);
        byte[] all = fragments.toByteArray();
        forgetFragments();
        return all;
    }

    private synchronized int fragmentBytes() {
        return reserved;
    }

    private void forgetFragments() {
        fragments = null;
        budget.giveBack(reserved);
        reserved = 0;
    }

    /** Whether a message has been begun and not ended for longer than this. */
    synchronized boolean isUnfinished(long nowNanos, Duration patience) {
        return fragments != null && nowNanos - fragmentsSince > patience.toNanos();
    }

    @Override
    public void onError(Throwable cause, Callback callback) {
        end(cause.getMessage() == null ? "the connection was lost" : cause.getMessage());
        callback.succeeded();
    }

    @Override
    public void onClosed(CloseStatus status, Callback callback) {
        end(status.getCode() + (status.getReason() == null ? "" : " " + status.getReason()));
        callback.succeeded();
    }

    private void end(String reason) {
        complete(finish(reason));
    }

    private static void complete(Farewell farewell) {
        if (farewell != null) {
            farewell.done().complete(null);
        }
    }

    /** Takes leave of the owner, once; gives what waits for the end, if anything does. */
    private Farewell finish(String reason) {
        Farewell last;
        synchronized (this) {
            if (ended) {
                return null;
            }
            ended = true;
            queue.clear();
            queuedBytes = 0;
            forgetFragments();
            last = farewell;
        }
        owner.ended(reason);
        return last;
    }
}
