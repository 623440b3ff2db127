package io.kelp.cloud.standalone;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The query of a URL. */
final class QueryParameters {

    private static final int MOST = 1000;

    private QueryParameters() {}

    /**
     * Decodes a query; a name without {@code =} has an empty value.
     *
     * @param query still encoded, may be {@code null}
     * @throws IllegalArgumentException when an escape is wrong, or there are more than 1000 parameters
     */
    static Map<String, List<String>> parse(String query) {
        if (query == null || query.isEmpty()) {
            return Map.of();
        }
        Map<String, List<String>> parameters = new LinkedHashMap<>();
        int count = 0;
        for (String pair : query.split("&")) {
            if (pair.isEmpty()) {
                continue;
            }
            if (++count > MOST) {
                throw new IllegalArgumentException("more than " + MOST + " parameters");
            }
            int equals = pair.indexOf('=');
            String name = decode(equals < 0 ? pair : pair.substring(0, equals));
            parameters.computeIfAbsent(name, n -> new ArrayList<>(1)).add(equals < 0 ? "" : decode(pair.substring(equals + 1)));
        }
        return parameters;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
