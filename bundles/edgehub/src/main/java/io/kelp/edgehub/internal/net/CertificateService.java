package io.kelp.edgehub.internal.net;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;

/** The two requests to the join port of the cloud (specification section 1.5). Safe for use by several threads. */
public final class CertificateService {

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_BODY = 1 << 20;
    private static final int MAX_REASON = 300;

    /**
     * What the cloud answered.
     *
     * @param status HTTP status
     * @param body certificate in DER when the status is 200, a text otherwise
     * @param date what the cloud says the time is, empty when it does not say
     */
    public record Answer(int status, byte[] body, Optional<Instant> date) {

        /** The body as one printable line. */
        public String reason() {
            String text = new String(body, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}+", " ").strip();
            return text.length() > MAX_REASON ? text.substring(0, MAX_REASON) + "…" : text;
        }
    }

    private final String base;
    private final Executor executor;

    /** @param executor for the client's work, {@code null} for its own threads */
    public CertificateService(String host, int port, Executor executor) {
        String authority = host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
        this.base = "https://" + authority + ":" + port;
        this.executor = executor;
    }

    /** The cloud's CA certificate in DER. */
    public CompletableFuture<Answer> authority(SSLContext tls) {
        return send(tls, HttpRequest.newBuilder(URI.create(base + "/ca.crt")).GET());
    }

    /**
     * A certificate for the request: a GET with a body, as KubeEdge has it.
     *
     * @param jwt token without the hash in front, {@code null} when the client certificate speaks for itself
     */
    public CompletableFuture<Answer> certificate(SSLContext tls, String node, byte[] request, String jwt) {
        HttpRequest.Builder get = HttpRequest.newBuilder(URI.create(base + "/edge.crt"))
                .method("GET", BodyPublishers.ofByteArray(request))
                .header("NodeName", node);
        if (jwt != null) {
            get.header("Authorization", "Bearer " + jwt);
        }
        return send(tls, get);
    }

    private CompletableFuture<Answer> send(SSLContext tls, HttpRequest.Builder request) {
        HttpClient.Builder client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .sslContext(tls);
        if (executor != null) {
            client.executor(executor);
        }
        return client.build()
                .sendAsync(request.timeout(TIMEOUT).build(), info -> new LimitedBody(MAX_BODY))
                .thenApply(answer -> new Answer(answer.statusCode(), answer.body(), date(answer)));
    }

    private static Optional<Instant> date(HttpResponse<?> answer) {
        try {
            return answer.headers().firstValue("Date")
                    .map(text -> ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty(); // a date that cannot be read says nothing
        }
    }
}
