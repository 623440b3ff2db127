package io.kelp.kubeapi;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** An API server in memory and somebody who asks it, as administrator. */
public final class TestApi implements AutoCloseable {

    private final ApiServer server;
    private final MemoryApiStore store = new MemoryApiStore();

    public TestApi() throws ApiException, NoSuchAlgorithmException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        KeyPair keys = generator.generateKeyPair();
        server = new ApiServer(store, new ApiSettings("v1.34.4+kelp", keys, "https://kubernetes.default.svc", "",
                Map.of("admin-token", User.of("admin", "system:masters"), "user-token", User.of("somebody")), Duration.ofMinutes(5), Duration.ofHours(1)));
    }

    public MemoryApiStore store() {
        return store;
    }

    /** @param headers name, value, name, value … */
    public RecordedResponse ask(String method, String target, String body, String... headers) {
        RecordedResponse response = new RecordedResponse();
        ask(response, method, target, body, headers);
        return response;
    }

    public void ask(RecordedResponse response, String method, String target, String body, String... headers) {
        ask(response, method, target, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    public void ask(RecordedResponse response, String method, String target, byte[] body, String... headers) {
        String[] parts = target.split("\\?", 2);
        Map<String, List<String>> query = new LinkedHashMap<>();
        if (parts.length > 1) {
            for (String pair : parts[1].split("&")) {
                String[] both = pair.split("=", 2);
                query.computeIfAbsent(both[0], name -> new ArrayList<>())
                        .add(both.length > 1 ? java.net.URLDecoder.decode(both[1], StandardCharsets.UTF_8) : "");
            }
        }
        Map<String, String> all = new HashMap<>(Map.of("authorization", "Bearer admin-token", "user-agent", "test/1.0", "content-type",
                method.equals("PATCH") ? "application/merge-patch+json" : "application/json"));
        for (int i = 0; i < headers.length; i += 2) {
            all.put(headers[i].toLowerCase(Locale.ROOT), headers[i + 1]);
        }
        server.serve(new ApiRequest(method, parts[0], query, all, body, List.of(), "127.0.0.1"), response);
    }

    public RecordedResponse get(String target, String... headers) {
        return ask("GET", target, "", headers);
    }

    @Override
    public void close() {
        server.close();
    }
}
