package io.kelp.edgehub.internal.link;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Turns what the network throws into words for people. */
public final class Reasons {

    private Reasons() {}

    public static String of(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (has(cause, UnresolvedAddressException.class) || has(cause, UnknownHostException.class)) {
            return "the host name cannot be resolved";
        }
        if (has(cause, HttpConnectTimeoutException.class) || has(cause, HttpTimeoutException.class)
                || cause instanceof TimeoutException) {
            return "no answer in time";
        }
        if (has(cause, SSLException.class)) {
            return "TLS failed: " + deepest(cause);
        }
        if (cause instanceof ConnectException) {
            String detail = deepest(cause);
            return detail.contains("ClosedChannel") ? "connection refused" : detail;
        }
        if (cause instanceof ClosedChannelException) {
            return "connection closed";
        }
        return deepest(cause);
    }

    private static boolean has(Throwable failure, Class<? extends Throwable> kind) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (kind.isInstance(t)) {
                return true;
            }
        }
        return false;
    }

    /** The message of the innermost cause that has one: the outer ones only repeat it. */
    private static String deepest(Throwable failure) {
        String text = failure.getClass().getSimpleName();
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t.getMessage() != null && !t.getMessage().isBlank()) {
                text = t.getMessage();
            } else if (t.getCause() == null && text.equals(failure.getClass().getSimpleName())) {
                text = t.getClass().getSimpleName();
            }
        }
        int colon = text.lastIndexOf("Exception: ");
        return colon < 0 ? text : text.substring(colon + "Exception: ".length());
    }
}
