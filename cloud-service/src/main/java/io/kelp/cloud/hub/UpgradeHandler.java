package io.kelp.cloud.hub;

import io.kelp.cloud.pki.NodeNames;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.Configuration;
import org.eclipse.jetty.websocket.core.server.WebSocketMappings;
import org.eclipse.jetty.websocket.core.server.WebSocketNegotiator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The message port: decides who may open a session and as whom (channel specification 1.7, 2.1). The
 * certificate names the node; a header that says otherwise is refused, where a stock cloud believes it.
 */
public final class UpgradeHandler extends Handler.Abstract.NonBlocking {

    /** Header in which Kelp halves tell each other that they are. */
    static final String PROTOCOL = "Kelp-Protocol";

    private static final Logger LOG = LoggerFactory.getLogger(UpgradeHandler.class);
    private static final Pattern OFFER = Pattern.compile("1(?:\\s*;\\s*window=(\\d{1,4}))?\\s*");
    private static final int MAX_FRAME = 64 << 10;

    private final Hub hub;
    private final HubSettings settings;
    private final LegacyEdges legacy;
    private final TokenBucket connects;
    private final LimitedLog refusals = new LimitedLog(LOG, 1, 20);
    private WebSocketMappings mappings;

    /** @param legacy {@code null} when edges up to 1.15 are not accepted */
    public UpgradeHandler(Hub hub, LegacyEdges legacy) {
        this.hub = hub;
        this.settings = hub.settings();
        this.legacy = legacy;
        this.connects = new TokenBucket(settings.connectsPerSecond(), 2.0 * settings.connectsPerSecond(), System.nanoTime());
    }

    /** Why a gateway is not let in. */
    private record Refusal(int status, String reason) {}

    @Override
    protected void doStart() throws Exception {
        mappings = new WebSocketMappings(org.eclipse.jetty.websocket.core.server.WebSocketServerComponents
                .ensureWebSocketComponents(getServer()));
        super.doStart();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        HttpFields headers = request.getHeaders();
        Refusal refusal = refusal(request, headers);
        if (refusal != null) {
            refuse(request, response, callback, refusal);
            return true;
        }
        X509Certificate certificate = certificate(request);
        Optional<String> named = NodeNames.of(certificate);
        String node = named.orElse(headers.get("node_id"));
        int window = window(headers.get(PROTOCOL));
        if (window > 0) {
            response.getHeaders().put(PROTOCOL, "1; window=" + settings.window());
        }
        GatewayLink link = new GatewayLink(settings.maxMessageBytes(), settings.outboundBytes(), hub.unfinished());
        Session session = new Session(node, window, hub, settings, link);
        link.owner(session);
        WebSocketNegotiator negotiator = (upgradeRequest, upgradeResponse, done) -> {
            upgradeResponse.setExtensions(List.of());
            return link;
        };
        Configuration.ConfigurationCustomizer limits = new Configuration.ConfigurationCustomizer();
        limits.setIdleTimeout(Duration.ZERO); // keepalives decide
        limits.setWriteTimeout(Duration.ZERO); // the hub's timer decides
        limits.setAutoFragment(true);
        limits.setMaxFrameSize(MAX_FRAME);
        if (mappings.upgrade(negotiator, request, response, callback, limits)) {
            return true;
        }
        refuse(request, response, callback, new Refusal(400, "a WebSocket of version 13 is expected"));
        return true;
    }

    private Refusal refusal(Request request, HttpFields headers) {
        X509Certificate certificate = certificate(request);
        if (certificate == null) {
            return new Refusal(401, "a client certificate is required");
        }
        if (!"websocket".equalsIgnoreCase(headers.get(HttpHeader.UPGRADE))) {
            return new Refusal(400, "this port speaks WebSocket only");
        }
        String origin = headers.get(HttpHeader.ORIGIN);
        if (origin != null && !isSameHost(origin, headers.get(HttpHeader.HOST))) {
            return new Refusal(403, "Origin " + printable(origin) + " is not this host");
        }
        String use = headers.get("ConnectionUse");
        if (!"msg".equals(use)) {
            return new Refusal(400, "ConnectionUse is " + (use == null ? "missing" : "\"" + printable(use) + "\"") + ", msg is expected");
        }
        Refusal identity = identity(certificate, headers.get("node_id"));
        if (identity != null) {
            return identity;
        }
        if (hub.isClosing() || hub.isFull()) {
            return new Refusal(503, hub.isClosing() ? "the cloud service ends" : "the limit of "
                    + settings.maxSessions() + " gateways is reached");
        }
        if (!hub.mayTakeOver(NodeNames.of(certificate).orElse(headers.get("node_id")))) {
            return new Refusal(503, Session.TWICE);
        }
        synchronized (connects) {
            return connects.take(System.nanoTime()) ? null : new Refusal(503, "too many gateways connect at once");
        }
    }

    private Refusal identity(X509Certificate certificate, String header) {
        Optional<String> named = NodeNames.of(certificate);
        if (named.isPresent()) {
            return header == null || header.equals(named.get()) ? null : new Refusal(403,
                    "the certificate is of node " + named.get() + ", the header node_id says " + printable(header));
        }
        if (!NodeNames.isLegacy(certificate)) {
            return new Refusal(403, "the certificate names no node");
        }
        if (legacy == null) {
            return new Refusal(403, "the certificate (CN=kubeedge.io) names no node; such edges are accepted only with --legacy-edges");
        }
        if (!NodeNames.isValid(header)) {
            return new Refusal(403, "the header node_id is missing or not the name of a Node");
        }
        String objection = legacy.claim(header, NodeNames.keyId(certificate));
        return objection.isEmpty() ? null : new Refusal(403, objection);
    }

    private void refuse(Request request, Response response, Callback callback, Refusal refusal) {
        hub.metrics().refused();
        if (!refusal.reason().equals(Session.TWICE)) { // the session that stays has said so
            refusals.warn("Connection of " + Request.getRemoteAddr(request) + " refused: " + refusal.reason());
        }
        response.setStatus(refusal.status());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
        if (refusal.status() == 503) {
            // Gateways that were refused together should not come back together.
            int seconds = 1 + ThreadLocalRandom.current().nextInt(hub.isFull() ? 60 : 8);
            response.getHeaders().put(HttpHeader.RETRY_AFTER, seconds);
        }
        response.write(true, ByteBuffer.wrap(refusal.reason().getBytes(StandardCharsets.UTF_8)), callback);
    }

    /** The window that a Kelp gateway offers; 0 for others. */
    static int window(String header) {
        if (header == null) {
            return 0;
        }
        Matcher offer = OFFER.matcher(header);
        if (!offer.matches()) {
            return 0;
        }
        return offer.group(1) == null ? 1 : Math.max(1, Integer.parseInt(offer.group(1)));
    }

    private static X509Certificate certificate(Request request) {
        Object data = request.getAttribute(EndPoint.SslSessionData.ATTRIBUTE);
        X509Certificate[] chain = data instanceof EndPoint.SslSessionData tls ? tls.peerCertificates() : null;
        return chain == null || chain.length == 0 ? null : chain[0];
    }

    private static boolean isSameHost(String origin, String host) {
        try {
            String authority = URI.create(origin).getRawAuthority();
            return host != null && host.toLowerCase(Locale.ROOT).equals(String.valueOf(authority).toLowerCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            return false; // not even a URI
        }
    }

    private static String printable(String text) {
        String clean = text.replaceAll("\\p{Cntrl}", "?");
        return clean.length() > 253 ? clean.substring(0, 253) : clean;
    }
}
