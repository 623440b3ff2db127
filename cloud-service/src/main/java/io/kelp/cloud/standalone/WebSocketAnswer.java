package io.kelp.cloud.standalone;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.Configuration;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;
import org.eclipse.jetty.websocket.core.server.WebSocketMappings;

/**
 * A watch over WebSocket, as kube-apiserver has it: each event is a text message. Some client libraries try this form first. A
 * request that is refused gets an ordinary answer. What the client sends is read and means nothing.
 */
final class WebSocketAnswer implements Answer, FrameHandler {

    private static final int OK = 200;

    private final JettyApiResponse plain;
    private final Request request;
    private final Response response;
    private final Callback callback;
    private final WebSocketMappings mappings;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final CompletableFuture<CoreSession> session = new CompletableFuture<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean upgraded;

    WebSocketAnswer(Request request, Response response, Callback callback, WebSocketMappings mappings) {
        this.plain = new JettyApiResponse(response, callback);
        this.request = request;
        this.response = response;
        this.callback = callback;
        this.mappings = mappings;
    }

    static boolean isAskedFor(Request request) {
        return request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_1_1
                && "websocket".equalsIgnoreCase(request.getHeaders().get(HttpHeader.UPGRADE));
    }

    @Override
    public void start(int status, Map<String, String> headers) {
        if (status != OK) {
            plain.start(status, headers);
            return;
        }
        Configuration.ConfigurationCustomizer limits = new Configuration.ConfigurationCustomizer();
        limits.setIdleTimeout(Duration.ZERO);
        limits.setAutoFragment(false);
        limits.setMaxFrameSize(0); // objects are as large as they are
        synchronized (this) {
            upgraded = true;
        }
        boolean done = mappings.upgrade((asked, answer, negotiated) -> {
            answer.setExtensions(List.of());
            return this;
        }, request, response, callback, limits);
        if (!done) {
            IOException problem = new IOException("this is no WebSocket of version 13");
            fail(problem);
            callback.failed(problem);
        }
    }

    @Override
    public synchronized boolean isStarted() {
        return upgraded || plain.isStarted();
    }

    private synchronized boolean isUpgraded() {
        return upgraded;
    }

    @Override
    public CompletableFuture<Void> write(ByteBuffer part) {
        if (!isUpgraded()) {
            return plain.write(part);
        }
        Queue<byte[]> messages = new ArrayDeque<>(2);
        while (part.hasRemaining()) {
            byte next = part.get();
            if (next == '\n') {
                messages.add(line.toByteArray());
                line.reset();
            } else {
                line.write(next);
            }
        }
        return session.thenCompose(open -> send(open, messages));
    }

    private CompletableFuture<Void> send(CoreSession open, Queue<byte[]> messages) {
        byte[] next = messages.poll();
        if (next == null) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> sent = new CompletableFuture<>();
        open.sendFrame(new Frame(OpCode.TEXT, ByteBuffer.wrap(next)), Callback.from(() -> sent.complete(null),
                problem -> sent.completeExceptionally(new IOException("the client is gone", problem))), false);
        return sent.thenCompose(done -> send(open, messages));
    }

    @Override
    public void end() {
        if (isUpgraded()) {
            session.thenAccept(open -> open.close(CloseStatus.NORMAL, "", Callback.NOOP));
        } else {
            plain.end();
        }
    }

    @Override
    public void abort() {
        if (isUpgraded()) {
            session.thenAccept(CoreSession::abort);
        } else {
            plain.abort();
        }
    }

    @Override
    public void fail(IOException problem) {
        if (isUpgraded()) {
            session.completeExceptionally(problem);
            closed.complete(null);
        } else {
            plain.fail(problem);
        }
    }

    @Override
    public CompletableFuture<Void> closed() {
        return isUpgraded() ? closed : CompletableFuture.anyOf(closed, plain.closed()).thenAccept(any -> { });
    }

    @Override
    public void onOpen(CoreSession opened, Callback done) {
        done.succeeded();
        opened.demand();
        session.complete(opened);
    }

    @Override
    public void onFrame(Frame frame, Callback done) {
        done.succeeded();
        session.thenAccept(CoreSession::demand);
    }

    @Override
    public void onError(Throwable cause, Callback done) {
        done.succeeded();
        fail(new IOException("the client is gone", cause));
    }

    @Override
    public void onClosed(CloseStatus status, Callback done) {
        done.succeeded();
        fail(new IOException("the client has closed the watch"));
    }
}
