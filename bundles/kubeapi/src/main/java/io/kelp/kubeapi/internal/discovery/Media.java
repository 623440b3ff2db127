package io.kelp.kubeapi.internal.discovery;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A media range of an {@code Accept} header (RFC 9110 section 12.5.1); weights are not looked at, as with a Kubernetes API server. */
record Media(String type, Map<String, String> parameters) {

    private static final int MOST = 50;

    /** In order; everything when the header is missing. */
    static List<Media> parse(String accept) {
        List<Media> list = new ArrayList<>();
        for (String range : accept.split(",", MOST)) {
            String[] parts = range.trim().split(";");
            Map<String, String> parameters = new LinkedHashMap<>();
            for (int i = 1; i < parts.length; i++) {
                String[] pair = parts[i].trim().split("=", 2);
                if (pair.length == 2) {
                    parameters.put(pair[0].toLowerCase(Locale.ROOT), pair[1]);
                }
            }
            if (!parts[0].isEmpty()) {
                list.add(new Media(parts[0].toLowerCase(Locale.ROOT), parameters));
            }
        }
        return list.isEmpty() ? List.of(new Media("*/*", Map.of())) : list;
    }

    boolean is(String wanted) {
        return type.equals(wanted);
    }

    boolean covers(String wanted) {
        return is(wanted) || type.equals("*/*") || type.equals(wanted.substring(0, wanted.indexOf('/')) + "/*");
    }

    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }
}
