package io.kelp.cloud.standalone;

import io.kelp.kubeapi.ApiRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.io.Content;

/**
 * Reads the body of a request as it comes. Only what has come is reckoned against what may be held at a time, so that clients
 * which announce much and send little keep nobody out; who takes too long is cut off. Never blocks.
 */
final class BodyReading {

    /** What a slow line needs for the largest body; silence ends it earlier. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** What is refused is let pass up to here, so that its sender gets to read the answer; who sends more is cut off. */
    private static final long MOST_PASSED = 4L * ApiRequest.MAX_BODY;

    /** It is longer than allowed, or more is held than allowed. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;
        private final boolean tooLarge;

        RefusedException(boolean tooLarge) {
            super(tooLarge ? "the body is too large" : "too much is held", null, false, false);
            this.tooLarge = tooLarge;
        }

        boolean isTooLarge() {
            return tooLarge;
        }
    }

    private final Content.Source source;
    private final long limit;
    private final AtomicLong held;
    private final long mostHeld;
    private final long begun = System.nanoTime();
    private final List<byte[]> parts = new ArrayList<>();
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private RefusedException refusal;
    private int size;
    private long passed;

    private BodyReading(Content.Source source, long limit, AtomicLong held, long mostHeld) {
        this.source = source;
        this.limit = limit;
        this.held = held;
        this.mostHeld = mostHeld;
    }

    /**
     * @param limit longest body
     * @param held bytes held by all; those of the body are added, and stay when it succeeds: whoever is done with it takes them off
     * @return fails with a {@link RefusedException}, or with what the transport says when the client is gone or has sent nonsense
     */
    static CompletableFuture<byte[]> of(Content.Source source, long limit, AtomicLong held, long mostHeld) {
        BodyReading reading = new BodyReading(source, limit, held, mostHeld);
        reading.run();
        return reading.body;
    }

    private void run() {
        while (true) {
            Content.Chunk chunk = source.read();
            if (chunk == null) {
                source.demand(this::run);
                return;
            }
            if (Content.Chunk.isFailure(chunk)) {
                fail(chunk.getFailure());
                return;
            }
            boolean last = chunk.isLast();
            take(chunk);
            chunk.release();
            if (last ? refusal != null : passed > MOST_PASSED) {
                fail(refusal);
                return;
            }
            if (last) {
                body.complete(whole());
                return;
            }
            if (System.nanoTime() - begun > PATIENCE_NANOS) {
                fail(new IOException("the request took more than " + TimeUnit.NANOSECONDS.toSeconds(PATIENCE_NANOS) + " s to come"));
                return;
            }
        }
    }

    private void take(Content.Chunk chunk) {
        int length = chunk.remaining();
        passed += length;
        if (refusal != null || length == 0) {
            return;
        }
        boolean tooLarge = passed > limit;
        if (!tooLarge) {
            size += length;
        }
        if (tooLarge || held.addAndGet(length) > mostHeld) {
            refusal = new RefusedException(tooLarge);
            drop();
            return;
        }
        byte[] part = new byte[length];
        chunk.getByteBuffer().get(part);
        parts.add(part);
    }

    private void drop() {
        held.addAndGet(-size);
        size = 0;
        parts.clear();
    }

    private void fail(Throwable problem) {
        drop();
        body.completeExceptionally(problem);
    }

    private byte[] whole() {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        byte[] whole = new byte[size];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        parts.clear();
        return whole;
    }
}
