package io.kelp.kubeapi.internal.rest;

import com.google.gson.JsonElement;
import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes whole answers. */
final class Answers {

    private static final int WARNING_LENGTH = 4096;

    private Answers() {
    }

    /** Headers that every answer has, changeable. */
    static Map<String, String> headers(String contentType) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Cache-Control", "no-cache, private");
        headers.put("Content-Type", contentType);
        return headers;
    }

    static void send(ApiResponse response, int status, Output output, JsonElement body, List<String> warnings) {
        Map<String, String> headers = headers(output.contentType());
        warn(headers, warnings);
        send(response, status, headers, bytes(output, body));
    }

    /** Sends an object whose bytes are at hand. */
    static void stored(ApiResponse response, int status, byte[] object, List<String> warnings) {
        Map<String, String> headers = headers("application/json");
        warn(headers, warnings);
        byte[] line = Arrays.copyOf(object, object.length + 1);
        line[object.length] = '\n';
        send(response, status, headers, line);
    }

    static byte[] bytes(Output output, JsonElement body) {
        return output.yaml() ? YamlText.bytes(body) : output.pretty() ? Json.pretty(body) : line(body);
    }

    private static byte[] line(JsonElement body) {
        return (body.toString() + "\n").getBytes(StandardCharsets.UTF_8);
    }

    static void send(ApiResponse response, int status, Map<String, String> headers, byte[] body) {
        headers.put("Content-Length", Integer.toString(body.length));
        response.start(status, headers);
        response.write(ByteBuffer.wrap(body));
        response.end();
    }

    static void text(ApiResponse response, int status, String text) {
        Map<String, String> headers = headers("text/plain; charset=utf-8");
        headers.put("X-Content-Type-Options", "nosniff");
        send(response, status, headers, text.getBytes(StandardCharsets.UTF_8));
    }

    static void fail(ApiResponse response, Output output, ApiException refusal, List<String> warnings) {
        Map<String, String> headers = headers(output.contentType());
        if (refusal.code() == 429 || refusal.code() == 504) {
            headers.put("Retry-After", "1");
        }
        warn(headers, warnings);
        send(response, refusal.code(), headers, bytes(output, refusal.toStatus()));
    }

    /** Several warnings share the one header line that the transport takes, as RFC 9110 5.3 allows. */
    private static void warn(Map<String, String> headers, List<String> warnings) {
        if (warnings.isEmpty()) {
            return;
        }
        StringBuilder value = new StringBuilder();
        for (String warning : warnings.stream().distinct().toList()) {
            String text = "299 - \"" + printable(warning) + "\"";
            if (value.length() + text.length() <= WARNING_LENGTH) {
                value.append(value.isEmpty() ? "" : ", ").append(text);
            }
        }
        if (!value.isEmpty()) {
            headers.put("Warning", value.toString());
        }
    }

    private static String printable(String warning) {
        StringBuilder text = new StringBuilder();
        for (char c : warning.toCharArray()) {
            if (c == '"' || c == '\\') {
                text.append('\\');
            }
            text.append(c < ' ' || c > '~' ? '?' : c);
        }
        return text.toString();
    }
}
