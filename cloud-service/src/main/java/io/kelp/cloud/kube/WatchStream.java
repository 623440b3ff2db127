package io.kelp.cloud.kube;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** One watch request from its start to its end. Everything but the construction happens in the given executor. */
final class WatchStream {

    /** The stream had begun and was cut off: going on from the last version is right. */
    static final class Broken extends IOException {

        private static final long serialVersionUID = 1L;

        Broken(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Takes one event. */
    interface Events {
        void take(byte[] line) throws KubeException, IOException;
    }

    private static final int MAX_REFUSAL = 64 * 1024;

    private final KubeClient client;
    private final String path;
    private final SerialExecutor serial;
    private final Events events;
    private final LineSplitter lines = new LineSplitter();
    private final ByteArrayOutputStream refusal = new ByteArrayOutputStream();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private CompletableFuture<HttpResponse<AsyncBody>> exchange;
    private AsyncBody body;
    private int code;
    private boolean readable;
    private long lastByte;
    private ScheduledFuture<?> guard;

    WatchStream(KubeClient client, String path, SerialExecutor serial, Events events) {
        this.client = client;
        this.path = path;
        this.serial = serial;
        this.events = events;
    }

    /**
     * Begins.
     *
     * @return completes when the server ends the stream in good order; fails with {@link KubeException}
     *     when it refuses, {@link Broken} when the stream was cut, another IOException when it never began
     */
    CompletableFuture<Void> run() {
        end.whenComplete((nothing, problem) -> release());
        guard = client.later(() -> serial.execute(() -> fail(new IOException(client.server() + " did not answer a watch within "
                + client.settings().requestTimeout().toSeconds() + " s."))), client.settings().requestTimeout().toMillis());
        exchange = client.http().consumeBytes(client.request(path).forStreaming().build(),
                (buffers, stream) -> serial.execute(() -> take(buffers, stream)));
        exchange.whenComplete((response, problem) -> serial.execute(() -> {
            if (problem != null) {
                fail(KubeClient.asIoException(problem));
            } else {
                opened(response);
            }
        }));
        return end;
    }

    void cancel() {
        fail(new IOException("The watch was ended."));
    }

    private void opened(HttpResponse<AsyncBody> response) {
        body = response.body();
        if (end.isDone()) {
            body.cancel();
            return;
        }
        code = response.code();
        readable = response.isSuccessful();
        lastByte = System.nanoTime();
        guardAgainstSilence(client.settings().watchIdle().toNanos());
        body.done().whenComplete((nothing, problem) -> serial.execute(() -> ended(problem)));
        body.consume();
    }

    private void take(List<ByteBuffer> buffers, AsyncBody stream) {
        if (end.isDone()) {
            stream.cancel();
            return;
        }
        lastByte = System.nanoTime();
        try {
            if (readable) {
                lines.accept(buffers, this::takeLine);
            } else {
                keepRefusal(buffers);
            }
        } catch (IOException e) {
            fail(e);
        }
        if (!end.isDone()) {
            stream.consume();
        }
    }

    private void takeLine(byte[] line) {
        if (end.isDone()) {
            return;
        }
        try {
            events.take(line);
        } catch (KubeException | IOException e) {
            fail(e);
        }
    }

    private void keepRefusal(List<ByteBuffer> buffers) throws IOException {
        for (ByteBuffer buffer : buffers) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            refusal.write(bytes);
        }
        if (refusal.size() > MAX_REFUSAL) {
            throw new IOException(client.server() + " refused a watch with a text of more than " + MAX_REFUSAL + " bytes.");
        }
    }

    private void ended(Throwable problem) {
        if (!readable) {
            fail(KubeClient.refusal(code, refusal.toByteArray()));
        } else if (problem != null) {
            fail(new Broken("The watch was cut off: " + KubeClient.asIoException(problem).getMessage(), problem));
        } else {
            end.complete(null);
        }
    }

    private void guardAgainstSilence(long nanos) {
        stopGuard();
        guard = client.later(() -> serial.execute(() -> {
            long left = client.settings().watchIdle().toNanos() - (System.nanoTime() - lastByte);
            if (end.isDone()) {
                return;
            }
            if (left <= 0) {
                fail(new IOException(client.server() + " sent nothing on a watch for "
                        + client.settings().watchIdle().toSeconds() + " s."));
            } else {
                guardAgainstSilence(left);
            }
        }), TimeUnit.NANOSECONDS.toMillis(nanos) + 1);
    }

    private void stopGuard() {
        if (guard != null) {
            guard.cancel(false);
        }
    }

    private void fail(Throwable problem) {
        end.completeExceptionally(problem);
    }

    private void release() {
        stopGuard();
        if (body != null) {
            body.cancel();
        }
        if (exchange != null) {
            exchange.cancel(true);
        }
    }
}
