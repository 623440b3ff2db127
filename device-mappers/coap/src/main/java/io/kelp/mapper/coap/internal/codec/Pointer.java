package io.kelp.mapper.coap.internal.codec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON pointer (RFC 6901) into the plain Java values of {@link Cbor} and {@link Json}. In a CBOR map, {@code /3} finds the key
 * 3 as well as the key "3".
 */
public record Pointer(List<String> tokens) {

    private static final int MOST_TOKENS = 32;

    /** The whole document. */
    public static final Pointer ROOT = new Pointer(List.of());

    public Pointer {
        tokens = List.copyOf(tokens);
    }

    /** @throws IllegalArgumentException when the text is no pointer */
    public static Pointer parse(String text) {
        if (text.isEmpty()) {
            return ROOT;
        }
        String[] parts = text.split("/", -1);
        if (!parts[0].isEmpty() || parts.length > MOST_TOKENS || text.matches("(?s).*~([^01].*|$)")) {
            throw new IllegalArgumentException("not a JSON pointer: " + text);
        }
        List<String> tokens = new ArrayList<>();
        for (int i = 1; i < parts.length; i++) {
            tokens.add(parts[i].replace("~1", "/").replace("~0", "~"));
        }
        return new Pointer(tokens);
    }

    /** What it points at, also {@code null}; empty when there is nothing there. */
    public Optional<Found> find(Object document) {
        Object here = document;
        for (String token : tokens) {
            Object key = token;
            if (here instanceof Map<?, ?> map) {
                if (!map.containsKey(key)) {
                    key = whole(token);
                }
                if (key == null || !map.containsKey(key)) {
                    return Optional.empty();
                }
                here = map.get(key);
            } else if (here instanceof List<?> list) {
                Long index = whole(token);
                if (index == null || index < 0 || index >= list.size()) {
                    return Optional.empty();
                }
                here = list.get(index.intValue());
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(new Found(here));
    }

    /** @param value may be {@code null} */
    public record Found(Object value) {}

    /** A document that has the value at this place and nothing else; steps are taken as names, not as indexes. */
    public Object wrap(Object value) {
        Object document = value;
        for (int i = tokens.size() - 1; i >= 0; i--) {
            Map<Object, Object> map = new LinkedHashMap<>();
            map.put(tokens.get(i), document);
            document = map;
        }
        return document;
    }

    private static Long whole(String token) {
        return token.matches("0|-?[1-9][0-9]{0,17}") ? Long.valueOf(token) : null;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        tokens.forEach(token -> text.append('/').append(token.replace("~", "~0").replace("/", "~1")));
        return text.toString();
    }
}
