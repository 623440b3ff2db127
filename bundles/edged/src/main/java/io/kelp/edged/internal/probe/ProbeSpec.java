package io.kelp.edged.internal.probe;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.edged.internal.pod.Pod;
import java.time.Duration;

/**
 * The figures of a probe ({@code v1.Probe}) with the API server's defaults for what is not said.
 *
 * @param handler the probe's object
 */
record ProbeSpec(Kind kind, Duration initialDelay, Duration timeout, Duration period, int successes, int failures, JsonObject handler) {

    /** Which probe of a container; the names are those of Events. */
    enum Kind {
        STARTUP("Startup", "startupProbe"), LIVENESS("Liveness", "livenessProbe"), READINESS("Readiness", "readinessProbe");

        final String title;
        final String member;

        Kind(String title, String member) {
            this.title = title;
            this.member = member;
        }
    }

    /** The probe of this kind; {@code null} when the container has none. */
    static ProbeSpec of(Kind kind, JsonObject container) {
        if (!(container.get(kind.member) instanceof JsonObject probe)) {
            return null;
        }
        return new ProbeSpec(kind, Duration.ofSeconds(number(probe, "initialDelaySeconds", 0, 0)),
                Duration.ofSeconds(number(probe, "timeoutSeconds", 1, 1)), Duration.ofSeconds(number(probe, "periodSeconds", 10, 1)),
                number(probe, "successThreshold", 1, 1), number(probe, "failureThreshold", 3, 1), probe);
    }

    private static int number(JsonObject probe, String member, int usual, int least) {
        JsonElement value = probe.get(member);
        boolean given = value != null && value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber();
        return given ? Math.max(least, (int) Math.min(value.getAsDouble(), 1_000_000)) : usual;
    }

    /** Whether it is of a kind that nobody here can run. */
    boolean isSupported() {
        return handler.has("httpGet") || handler.has("tcpSocket") || handler.has("exec");
    }

    /** What to say about one that is not supported. */
    String refusal() {
        String what = handler.has("grpc") ? "grpc probes" : "probes without httpGet, tcpSocket or exec";
        return what + " are not supported on this node; use httpGet, tcpSocket or exec";
    }

    JsonObject member(String name) {
        return Pod.object(handler, name);
    }
}
