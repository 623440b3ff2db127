package io.kelp.oci.internal.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;

/** Takes the body of an answer piece by piece; asks for the next when one has been dealt with. */
final class BodySink implements HttpResponse.BodySubscriber<Void> {

    /** Takes a piece. */
    interface Sink {
        void take(ByteBuffer piece) throws IOException;
    }

    /** Says who takes the body, by status and headers. */
    interface Chooser {
        Sink sink(HttpResponse.ResponseInfo info);
    }

    /** A body kept in memory, as far as it is permitted. */
    static final class Memory implements Sink {

        private final int limit;
        private final boolean cut;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        /** @param cut whether what is beyond the limit is dropped, not an error */
        Memory(int limit, boolean cut) {
            this.limit = limit;
            this.cut = cut;
        }

        @Override
        public void take(ByteBuffer piece) throws IOException {
            int room = limit - bytes.size();
            if (piece.remaining() > room && !cut) {
                throw new RegistryException(RegistryException.Kind.REFUSED, "the answer has more than the " + limit + " bytes permitted");
            }
            byte[] chunk = new byte[Math.min(room, piece.remaining())];
            piece.get(chunk);
            bytes.writeBytes(chunk);
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }
    }

    /** When something came last. */
    static final class Progress {

        private volatile long last = System.nanoTime();
        private volatile Flow.Subscription subscription;
        private volatile boolean cancelled;

        long nanosSince() {
            return System.nanoTime() - last;
        }

        void made() {
            last = System.nanoTime();
        }

        void cancel() {
            cancelled = true;
            Flow.Subscription current = subscription;
            if (current != null) {
                current.cancel();
            }
        }
    }

    private final Sink sink;
    private final Progress progress;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private Flow.Subscription subscription;

    BodySink(Sink sink, Progress progress) {
        this.sink = sink;
        this.progress = progress;
        progress.made();
    }

    @Override
    public CompletionStage<Void> getBody() {
        return done;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        progress.subscription = given;
        if (progress.cancelled) {
            given.cancel();
        } else {
            given.request(1);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> pieces) {
        if (progress.cancelled) {
            return;
        }
        try {
            for (ByteBuffer piece : pieces) {
                sink.take(piece);
            }
            progress.made();
            subscription.request(1);
        } catch (IOException e) {
            subscription.cancel();
            done.completeExceptionally(e);
        }
    }

    @Override
    public void onError(Throwable problem) {
        done.completeExceptionally(problem);
    }

    @Override
    public void onComplete() {
        done.complete(null);
    }
}
