package io.kelp.cloud.standalone;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * An answer on its way through Jetty. An answer of known length goes out with its last part, so that short ones are one
 * write; one of unknown length sends its headers at once, so that the client of a watch sees that it has begun.
 */
final class JettyApiResponse implements Answer {

    private static final long UNKNOWN = -1;

    private final Response response;
    private final Callback callback;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    private long left = UNKNOWN; // of an announced length
    private Part waiting;
    private boolean started;
    private boolean writing;
    private boolean lastSent;
    private boolean ending;
    private boolean finished; // the callback of the request has been called

    private record Part(ByteBuffer bytes, boolean last, CompletableFuture<Void> written) {}

    JettyApiResponse(Response response, Callback callback) {
        this.response = response;
        this.callback = callback;
    }

    @Override
    public void start(int status, Map<String, String> headers) {
        synchronized (this) {
            if (started || finished) {
                return;
            }
            started = true;
            response.setStatus(status);
            headers.forEach((name, value) -> response.getHeaders().put(name, value));
            String length = response.getHeaders().get(HttpHeader.CONTENT_LENGTH);
            left = length == null ? UNKNOWN : Long.parseLong(length);
            if (length != null) {
                return;
            }
            writing = true;
        }
        send(new Part(BufferUtil.EMPTY_BUFFER, false, new CompletableFuture<>()));
    }

    @Override
    public synchronized boolean isStarted() {
        return started;
    }

    @Override
    public CompletableFuture<Void> write(ByteBuffer part) {
        Part next;
        synchronized (this) {
            if (finished || ending) {
                return CompletableFuture.failedFuture(new IOException("the client is gone, or the answer has ended"));
            }
            if (waiting != null) {
                throw new IllegalStateException("a part is being written still");
            }
            if (left != UNKNOWN) {
                left -= part.remaining();
            }
            lastSent = left == 0;
            next = new Part(part, lastSent, new CompletableFuture<>());
            if (writing) {
                waiting = next; // behind the headers
                return next.written;
            }
            writing = true;
        }
        send(next);
        return next.written;
    }

    private void send(Part part) {
        response.write(part.last, part.bytes, Callback.from(() -> sent(part), problem -> {
            IOException gone = problem instanceof IOException io ? io : new IOException(String.valueOf(problem.getMessage()), problem);
            fail(gone);
            part.written.completeExceptionally(gone);
        }));
    }

    private void sent(Part part) {
        Part next;
        boolean finish;
        synchronized (this) {
            next = waiting;
            waiting = null;
            writing = next != null;
            finish = ending && next == null;
        }
        if (next != null) {
            send(next);
        } else if (finish) {
            finish();
        }
        part.written.complete(null);
    }

    @Override
    public void end() {
        synchronized (this) {
            if (ending || finished) {
                return;
            }
            ending = true;
            if (writing) {
                return; // finished when it is written
            }
        }
        finish();
    }

    private void finish() {
        boolean sent;
        synchronized (this) {
            if (finished) {
                return;
            }
            finished = true;
            sent = lastSent;
        }
        Callback done = Callback.from(callback, () -> closed.complete(null));
        if (sent) {
            done.succeeded();
        } else {
            response.write(true, BufferUtil.EMPTY_BUFFER, done);
        }
    }

    @Override
    public void abort() {
        fail(new IOException("the answer was broken off"));
    }

    @Override
    public void fail(IOException problem) {
        Part unsent;
        synchronized (this) {
            if (finished) {
                return;
            }
            finished = true;
            unsent = waiting;
            waiting = null;
        }
        callback.failed(problem);
        closed.complete(null);
        if (unsent != null) {
            unsent.written.completeExceptionally(problem);
        }
    }

    @Override
    public CompletableFuture<Void> closed() {
        return closed;
    }
}
