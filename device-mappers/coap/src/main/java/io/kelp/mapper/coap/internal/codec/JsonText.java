package io.kelp.mapper.coap.internal.codec;

import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** The plain Java values of {@link Cbor} as JSON text; bytes in Base64url without padding, as SenML has them (RFC 8428 §5). */
public final class JsonText {

    private final StringBuilder out = new StringBuilder();

    private JsonText() {}

    /** @throws IllegalArgumentException for a number that is not finite: JSON has none */
    public static String of(Object value) {
        JsonText text = new JsonText();
        text.write(value);
        return text.out.toString();
    }

    private void write(Object value) {
        if (value instanceof Map<?, ?> map) {
            out.append('{');
            for (Iterator<? extends Map.Entry<?, ?>> i = map.entrySet().iterator(); i.hasNext();) {
                Map.Entry<?, ?> entry = i.next();
                quote(String.valueOf(entry.getKey()));
                out.append(':');
                write(entry.getValue());
                out.append(i.hasNext() ? "," : "");
            }
            out.append('}');
        } else if (value instanceof List<?> list) {
            out.append('[');
            for (Iterator<?> i = list.iterator(); i.hasNext();) {
                write(i.next());
                out.append(i.hasNext() ? "," : "");
            }
            out.append(']');
        } else if (value instanceof String s) {
            quote(s);
        } else if (value instanceof byte[] b) {
            quote(Base64.getUrlEncoder().withoutPadding().encodeToString(b));
        } else if (value instanceof Double d && !Double.isFinite(d)) {
            throw new IllegalArgumentException(d + " cannot be written as JSON");
        } else {
            out.append(value); // null, numbers, true and false look the same in both
        }
    }

    private void quote(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
