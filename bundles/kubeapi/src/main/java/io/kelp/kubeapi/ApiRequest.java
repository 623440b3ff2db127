package io.kelp.kubeapi;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A request as it came over some transport; whole, since the transport has limited it.
 *
 * @param method in capitals
 * @param path absolute, still percent-encoded, without query
 * @param query decoded; several values of one name in order
 * @param headers by name in lower case
 * @param body empty when there is none; at most {@link #MAX_BODY} bytes
 * @param certificates the client's verified TLS chain, its own certificate first; empty when it showed none
 * @param remoteAddress for logs
 */
public record ApiRequest(String method, String path, Map<String, List<String>> query, Map<String, String> headers, byte[] body,
        List<X509Certificate> certificates, String remoteAddress) {

    /** What a Kubernetes API server takes by default. */
    public static final int MAX_BODY = 3 * 1024 * 1024;

    /** The first value of a query parameter; empty when it is missing. */
    public String parameter(String name) {
        List<String> values = query.get(name);
        return values == null || values.isEmpty() ? "" : values.get(0);
    }

    public boolean has(String parameter) {
        return query.containsKey(parameter);
    }

    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
    }
}
