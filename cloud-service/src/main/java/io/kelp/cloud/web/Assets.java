package io.kelp.cloud.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** The files of the page, out of the class path; a fixed list, a few kilobytes, held in memory. */
final class Assets {

    private static final Map<String, String> TYPES = Map.of("html", "text/html; charset=utf-8", "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8", "svg", "image/svg+xml");
    private static final String[] NAMES = {"index.html", "style.css", "favicon.svg", "app.js", "api.js", "dom.js", "live.js",
        "nodes.js", "devices.js", "device.js", "control.js", "history.js", "join.js", "methods.js", "sparkline.js"};

    /** Nothing from elsewhere, no script or style in the document itself, never in a frame. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private record Asset(String type, byte[] content) {}

    private final Map<String, Asset> assets = new LinkedHashMap<>();

    Assets() {
        for (String name : NAMES) {
            assets.put("/" + name, new Asset(TYPES.get(name.substring(name.lastIndexOf('.') + 1)), read(name)));
        }
        assets.put("/", assets.get("/index.html"));
    }

    private static byte[] read(String name) {
        try (InputStream in = Assets.class.getResourceAsStream(name)) {
            return Optional.ofNullable(in).orElseThrow(() -> new IllegalStateException(name + " is missing in the jar")).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean has(String path) {
        return assets.containsKey(path);
    }

    void answer(String path, Response response, Callback callback) {
        Asset asset = assets.get(path);
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, asset.type());
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, asset.content().length);
        response.write(true, ByteBuffer.wrap(asset.content()), callback);
    }

    /** For every answer to a browser; {@code no-cache}: after an update the page must not be half old. */
    static void protect(Response response) {
        response.getHeaders().put("Content-Security-Policy", POLICY);
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        response.getHeaders().put("Referrer-Policy", "no-referrer");
        response.getHeaders().put("Cross-Origin-Opener-Policy", "same-origin");
        response.getHeaders().put("Cross-Origin-Resource-Policy", "same-origin");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    }
}
