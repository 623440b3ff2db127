package io.kelp.testkit.registry;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a registry answers. */
public record RegistryAnswer(int status, Map<String, String> headers, byte[] body) {

    public static RegistryAnswer of(int status, String... headers) {
        return new RegistryAnswer(status, map(headers), new byte[0]);
    }

    /** With an error as the distribution specification has them. */
    public static RegistryAnswer error(int status, String code, String message, String... headers) {
        Map<String, String> all = new LinkedHashMap<>(map(headers));
        all.put("Content-Type", "application/json");
        return new RegistryAnswer(status, all, ("{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"" + message + "\"}]}").getBytes(StandardCharsets.UTF_8));
    }

    public static RegistryAnswer json(int status, String text) {
        return new RegistryAnswer(status, Map.of("Content-Type", "application/json"), text.getBytes(StandardCharsets.UTF_8));
    }

    static Map<String, String> map(String... pairs) {
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return map;
    }

    String head(String version, long length) {
        StringBuilder head = new StringBuilder(version + " " + status + " Answer\r\n");
        headers.forEach((name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        if (length >= 0 && !headers.containsKey("Content-Length")) {
            head.append("Content-Length: ").append(length).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    /** True when the connection can go on. */
    boolean write(RegistryRequest request, OutputStream out) throws IOException {
        out.write(head("HTTP/1.1", body.length).getBytes(StandardCharsets.ISO_8859_1));
        if (!request.method().equals("HEAD")) {
            out.write(body);
        }
        out.flush();
        return true;
    }
}
