package io.kelp.mapper.coap.internal;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.eclipse.californium.core.coap.MessageObserverAdapter;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.coap.Token;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.scandium.DTLSConnector;

/** A local end: a socket, what protects it, and the answers that come in. Safe for use by several threads. */
final class SharedEndpoint {

    private final CoapEndpoint endpoint;
    private final ScheduledExecutorService thread;
    private final Credentials credentials;
    private final PeerKeys keys; // null but for shared keys
    private final Map<Token, Consumer<Response>> observations = new ConcurrentHashMap<>();
    private int users; // guarded by Endpoints

    SharedEndpoint(CoapEndpoint endpoint, ScheduledExecutorService thread, Credentials credentials, PeerKeys keys) {
        this.endpoint = endpoint;
        this.thread = thread;
        this.credentials = credentials;
        this.keys = keys;
        endpoint.addNotificationListener((request, response) -> {
            Consumer<Response> observer = observations.get(response.getToken());
            if (observer != null) {
                observer.accept(response);
            }
        });
    }

    /** Called by {@link Endpoints} only. @return whether a device with these credentials may use this end; it then does */
    boolean join(Credentials wanted, InetSocketAddress peer) {
        boolean fits = keys == null ? credentials.equals(wanted) : wanted instanceof Credentials.SharedKey key && keys.add(peer, key);
        if (fits) {
            users++;
        }
        return fits;
    }

    /** Undoes a {@link #join}. @return whether nobody uses it any more */
    boolean leave(InetSocketAddress peer) {
        if (keys != null) {
            keys.remove(peer);
        }
        return --users == 0;
    }

    boolean plain() {
        return credentials instanceof Credentials.None;
    }

    ScheduledExecutorService thread() {
        return thread;
    }

    /** Tells of notifications with this token, on the thread of the protocol; {@code null} for no longer. */
    void observe(Token token, Consumer<Response> observer) {
        if (observer == null) {
            observations.remove(token);
            endpoint.cancelObservation(token);
        } else {
            observations.put(token, observer);
        }
    }

    /** Forgets the DTLS connection with a peer, so that the next request begins a new one: the peer may have forgotten it. */
    void forget(InetSocketAddress peer) {
        if (endpoint.getConnector() instanceof DTLSConnector dtls) {
            dtls.close(peer);
        }
    }

    void destroy() {
        endpoint.destroy();
    }

    /**
     * Sends a request.
     *
     * @param timeoutMillis for the whole exchange
     * @return completes on the thread of the protocol with the answer, whatever its code; fails with {@link IOException}
     */
    CompletableFuture<Response> send(Request request, long timeoutMillis) {
        CompletableFuture<Response> answer = new CompletableFuture<>();
        String asked = request.getCode() + " " + request.getURI();
        ScheduledFuture<?> alarm = thread.schedule(() -> {
            if (answer.completeExceptionally(new IOException("no answer to " + asked + " within " + timeoutMillis + " ms"))) {
                request.cancel();
            }
        }, timeoutMillis, TimeUnit.MILLISECONDS);
        answer.whenComplete((response, failure) -> alarm.cancel(false));
        request.addMessageObserver(new MessageObserverAdapter() {
            @Override
            public void onResponse(Response response) {
                answer.complete(response);
            }

            @Override
            public void onTimeout() {
                answer.completeExceptionally(new IOException("no answer to " + asked + ", also not after all repetitions"));
            }

            @Override
            public void onReject() {
                answer.completeExceptionally(new IOException("the device rejects " + asked + " (reset)"));
            }

            @Override
            public void onCancel() {
                answer.completeExceptionally(new IOException(asked + " was given up"));
            }

            @Override
            public void onSendError(Throwable error) {
                answer.completeExceptionally(new IOException(asked + " cannot be sent: " + sentence(error), error));
            }

            @Override
            public void onResponseHandlingError(Throwable error) {
                answer.completeExceptionally(new IOException("the answer to " + asked + " cannot be taken: " + sentence(error), error));
            }
        });
        endpoint.sendRequest(request);
        return answer;
    }

    private static String sentence(Throwable error) {
        return error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
    }
}
