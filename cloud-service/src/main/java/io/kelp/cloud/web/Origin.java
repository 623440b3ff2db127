package io.kelp.cloud.web;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;

/**
 * Which requests come from our own page. The port is on loopback, but any page in a browser of this machine can
 * send requests to it: by a name that it makes point to 127.0.0.1 (DNS rebinding), or blindly to the right address
 * (cross-site request forgery).
 */
final class Origin {

    /** A tunnel may lead here from any port; names that a stranger can register do not. */
    private static final Set<String> LOCAL_NAMES = Set.of("localhost", "127.0.0.1", "[::1]");

    private Origin() {}

    /** Why a request is not answered, as a sentence; empty when it may be. */
    static Optional<String> refusal(Request request) {
        HttpFields headers = request.getHeaders();
        String host = String.valueOf(headers.get(HttpHeader.HOST)).toLowerCase(Locale.ROOT);
        if (!LOCAL_NAMES.contains(withoutPort(host))) {
            return Optional.of("This page answers under localhost, 127.0.0.1 and [::1] only; from elsewhere use a tunnel: ssh -L.");
        }
        String site = headers.get("Sec-Fetch-Site");
        if (site != null && !site.equals("same-origin") && !site.equals("none") && !isNavigation(headers)) {
            return Optional.of("The request comes from another site.");
        }
        String origin = headers.get(HttpHeader.ORIGIN);
        if (origin != null && !origin.toLowerCase(Locale.ROOT).equals("http://" + host)) {
            return Optional.of("The request comes from another site.");
        }
        return Optional.empty();
    }

    /** More is asked of a request that changes something: a type of content that forms of other sites cannot send. */
    static Optional<String> refusalOfWrite(Request request) {
        String type = String.valueOf(request.getHeaders().get(HttpHeader.CONTENT_TYPE)).toLowerCase(Locale.ROOT);
        return type.matches("application/json\\s*(;.*)?") ? Optional.empty()
                : Optional.of("Content-Type must be application/json.");
    }

    /** Following a link from elsewhere to the page is welcome; it shows, it changes nothing. */
    private static boolean isNavigation(HttpFields headers) {
        return "navigate".equals(headers.get("Sec-Fetch-Mode")) && "document".equals(headers.get("Sec-Fetch-Dest"));
    }

    private static String withoutPort(String host) {
        return host.replaceFirst(":[0-9]{1,5}$", "");
    }
}
