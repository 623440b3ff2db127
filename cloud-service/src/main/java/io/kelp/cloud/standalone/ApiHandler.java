package io.kelp.cloud.standalone;

import com.google.gson.JsonObject;
import io.kelp.cloud.hub.LimitedLog;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.server.WebSocketMappings;
import org.eclipse.jetty.websocket.core.server.WebSocketServerComponents;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads requests whole, within limits, and hands them to the API on a worker. Nothing here blocks. */
final class ApiHandler extends Handler.Abstract.NonBlocking {

    private static final Logger LOG = LoggerFactory.getLogger(ApiHandler.class);
    private static final byte[] NO_BODY = {};

    /** Longest body of clients without any credentials, who have hardly anything to say. */
    private static final int NAMELESS_BODY = 64 << 10;

    /** A body of this length takes much memory once it is decoded; such ones are handled one after the other. */
    private static final int LARGE = 64 << 10;

    /** A body announced with this many times the limit is not looked at. */
    private static final int PATIENCE = 4;

    private final ApiService api;
    private final Executor workers;
    private final Executor large;
    private final ClientCertificates clients;
    private final long bodyBytes;
    private final AtomicLong heldBytes = new AtomicLong();
    private volatile boolean stopped;
    private WebSocketMappings mappings;
    private final LimitedLog failures = new LimitedLog(LOG, 1, 20);

    /** From now on requests are answered 503. */
    void stopTaking() {
        stopped = true;
    }

    /**
     * @param large handles requests with large bodies, few at a time
     * @param bodyBytes bodies held at a time
     */
    ApiHandler(ApiService api, Executor workers, Executor large, ClientCertificates clients, long bodyBytes) {
        this.api = api;
        this.workers = workers;
        this.large = large;
        this.clients = clients;
        this.bodyBytes = bodyBytes;
    }

    /** Bytes of bodies held at this moment. */
    long heldBytes() {
        return heldBytes.get();
    }

    @Override
    protected void doStart() throws Exception {
        mappings = new WebSocketMappings(WebSocketServerComponents.ensureWebSocketComponents(getServer()));
        super.doStart();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Answer answer = WebSocketAnswer.isAskedFor(request) ? new WebSocketAnswer(request, response, callback, mappings)
                : new JettyApiResponse(response, callback);
        if (stopped) {
            refuse(answer, new ApiException(503, "ServiceUnavailable", "the API server ends", null), Map.of("Retry-After", "1"));
            return true;
        }
        // A watch may be silent for long; a client that does not take its answer is caught by the write.
        request.addIdleTimeoutListener(timeout -> false);
        request.addFailureListener(problem -> answer.fail(new IOException(problem.getMessage(), problem)));
        List<X509Certificate> certificates = certificates(request);
        if (!certificates.isEmpty() && !clients.areTrusted(certificates)) {
            if (!request.getHeaders().contains(HttpHeader.AUTHORIZATION)) {
                refuse(answer, ApiException.unauthorized());
                return true;
            }
            certificates = List.of();
        }
        Map<String, List<String>> query;
        try {
            query = QueryParameters.parse(request.getHttpURI().getQuery());
        } catch (IllegalArgumentException e) {
            refuse(answer, ApiException.badRequest("the query of the URL cannot be decoded: " + e.getMessage()));
            return true;
        }
        ApiRequest whole = new ApiRequest(request.getMethod(), request.getHttpURI().getPath(), query, headers(request), NO_BODY,
                certificates, Request.getRemoteAddr(request));
        if (Watches.isWatch(whole) && !hasBody(request) && !WebSocketAnswer.isAskedFor(request)) {
            GoneClient.notice(request, response, answer);
        }
        boolean named = !certificates.isEmpty() || request.getHeaders().contains(HttpHeader.AUTHORIZATION);
        long limit = named ? ApiRequest.MAX_BODY : NAMELESS_BODY;
        if (request.getLength() > PATIENCE * limit) {
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
            tooLarge(answer, limit);
        } else if (request.getLength() == 0) {
            dispatch(whole, answer);
        } else {
            read(request, whole, response, answer, limit);
        }
        return true;
    }

    private void read(Request request, ApiRequest head, Response response, Answer answer, long limit) {
        BodyReading.of(request, limit, heldBytes, bodyBytes).whenComplete((body, problem) -> {
            if (problem == null) {
                dispatch(new ApiRequest(head.method(), head.path(), head.query(), head.headers(), body, head.certificates(),
                        head.remoteAddress()), answer);
            } else if (problem instanceof BodyReading.RefusedException refused) {
                if (refused.isTooLarge()) {
                    tooLarge(answer, limit);
                } else {
                    tooMany(answer);
                }
            } else if (problem instanceof HttpException nonsense) {
                response.getHeaders().put(HttpHeader.CONNECTION, "close");
                refuse(answer, new ApiException(nonsense.getCode(), "BadRequest", "the body cannot be read: " + nonsense.getReason(), null));
            } else {
                answer.fail(new IOException("the request broke off", problem));
            }
        });
    }

    private static boolean hasBody(Request request) {
        return request.getLength() > 0 || request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)
                || !List.of("GET", "HEAD").contains(request.getMethod());
    }

    private void dispatch(ApiRequest request, Answer answer) {
        int length = request.body().length;
        try {
            (length > LARGE ? large : workers).execute(() -> {
                try {
                    api.serve(request, answer);
                } catch (RuntimeException | StackOverflowError e) {
                    // The edge of the API: one request's failure must reach its client, and nobody else.
                    LOG.error("{} {} failed", request.method(), request.path(), e);
                    refuse(answer, new ApiException(500, "InternalError", "Internal error occurred: " + e, null));
                } finally {
                    heldBytes.addAndGet(-length);
                }
            });
        } catch (RejectedExecutionException e) {
            heldBytes.addAndGet(-length);
            tooMany(answer);
        }
    }

    private void tooMany(Answer answer) {
        failures.warn("More requests than the API server can hold; some are answered 429 and come again");
        refuse(answer, new ApiException(429, "TooManyRequests", "The server is currently unable to handle the request, try again later",
                null), Map.of("Retry-After", "1"));
    }

    private static void tooLarge(Answer answer, long limit) {
        refuse(answer, new ApiException(413, "RequestEntityTooLarge", "Request entity too large: limit is " + limit, null));
    }

    private static void refuse(Answer answer, ApiException refusal) {
        refuse(answer, refusal, Map.of());
    }

    private static void refuse(Answer answer, ApiException refusal, Map<String, String> more) {
        if (answer.isStarted()) {
            answer.abort();
            return;
        }
        JsonObject status = refusal.toStatus();
        byte[] body = (status + "\n").getBytes(StandardCharsets.UTF_8);
        Map<String, String> headers = new HashMap<>(more);
        headers.put("Content-Type", "application/json");
        headers.put("Content-Length", Integer.toString(body.length));
        answer.start(refusal.code(), headers);
        answer.write(ByteBuffer.wrap(body));
        answer.end();
    }

    private static Map<String, String> headers(Request request) {
        Map<String, String> headers = new HashMap<>();
        for (HttpField field : request.getHeaders()) {
            if (field.getValue() != null) {
                headers.merge(field.getName().toLowerCase(Locale.ROOT), field.getValue(), (one, other) -> one + ", " + other);
            }
        }
        return headers;
    }

    private static List<X509Certificate> certificates(Request request) {
        Object data = request.getAttribute(EndPoint.SslSessionData.ATTRIBUTE);
        X509Certificate[] chain = data instanceof EndPoint.SslSessionData tls ? tls.peerCertificates() : null;
        return chain == null ? List.of() : List.of(chain);
    }
}
