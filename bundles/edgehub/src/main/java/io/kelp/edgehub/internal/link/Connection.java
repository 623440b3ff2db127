package io.kelp.edgehub.internal.link;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * One open connection that carries text messages and liveness probes. Knows nothing of what the
 * messages mean. Safe for use by several threads.
 */
public interface Connection {

    /** Begins to deliver what arrives; nothing is delivered before. */
    void start();

    /** Sends one message; the caller waits for the stage before it sends the next. */
    CompletionStage<?> send(String text);

    /** Asks the other end for a sign of life, to be reported by {@link Listener#pong}. */
    void ping();

    /** Ends the connection politely, at once for our side. */
    void close();

    /** Ends the connection without another word. */
    void abort();

    /** Makes connections. */
    @FunctionalInterface
    interface Dialer {

        /**
         * Starts a connection.
         *
         * @return the connection, not yet {@link #start started}; fails with {@link RefusedException}
         *     when the cloud said why, with any other exception otherwise
         */
        CompletionStage<Connection> dial(Listener listener);
    }

    /** Told, serially, of what happens on a connection. */
    interface Listener {
        void text(String message);

        /** A message longer than the limit came and was thrown away. */
        void oversized(long characters);

        void pong();

        /** The connection has ended; called at most once, and last. */
        void closed(String reason);
    }

    /** The cloud answered the connection request, and refused. */
    final class RefusedException extends Exception {

        private static final long serialVersionUID = 1L;

        private final transient Duration retryAfter;

        /** @param retryAfter how long the cloud asks to wait, {@code null} when it does not say */
        public RefusedException(String message, Duration retryAfter) {
            super(message);
            this.retryAfter = retryAfter;
        }

        public Duration retryAfter() {
            return retryAfter;
        }
    }
}
