package io.kelp.cloud.web;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** The page, {@code /metrics} in Prometheus text form and {@code /healthz}; for loopback. */
public final class WebHandler extends Handler.Abstract.NonBlocking {

    private final List<Supplier<Map<String, Long>>> sources;
    private final BooleanSupplier healthy;
    private final PageHandler page;

    /** @param sources values by metric name, which may carry labels in braces; names that end in {@code _total} are counters, others gauges */
    public WebHandler(List<Supplier<Map<String, Long>>> sources, BooleanSupplier healthy, PageHandler page) {
        this.page = page;
        this.sources = List.copyOf(sources);
        this.healthy = healthy;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        String path = Request.getPathInContext(request);
        if (page.claims(path)) {
            return page.handle(request, response, callback);
        }
        switch (path) {
            case "/metrics" -> answer(response, callback, 200, "text/plain; version=0.0.4; charset=utf-8", metrics());
            case "/healthz" -> {
                boolean ok = healthy.getAsBoolean();
                answer(response, callback, ok ? 200 : 503, "text/plain; charset=utf-8", ok ? "ok\n" : "not ready\n");
            }
            default -> answer(response, callback, 404, "text/plain; charset=utf-8", "There is the page at /, and /metrics and /healthz.\n");
        }
        return true;
    }

    private String metrics() {
        StringBuilder text = new StringBuilder(2048);
        String last = "";
        for (Supplier<Map<String, Long>> source : sources) {
            for (Map.Entry<String, Long> each : source.get().entrySet()) {
                String stem = each.getKey().split("\\{", 2)[0];
                if (!stem.equals(last)) {
                    text.append("# TYPE ").append(stem).append(stem.endsWith("_total") ? " counter\n" : " gauge\n");
                }
                text.append(each.getKey()).append(' ').append(each.getValue().longValue()).append('\n');
                last = stem;
            }
        }
        return text.toString();
    }

    private static void answer(Response response, Callback callback, int status, String type, String body) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
        response.write(true, ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)), callback);
    }
}
