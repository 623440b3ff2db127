package io.kelp.kubeapi.internal.rest;

import io.kelp.kubeapi.ApiRequest;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What a request is about, told from its path and method alone.
 *
 * @param resource plural; empty when the path is none of a resource
 * @param name empty for a collection
 * @param verb {@code get}, {@code list} …; the method in lower case for what is no resource
 * @param path decoded, without a slash at the end
 */
record Target(String group, String version, String namespace, String resource, String name, String subresource, String verb, String path) {

    private static final int MAX_SEGMENTS = 16;

    boolean isResource() {
        return !resource.isEmpty();
    }

    /** {@code pods} or {@code pods/status}. */
    String resourcePath() {
        return subresource.isEmpty() ? resource : resource + "/" + subresource;
    }

    boolean isWatch() {
        return verb.equals("watch");
    }

    static Target of(ApiRequest request) {
        List<String> parts = segments(request.path());
        String path = "/" + String.join("/", parts);
        boolean core = parts.size() > 2 && parts.get(0).equals("api");
        boolean grouped = parts.size() > 3 && parts.get(0).equals("apis");
        if (!core && !grouped || parts.size() > MAX_SEGMENTS) {
            return new Target("", "", "", "", "", "", request.method().toLowerCase(java.util.Locale.ROOT), path);
        }
        String group = core ? "" : parts.get(1);
        String version = parts.get(core ? 1 : 2);
        List<String> rest = parts.subList(core ? 2 : 3, parts.size());
        boolean watch = rest.get(0).equals("watch") && rest.size() > 1;
        if (watch) {
            rest = rest.subList(1, rest.size());
        }
        String namespace = "";
        if (rest.get(0).equals("namespaces") && rest.size() > 1) {
            if (rest.size() > 2 && !(group.isEmpty() && (rest.get(2).equals("status") || rest.get(2).equals("finalize")))) {
                namespace = rest.get(1);
                rest = rest.subList(2, rest.size());
            }
        }
        String name = rest.size() > 1 ? rest.get(1) : "";
        String subresource = rest.size() > 2 ? String.join("/", rest.subList(2, rest.size())) : "";
        return new Target(group, version, namespace, rest.get(0), name, subresource, verb(request, name, watch), path);
    }

    private static String verb(ApiRequest request, String name, boolean watchPath) {
        String watch = request.parameter("watch");
        boolean watches = watchPath || name.isEmpty() && request.has("watch") && !watch.equals("false") && !watch.equals("0");
        return switch (request.method()) {
            case "GET", "HEAD" -> watches ? "watch" : name.isEmpty() ? "list" : "get";
            case "POST" -> "create";
            case "PUT" -> "update";
            case "PATCH" -> "patch";
            case "DELETE" -> name.isEmpty() ? "deletecollection" : "delete";
            default -> "";
        };
    }

    private static List<String> segments(String path) {
        List<String> parts = new ArrayList<>();
        for (String part : path.split("/")) {
            if (!part.isEmpty()) {
                parts.add(decode(part));
            }
        }
        return parts;
    }

    private static String decode(String segment) {
        if (segment.indexOf('%') < 0) {
            return segment;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < segment.length(); i++) {
            char c = segment.charAt(i);
            if (c == '%' && i + 2 < segment.length() && segment.substring(i + 1, i + 3).matches("[0-9A-Fa-f]{2}")) {
                bytes.write(Integer.parseInt(segment.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
