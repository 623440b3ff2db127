package io.kelp.edgehub.internal.net;

import io.kelp.edgehub.internal.link.Connection;
import io.kelp.edgehub.internal.link.Reasons;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;

/**
 * Connects with the JDK's WebSocket client, in the form that stock clouds expect (specification
 * section 2.1): HTTP/1.1, no Origin, no subprotocol, no extension.
 *
 * <p>One client serves all attempts with the same TLS identity: up to Java 20 a client's selector
 * thread and its descriptors live until the client is collected, so a client for each attempt
 * would pile them up while the cloud is away.
 */
public final class JdkDialer implements Connection.Dialer {

    /** Project id of stock edges; no cloud looks at it. */
    static final String PROJECT = "e632aba927ea4ac2b575ec1603d56f10";

    private static final int MAX_RETRY_AFTER_SECONDS = 600;
    private static final int CLOSE_SECONDS = 2;

    /**
     * Where and as whom to connect.
     *
     * @param maxMessageCharacters longer messages are thrown away
     */
    public record Target(String host, int port, String node, int maxMessageCharacters, Duration handshakeTimeout) {
        URI uri() {
            String authority = host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
            return URI.create("wss://" + authority + ":" + port + "/" + PROJECT + "/" + node + "/events");
        }
    }

    private final Target target;
    private final Supplier<SSLContext> tls;
    private final Executor executor;
    private HttpClient client; // guarded by this, like what follows
    private SSLContext clientTls;

    /** @param tls gives the same object as long as the identity is the same */
    public JdkDialer(Target target, Supplier<SSLContext> tls, Executor executor) {
        this.target = target;
        this.tls = tls;
        this.executor = executor;
    }

    @Override
    public CompletionStage<Connection> dial(Connection.Listener listener) {
        try {
            JdkConnection connection = new JdkConnection(listener, target.maxMessageCharacters());
            return client().newWebSocketBuilder()
                    .connectTimeout(target.handshakeTimeout())
                    .header("node_id", target.node())
                    .header("project_id", PROJECT)
                    .header("ConnectionUse", "msg")
                    .header("Kelp-Protocol", "1; window=32")
                    .buildAsync(target.uri(), connection)
                    .handle((socket, failure) -> {
                        if (failure != null) {
                            throw new CompletionException(explained(failure));
                        }
                        connection.socket(socket);
                        return connection;
                    });
        } catch (IllegalArgumentException | IllegalStateException e) { // host, or identity files, are not usable
            return CompletableFuture.failedFuture(e);
        }
    }

    private synchronized HttpClient client() {
        SSLContext now = tls.get();
        if (now != clientTls) {
            clientTls = now;
            client = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .executor(executor)
                    .sslContext(now)
                    .sslParameters(lightCiphers(now))
                    .connectTimeout(target.handshakeTimeout())
                    .build();
        }
        // Each connection is checked anew, against the best time known then.
        SSLSessionContext sessions = now.getClientSessionContext();
        for (byte[] id : Collections.list(sessions.getIds())) {
            SSLSession session = sessions.getSession(id);
            if (session != null) {
                session.invalidate();
            }
        }
        return client;
    }

    /**
     * All suites, those with ChaCha20 (RFC 8439) first. Without an optimising compiler, as the gateway runs, AES-GCM takes about
     * ten times as long: 0.1 ms for a message.
     */
    private static SSLParameters lightCiphers(SSLContext tls) {
        SSLParameters parameters = tls.getDefaultSSLParameters();
        String[] suites = parameters.getCipherSuites();
        Arrays.sort(suites, Comparator.comparing(suite -> !suite.contains("CHACHA20"))); // stable
        parameters.setCipherSuites(suites);
        return parameters;
    }

    private static Throwable explained(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof WebSocketHandshakeException refused) {
            HttpResponse<?> response = refused.getResponse();
            return new Connection.RefusedException("the cloud refused the connection with HTTP status " + response.statusCode(),
                    response.headers().firstValue("Retry-After").map(JdkDialer::retryAfter).orElse(null));
        }
        return cause;
    }

    /** RFC 9110 section 10.2.3: seconds or a date; {@code null} when it is neither. */
    static Duration retryAfter(String header) {
        String text = header.trim();
        if (!text.isEmpty() && text.length() < 10 && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Duration.ofSeconds(Math.min(MAX_RETRY_AFTER_SECONDS, Integer.parseInt(text)));
        }
        try {
            Instant at = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
            long seconds = Duration.between(Instant.now(), at).toSeconds();
            return Duration.ofSeconds(Math.max(0, Math.min(MAX_RETRY_AFTER_SECONDS, seconds)));
        } catch (DateTimeParseException e) {
            return null; // a cloud that writes something else has not asked for anything
        }
    }

    /** Reassembles fragments up to the limit; asks the socket for the next one only after the last was taken. */
    private static final class JdkConnection implements Connection, WebSocket.Listener {

        private final Listener listener;
        private final int limit;
        private final StringBuilder text = new StringBuilder();
        private final Utf8Collector binary = new Utf8Collector();
        private long length;
        private volatile WebSocket socket;
        private boolean ended; // touched by the socket's serial calls only

        JdkConnection(Listener listener, int limit) {
            this.listener = listener;
            this.limit = limit;
        }

        void socket(WebSocket opened) {
            socket = opened;
        }

        @Override
        public void onOpen(WebSocket opened) {
            // nothing is asked for before start()
        }

        @Override
        public void start() {
            socket.request(1);
        }

        @Override
        public CompletionStage<?> send(String message) {
            return socket.sendText(message, true);
        }

        @Override
        public void ping() {
            try {
                socket.sendPing(ByteBuffer.allocate(0));
            } catch (IllegalStateException e) {
                // the ping before is still on its way; the pong deadline will tell
            }
        }

        @Override
        public void close() {
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "")
                    .orTimeout(CLOSE_SECONDS, TimeUnit.SECONDS) // a network that takes nothing must not keep the socket
                    .whenComplete((sent, failure) -> socket.abort());
        }

        @Override
        public void abort() {
            WebSocket open = socket;
            if (open != null) {
                open.abort();
            }
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            length += part.length();
            if (length <= limit) {
                text.append(part);
            }
            if (last) {
                complete(text.toString());
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket from, ByteBuffer part, boolean last) {
            length += part.remaining();
            if (length <= limit) {
                binary.add(part);
            }
            if (last) {
                complete(binary.text());
            }
            from.request(1);
            return null;
        }

        private void complete(String message) {
            long size = length;
            length = 0;
            text.setLength(0);
            if (text.capacity() > 65_536) {
                text.trimToSize();
            }
            binary.clear();
            if (size > limit) {
                listener.oversized(size);
            } else {
                listener.text(message);
            }
        }

        @Override
        public CompletionStage<?> onPong(WebSocket from, ByteBuffer payload) {
            listener.pong();
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
            ended("the cloud closed the connection" + (status == 1006 ? "" : " with status " + status)
                    + (reason.isBlank() ? "" : " (" + reason + ")"));
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            ended("the connection broke: " + Reasons.of(error));
        }

        private void ended(String reason) {
            if (!ended) {
                ended = true;
                listener.closed(reason);
            }
        }
    }
}
