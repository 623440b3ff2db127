package io.kelp.console.internal;

import io.kelp.control.ConsoleAccess;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Set;
import org.apache.felix.webconsole.spi.SecurityProvider;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets one user into the whole web console, by HTTP Basic authentication (RFC 7617), and keeps
 * other web sites out: a request must name this machine as its host (else any site could rebind
 * its name to 127.0.0.1), and one that changes something must come from the console's own pages
 * (browsers send the password along whoever asks).
 */
@Component(property = SecurityProvider.PROPERTY_ID + "=io.kelp.console")
public final class KelpSecurity implements SecurityProvider {

    private static final Logger LOG = LoggerFactory.getLogger(KelpSecurity.class);
    private static final Set<String> LOCAL = Set.of("127.0.0.1", "localhost", "[::1]");
    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

    private final ConsoleAccess access;

    @Activate
    public KelpSecurity(@Reference ConsoleAccess access) {
        this.access = access;
    }

    @Override
    public Object authenticate(HttpServletRequest request, HttpServletResponse response) {
        String refusal = refusal(request.getMethod(), request.getHeader("Host"), request.getHeader("Origin"),
                request.getHeader("Referer"), request.getHeader("Sec-Fetch-Site"));
        if (refusal != null) {
            LOG.warn("Console request refused: {}", refusal);
            answer(response, HttpServletResponse.SC_FORBIDDEN, refusal);
            return null;
        }
        String user = user(request.getHeader("Authorization"));
        if (user == null) {
            response.setHeader("WWW-Authenticate", "Basic realm=\"Kelp\", charset=\"UTF-8\"");
            answer(response, HttpServletResponse.SC_UNAUTHORIZED, "user " + ConsoleAccess.USER + "; kelp console password makes a new password");
        }
        return user;
    }

    /** Why a request must not be answered, or {@code null}. A header that is missing is {@code null}. */
    static String refusal(String method, String host, String origin, String referer, String fetchSite) {
        if (host == null || !LOCAL.contains(host.toLowerCase(Locale.ROOT).replaceFirst(":\\d{1,5}$", ""))) {
            return "the console is reached as 127.0.0.1 or localhost only";
        }
        if (READING.contains(method)) {
            return null;
        }
        String from = origin != null ? origin : referer;
        if (from == null) {
            // No browser leaves all three away in a request that another site caused.
            return fetchSite == null || fetchSite.equals("same-origin") || fetchSite.equals("none") ? null : "the request comes from another site";
        }
        try {
            String authority = URI.create(from).getRawAuthority();
            return host.equalsIgnoreCase(authority) ? null : "the request comes from another site";
        } catch (IllegalArgumentException e) {
            return "the request comes from another site";
        }
    }

    private String user(String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
            return null;
        }
        try {
            String pair = new String(Base64.getDecoder().decode(authorization.substring(6).strip()), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            return colon > 0 && access.allows(pair.substring(0, colon), pair.substring(colon + 1).toCharArray()) ? ConsoleAccess.USER : null;
        } catch (IllegalArgumentException e) {
            return null; // not base 64: as wrong as a wrong password
        }
    }

    private static void answer(HttpServletResponse response, int status, String sentence) {
        try {
            response.setStatus(status);
            response.setContentType("text/plain;charset=utf-8");
            response.getWriter().println(sentence);
            response.flushBuffer();
        } catch (IOException e) {
            LOG.debug("The browser has gone: {}", e.getMessage());
        }
    }

    /** The one user may do everything. */
    @Override
    public boolean authorize(Object user, String role) {
        return true;
    }

    /** Basic authentication has no session; asking again makes the browser forget. */
    @Override
    public void logout(HttpServletRequest request, HttpServletResponse response) {
        response.setHeader("WWW-Authenticate", "Basic realm=\"Kelp\", charset=\"UTF-8\"");
        answer(response, HttpServletResponse.SC_UNAUTHORIZED, "logged out");
    }
}
