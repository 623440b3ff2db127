package io.kelp.testkit.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a registry was asked.
 *
 * @param query behind the question mark, empty if there is none
 * @param headers names in lower case
 */
public record RegistryRequest(String method, String path, String query, Map<String, String> headers, byte[] body) {

    private static final int TLS_HANDSHAKE = 22;

    /** Value of a header, empty if there is none. */
    public String header(String name) {
        return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }

    /** Value of a field of the query or of a form in the body, empty if there is none. */
    public String field(String name) {
        String form = header("Content-Type").startsWith("application/x-www-form-urlencoded") ? new String(body, StandardCharsets.UTF_8) : "";
        for (String pair : (query + "&" + form).split("&")) {
            if (pair.startsWith(name + "=")) {
                return URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8);
            }
        }
        return "";
    }

    /** The next of a connection; {@code null} at its end, without a method when it is the beginning of TLS. */
    static RegistryRequest read(InputStream in) throws IOException {
        in.mark(1);
        if (in.read() == TLS_HANDSHAKE) {
            return new RegistryRequest("", "", "", Map.of(), new byte[0]);
        }
        in.reset();
        String first = line(in);
        if (first == null || first.isEmpty()) {
            return null;
        }
        String[] parts = first.split(" ");
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
        }
        byte[] body = "chunked".equals(headers.get("transfer-encoding")) ? chunked(in)
                : in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
        int mark = parts[1].indexOf('?');
        return new RegistryRequest(parts[0], mark < 0 ? parts[1] : parts[1].substring(0, mark), mark < 0 ? "" : parts[1].substring(mark + 1), headers, body);
    }

    private static byte[] chunked(InputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int size = Integer.parseInt(line(in).strip(), 16); size > 0; size = Integer.parseInt(line(in).strip(), 16)) {
            all.writeBytes(in.readNBytes(size));
            line(in);
        }
        line(in);
        return all.toByteArray();
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int b = in.read();
        if (b < 0) {
            return null;
        }
        for (; b >= 0 && b != '\n'; b = in.read()) {
            if (b != '\r') {
                bytes.write(b);
            }
        }
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }
}
