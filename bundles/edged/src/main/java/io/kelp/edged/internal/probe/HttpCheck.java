package io.kelp.edged.internal.probe;

import com.google.gson.JsonObject;
import io.kelp.edged.internal.pod.Pod;
import java.io.EOFException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One {@code httpGet} probe: HTTP/1.1, redirects on the same host followed, 200 to 399 is good (kubelet {@code prober/http}). */
final class HttpCheck {

    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[0-9] ([0-9]{3})(?: .*)?");
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final int MAX_REDIRECTS = 10;

    private final Checks checks;
    private final JsonObject get;
    private final long deadline;
    private final URI first;

    HttpCheck(Checks checks, ProbeSpec probe, String host, int port) {
        this.checks = checks;
        this.get = probe.member("httpGet");
        this.deadline = System.nanoTime() + probe.timeout().toNanos();
        String scheme = Pod.text(get, "scheme").equalsIgnoreCase("HTTPS") ? "https" : "http";
        String path = Pod.text(get, "path");
        String authority = (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        this.first = uri(scheme + "://" + authority + (path.startsWith("/") ? "" : "/") + path);
    }

    private static URI uri(String text) {
        try {
            URI uri = new URI(escaped(text));
            if (uri.getHost() == null) {
                throw new IllegalArgumentException("parse \"" + text + "\": no host that can be asked");
            }
            return uri;
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("parse \"" + text + "\": " + e.getReason());
        }
    }

    /** Paths are written as people like them; what a request line cannot hold is escaped as Go does it. */
    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (each & 0xff);
            escaped.append(c <= ' ' || c >= 0x7f || "\"<>\\^`{|}".indexOf(c) >= 0 ? String.format("%%%02X", (int) c) : String.valueOf(c));
        }
        return escaped.toString();
    }

    CompletionStage<Outcome> run() {
        return get(first, 0);
    }

    private CompletionStage<Outcome> get(URI at, int redirects) {
        boolean tls = "https".equals(at.getScheme());
        int port = at.getPort() > 0 ? at.getPort() : tls ? 443 : 80;
        String host = at.getHost().startsWith("[") ? at.getHost().substring(1, at.getHost().length() - 1) : at.getHost();
        Duration left = Duration.ofNanos(Math.max(1, deadline - System.nanoTime()));
        return checks.exchange(host, port, request(at), tls, left).handle((bytes, failure) -> failure == null
                ? answered(at, new String(bytes, StandardCharsets.ISO_8859_1), redirects)
                : CompletableFuture.completedStage(Outcome.failure("Get \"" + at + "\": " + why(host, port, Checks.cause(failure)))))
                .thenCompose(outcome -> outcome);
    }

    private static String why(String host, int port, Throwable failure) {
        if (failure instanceof ProbeTimeoutException late && !late.connecting()) {
            return "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
        }
        boolean dialling = failure instanceof ConnectException || failure instanceof NoRouteToHostException
                || failure instanceof ProbeTimeoutException;
        return dialling ? Checks.dial(host, port, failure) : failure instanceof EOFException ? "EOF" : failure.getMessage();
    }

    private CompletionStage<Outcome> answered(URI at, String head, int redirects) {
        if (head.isEmpty()) {
            return CompletableFuture.completedStage(Outcome.failure("Get \"" + at + "\": EOF"));
        }
        String[] lines = head.split("\r?\n", -1);
        Matcher status = STATUS.matcher(lines[0]);
        if (!status.matches()) {
            return CompletableFuture.completedStage(Outcome.failure("Get \"" + at
                    + "\": net/http: HTTP/1.x transport connection broken: malformed HTTP response \"" + readable(lines[0]) + "\""));
        }
        int code = Integer.parseInt(status.group(1));
        String location = location(lines);
        if (REDIRECTS.contains(code) && !location.isEmpty()) {
            return redirected(at, location, redirects);
        }
        boolean good = code >= 200 && code < 400;
        return CompletableFuture.completedStage(good ? Outcome.success() : Outcome.failure("HTTP probe failed with statuscode: " + code));
    }

    private CompletionStage<Outcome> redirected(URI at, String location, int redirects) {
        URI next;
        try {
            next = at.resolve(new URI(location));
        } catch (URISyntaxException e) {
            return CompletableFuture.completedStage(Outcome.failure("Get \"" + at + "\": failed to parse Location header \""
                    + readable(location) + "\": " + e.getReason()));
        }
        boolean web = "http".equals(next.getScheme()) || "https".equals(next.getScheme());
        if (!web || !at.getHost().equals(next.getHost())) {
            return CompletableFuture.completedStage(Outcome.warning("Probe terminated redirects, Response body: "));
        }
        if (redirects >= MAX_REDIRECTS) {
            return CompletableFuture.completedStage(Outcome.failure("Get \"" + at + "\": stopped after " + MAX_REDIRECTS + " redirects"));
        }
        return get(next, redirects + 1);
    }

    private byte[] request(URI at) {
        StringBuilder text = new StringBuilder("GET ").append(at.getRawPath().isEmpty() ? "/" : at.getRawPath());
        if (at.getRawQuery() != null) {
            text.append('?').append(at.getRawQuery());
        }
        text.append(" HTTP/1.1\r\n");
        String host = at.getRawAuthority();
        String agent = "kube-probe/1.34";
        String accept = "*/*";
        StringBuilder more = new StringBuilder();
        for (JsonObject header : Pod.objects(get, "httpHeaders")) {
            String name = printable(Pod.text(header, "name"));
            String value = printable(Pod.text(header, "value"));
            switch (name.toLowerCase(Locale.ROOT)) {
                case "host" -> host = value;
                case "user-agent" -> agent = value;
                case "accept" -> accept = value;
                case "", "connection", "content-length", "transfer-encoding" -> { } // of the connection, not of the probe
                default -> more.append(name).append(": ").append(value).append("\r\n");
            }
        }
        text.append("Host: ").append(host).append("\r\n");
        if (!agent.isEmpty()) {
            text.append("User-Agent: ").append(agent).append("\r\n");
        }
        if (!accept.isEmpty()) {
            text.append("Accept: ").append(accept).append("\r\n");
        }
        return text.append(more).append("Connection: close\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Without what could end the line. */
    private static String printable(String text) {
        return text.replaceAll("[\r\n\0]", "");
    }

    private static String readable(String text) {
        return text.substring(0, Math.min(text.length(), 100)).replaceAll("[^\\x20-\\x7e]", "?");
    }

    private static String location(String[] lines) {
        for (String line : lines) {
            if (line.regionMatches(true, 0, "location:", 0, 9)) {
                return line.substring(9).strip();
            }
        }
        return "";
    }
}
