package io.kelp.mapper.coap.internal;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.californium.core.coap.OptionSet;

/**
 * What a request is about: path and query as CoAP options (RFC 7252 §5.10.1).
 *
 * @param path segments, decoded
 * @param query arguments, decoded
 */
record Resource(List<String> path, List<String> query) {

    /** Longest segment or argument (RFC 7252 table 4). */
    private static final int LONGEST = 255;
    private static final int MOST = 32;

    Resource {
        path = List.copyOf(path);
        query = List.copyOf(query);
    }

    /**
     * @param reference {@code /a/b?x=1}, percent-encoded where needed; the slash in front may be left out
     * @throws IllegalArgumentException when it cannot be
     */
    static Resource parse(String reference) {
        int mark = reference.indexOf('?');
        String path = mark < 0 ? reference : reference.substring(0, mark);
        return new Resource(parts(path.startsWith("/") ? path.substring(1) : path, "/"), parts(mark < 0 ? "" : reference.substring(mark + 1), "&"));
    }

    Resource withQuery(String more) {
        List<String> all = new ArrayList<>(query);
        all.addAll(parts(more, "&"));
        return new Resource(path, all);
    }

    private static List<String> parts(String text, String separator) {
        List<String> parts = new ArrayList<>();
        if (text.isEmpty()) {
            return parts;
        }
        for (String part : text.split(separator, -1)) {
            String decoded = URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
            if (decoded.getBytes(StandardCharsets.UTF_8).length > LONGEST || parts.size() == MOST) {
                throw new IllegalArgumentException("too long");
            }
            parts.add(decoded);
        }
        return parts;
    }

    void into(OptionSet options) {
        path.forEach(options::addUriPath);
        query.forEach(options::addUriQuery);
    }

    @Override
    public String toString() {
        return "/" + String.join("/", path) + (query.isEmpty() ? "" : "?" + String.join("&", query));
    }
}
