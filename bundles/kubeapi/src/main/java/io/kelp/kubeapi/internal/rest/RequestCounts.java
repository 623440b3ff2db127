package io.kelp.kubeapi.internal.rest;

import io.kelp.kubeapi.ApiResponse;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** How many answers of which code requests of which method got. Safe for use by several threads. */
final class RequestCounts {

    /** Others share one name, so that clients cannot make names up. */
    private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "PATCH", "DELETE");

    private final Map<String, LongAdder> answers = new ConcurrentHashMap<>();

    /** The same response, whose start is counted. */
    ApiResponse counting(String method, ApiResponse response) {
        return new Counting(method, response);
    }

    /** {@code kelp_api_requests_total} with labels {@code method} and {@code code}. */
    Map<String, Long> values() {
        Map<String, Long> values = new TreeMap<>();
        answers.forEach((labels, count) -> values.put("kelp_api_requests_total{" + labels + "}", count.sum()));
        return values;
    }

    private void count(String method, int status) {
        String name = METHODS.contains(method) ? method.toLowerCase(Locale.ROOT) : "other";
        answers.computeIfAbsent("code=\"" + status + "\",method=\"" + name + "\"", labels -> new LongAdder()).increment();
    }

    private final class Counting implements ApiResponse {

        private final String method;
        private final ApiResponse response;

        Counting(String method, ApiResponse response) {
            this.method = method;
            this.response = response;
        }

        @Override
        public void start(int status, Map<String, String> headers) {
            count(method, status);
            response.start(status, headers);
        }

        @Override
        public CompletableFuture<Void> write(ByteBuffer part) {
            return response.write(part);
        }

        @Override
        public void end() {
            response.end();
        }

        @Override
        public void abort() {
            response.abort();
        }

        @Override
        public CompletableFuture<Void> closed() {
            return response.closed();
        }
    }
}
