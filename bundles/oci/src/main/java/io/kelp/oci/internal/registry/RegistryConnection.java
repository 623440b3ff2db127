package io.kelp.oci.internal.registry;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.kelp.oci.ImageReference;
import io.kelp.oci.RegistryCredentials;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.net.http.HttpResponse.ResponseInfo;

/**
 * Requests to one repository: logs in when asked to, follows redirects and leaves the credentials behind when
 * they lead to another host. For one thread.
 */
final class RegistryConnection {

    private static final int MAX_REDIRECTS = 5;
    private static final int MAX_TRIES = 20;
    private static final int MAX_ERROR = 8192;
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    /** @param sink who takes the body of an answer that is no error */
    record Call(String method, URI address, Map<String, String> headers, HttpRequest.BodyPublisher body, BodySink.Progress progress,
            Function<ResponseInfo, BodySink.Sink> sink) {

        static Call of(String method, URI address, Map<String, String> headers, Function<ResponseInfo, BodySink.Sink> sink) {
            return new Call(method, address, headers, HttpRequest.BodyPublishers.noBody(), new BodySink.Progress(), sink);
        }
    }

    private final Transport transport;
    private final Transport.Deadline deadline;
    private final ImageReference image;
    private final URI base;
    private final String scope;
    private final Login login;

    /** @param actions of the token's scope: {@code pull} or {@code pull,push} */
    RegistryConnection(Transport transport, ImageReference image, List<RegistryCredentials> credentials, String actions, Transport.Deadline deadline) {
        this.transport = transport;
        this.deadline = deadline;
        this.image = image;
        this.base = Origins.base(transport.settings(), image.registry());
        this.scope = "repository:" + image.repository() + ":" + actions;
        this.login = new Login(transport, image.registry(), credentials.stream().filter(each -> Origins.hold(each, image)).toList());
    }

    /** Address of something in the repository, for example {@code manifests/latest}. */
    URI address(String path) {
        return base.resolve(image.repository() + "/" + path);
    }

    Transport.Deadline deadline() {
        return deadline;
    }

    /**
     * @return an answer of status 2xx, or 416
     * @throws RegistryException for any other
     */
    Transport.Answer send(Call call) throws IOException, InterruptedException {
        for (int tries = 0; tries < MAX_TRIES; tries++) {
            BodySink.Memory error = new BodySink.Memory(MAX_ERROR, true);
            URI from = call.address();
            Transport.Answer answer = exchange(call, from, error);
            for (int redirects = 0; isRedirect(answer.status()); redirects++) {
                if (redirects == MAX_REDIRECTS) {
                    throw new RegistryException(RegistryException.Kind.REFUSED, image.registry() + " redirects more than " + MAX_REDIRECTS + " times");
                }
                from = redirect(from, answer.headers());
                answer = exchange(call, from, error);
            }
            int status = answer.status();
            boolean registry = Origins.same(from, base);
            if (status == 401 && registry && login.answer(answer.headers().allValues("WWW-Authenticate"), scope, deadline)
                    || status == 403 && registry && login.next()) {
                continue;
            }
            if (status / 100 == 2 || status == 416) {
                login.accepted();
                return answer;
            }
            throw problem(status, from, answer.headers(), error.bytes());
        }
        throw new RegistryException(RegistryException.Kind.DENIED, image.registry() + " refuses whatever it is shown");
    }

    private Transport.Answer exchange(Call call, URI address, BodySink.Memory error) throws IOException, InterruptedException {
        HttpRequest.Builder request = transport.request(address).method(call.method(), call.body());
        call.headers().forEach(request::header);
        if (login.header() != null && Origins.same(address, base)) {
            request.header("Authorization", login.header());
        }
        call.progress().made();
        return transport.exchange(request.build(), info -> info.statusCode() / 100 == 2 ? call.sink().apply(info) : error, deadline, call.progress());
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    private URI redirect(URI from, HttpHeaders headers) throws RegistryException {
        URI to;
        try {
            to = from.resolve(headers.firstValue("Location").orElse(""));
        } catch (IllegalArgumentException e) {
            to = null; // not shown: such addresses hold signatures
        }
        if (to == null || to.getHost() == null || to.getRawUserInfo() != null || !List.of("http", "https").contains(to.getScheme())) {
            throw new RegistryException(RegistryException.Kind.REFUSED, from.getRawAuthority() + " redirects to what is no address");
        }
        if (to.getScheme().equals("http") && !from.getScheme().equals("http") && !Origins.plain(transport.settings(), to.getRawAuthority())) {
            throw new RegistryException(RegistryException.Kind.REFUSED, from.getRawAuthority() + " redirects to " + to.getRawAuthority()
                    + " without TLS; name that host among the registries with plain HTTP, if that is meant");
        }
        return to;
    }

    private RegistryException problem(int status, URI from, HttpHeaders headers, byte[] body) {
        String said = from.getRawAuthority() + " answered " + status + said(body);
        return switch (status) {
            case 401, 403 -> new RegistryException(RegistryException.Kind.DENIED, said);
            case 407 -> new RegistryException(RegistryException.Kind.REFUSED, "the proxy asks for a login (407); name user and password in its address");
            case 404 -> new RegistryException(RegistryException.Kind.NOT_FOUND, said);
            case 408, 429 -> new RegistryException(RegistryException.Kind.UNAVAILABLE, said, null, retryAfter(headers));
            default -> status >= 500 ? new RegistryException(RegistryException.Kind.UNAVAILABLE, said, null, retryAfter(headers))
                    : new RegistryException(RegistryException.Kind.REFUSED, said);
        };
    }

    /** Code and message of the first error (distribution specification, error codes), as far as it fits a line. */
    private static String said(byte[] body) {
        try {
            JsonObject answer = JsonParser.parseString(new String(body, StandardCharsets.UTF_8)).getAsJsonObject();
            JsonArray errors = answer.getAsJsonArray("errors");
            JsonObject first = errors.get(0).getAsJsonObject();
            String text = first.get("code").getAsString() + (first.has("message") ? ": " + first.get("message").getAsString() : "");
            String line = text.replaceAll("[^\\x20-\\x7e]", " ");
            return " (" + (line.length() > 160 ? line.substring(0, 160) + "…" : line) + ")";
        } catch (JsonParseException | IllegalStateException | ClassCastException | NullPointerException | IndexOutOfBoundsException e) {
            return ""; // many front ends answer with a page
        }
    }

    private static Duration retryAfter(HttpHeaders headers) {
        String value = headers.firstValue("Retry-After").orElse("");
        try {
            Duration asked = value.matches("[0-9]{1,9}") ? Duration.ofSeconds(Long.parseLong(value))
                    : Duration.between(Instant.now(), ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
            return asked.isNegative() ? Duration.ZERO : asked.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : asked;
        } catch (DateTimeException e) {
            return null;
        }
    }
}
