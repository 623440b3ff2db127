package io.kelp.cloud.pki;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The join port: {@code /ca.crt}, {@code /edge.crt}, {@code /node/<name>} (channel specification 1.5). Nothing here blocks. */
public final class JoinHandler extends Handler.Abstract.NonBlocking {

    /** Certificate requests are a few hundred bytes; this is the stock limit. */
    private static final int MAX_BODY = 1 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(JoinHandler.class);
    private static final HttpField TEXT = new HttpField(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
    private static final HttpField BINARY = new HttpField(HttpHeader.CONTENT_TYPE, "application/octet-stream");
    private static final String NODE = "/node/";

    private final CertificateAuthority authority;
    private final CertificateSigning signing;
    private final NameOwnership names;
    private final RequestRate rate;
    private final AtomicLong signed = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    JoinHandler(CertificateAuthority authority, CertificateSigning signing, NameOwnership names, RequestRate rate) {
        this.authority = authority;
        this.signing = signing;
        this.names = names;
        this.rate = rate;
    }

    /** Certificates signed since the start. */
    public long signed() {
        return signed.get();
    }

    /** Requests for certificates refused since the start. */
    public long refused() {
        return refused.get();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String path = Request.getPathInContext(request);
        boolean known = path.equals("/ca.crt") || path.equals("/edge.crt")
                || path.startsWith(NODE) && path.length() > NODE.length() && path.indexOf('/', NODE.length()) < 0;
        if (!known) {
            text(response, callback, 404, "404: Page Not Found");
        } else if (!request.getMethod().equals("GET")) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET");
            text(response, callback, 405, "405: Method Not Allowed");
        } else if (!rate.allows(Request.getRemoteAddr(request))) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, "5");
            text(response, callback, 429, "too many requests; try again in 5 s");
        } else if (path.equals("/ca.crt")) {
            write(response, callback, 200, BINARY, authority.certificateDer());
        } else if (path.equals("/edge.crt")) {
            edgeCertificate(request, response, callback);
        } else {
            node(path.substring(NODE.length()), response, callback);
        }
        return true;
    }

    private void node(String name, Response response, Callback callback) {
        if (!NodeNames.isValid(name)) {
            text(response, callback, 400, "not the name of a Node");
            return;
        }
        names.exists(name).whenComplete((exists, failure) -> {
            if (failure != null) {
                unavailable(response, callback, failure);
            } else {
                text(response, callback, exists ? 200 : 404, exists ? "Node found" : "Node not found");
            }
        });
    }

    private void edgeCertificate(Request request, Response response, Callback callback) {
        if (request.getLength() > MAX_BODY) {
            text(response, callback, 413, "the body is larger than 1 MiB");
            return;
        }
        X509Certificate client = clientCertificate(request);
        @SuppressWarnings("removal") // Jetty 12.0 has no other way to read up to a limit
        CompletableFuture<byte[]> body = Content.Source.asByteArrayAsync(request, MAX_BODY);
        body.thenCompose(csr -> signing.decide(new CertificateSigning.Request(header(request, "Authorization"),
                header(request, "NodeName"), header(request, "ExtKeyUsages"), client, csr))).whenComplete((answer, failure) -> {
            if (failure != null && body.isCompletedExceptionally()) {
                refused.incrementAndGet();
                response.getHeaders().put(HttpHeader.CONNECTION, "close");
                text(response, callback, 400, "the body cannot be read, or is larger than 1 MiB");
            } else if (failure != null) {
                unavailable(response, callback, failure);
            } else {
                (answer.status() == 200 ? signed : refused).incrementAndGet();
                write(response, callback, answer.status(), answer.status() == 200 ? BINARY : TEXT, answer.body());
            }
        });
    }

    private static void unavailable(Response response, Callback callback, Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        LOG.warn("A join request failed, because the API server did not help: {}", cause.getMessage());
        text(response, callback, 500, "the API server cannot be asked at the moment; try again");
    }

    private static X509Certificate clientCertificate(Request request) {
        Object data = request.getAttribute(EndPoint.SslSessionData.ATTRIBUTE);
        X509Certificate[] chain = data instanceof EndPoint.SslSessionData tls ? tls.peerCertificates() : null;
        return chain == null || chain.length == 0 ? null : chain[0];
    }

    private static String header(Request request, String name) {
        String value = request.getHeaders().get(name);
        return value == null ? "" : value;
    }

    private static void text(Response response, Callback callback, int status, String text) {
        write(response, callback, status, TEXT, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void write(Response response, Callback callback, int status, HttpField type, byte[] body) {
        response.setStatus(status);
        response.getHeaders().put(type);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.write(true, ByteBuffer.wrap(body), callback);
    }
}
