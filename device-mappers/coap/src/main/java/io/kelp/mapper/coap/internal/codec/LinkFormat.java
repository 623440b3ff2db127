package io.kelp.mapper.coap.internal.codec;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Links of {@code /.well-known/core} (RFC 6690). */
public final class LinkFormat {

    private static final int MOST_ATTRIBUTES = 32;

    private final String text;
    private int at;

    private LinkFormat(String text) {
        this.text = text;
    }

    /**
     * A link.
     *
     * @param target between the angle brackets
     * @param attributes name in lower case → value, empty for one without; the first one counts when a name comes twice
     */
    public record Link(String target, Map<String, String> attributes) {

        public Link {
            attributes = Map.copyOf(attributes);
        }

        public String attribute(String name) {
            return attributes.getOrDefault(name, "");
        }

        public boolean has(String name) {
            return attributes.containsKey(name);
        }
    }

    /** @param most links that are wanted; what comes behind them is not looked at */
    public static List<Link> decode(byte[] utf8, int most) throws MalformedPayloadException {
        try {
            return new LinkFormat(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString()).links(most);
        } catch (CharacterCodingException e) {
            throw new MalformedPayloadException("links that are not UTF-8", e);
        }
    }

    private List<Link> links(int most) throws MalformedPayloadException {
        List<Link> links = new ArrayList<>();
        skipBlanks();
        while (at < text.length() && links.size() < most) {
            links.add(link());
            skipBlanks();
            if (at < text.length() && links.size() < most) {
                require(',');
                skipBlanks();
            }
        }
        return links;
    }

    private Link link() throws MalformedPayloadException {
        require('<');
        int end = text.indexOf('>', at);
        if (end < 0) {
            throw new MalformedPayloadException("a link without >");
        }
        String target = text.substring(at, end);
        at = end + 1;
        Map<String, String> attributes = new LinkedHashMap<>();
        skipBlanks();
        while (at < text.length() && text.charAt(at) == ';') {
            at++;
            skipBlanks();
            String name = word();
            if (name.isEmpty()) {
                throw new MalformedPayloadException("a link attribute without name at character " + at);
            }
            skipBlanks();
            String value = "";
            if (at < text.length() && text.charAt(at) == '=') {
                at++;
                skipBlanks();
                value = at < text.length() && text.charAt(at) == '"' ? quoted() : word();
                skipBlanks();
            }
            if (attributes.size() < MOST_ATTRIBUTES) {
                attributes.putIfAbsent(name.toLowerCase(Locale.ROOT), value);
            }
        }
        return new Link(target, attributes);
    }

    private String word() {
        int begin = at;
        while (at < text.length() && " \t\r\n,;=\"<".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return text.substring(begin, at);
    }

    private String quoted() throws MalformedPayloadException {
        StringBuilder value = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == '"') {
                at++;
                return value.toString();
            }
            if (c == '\\' && at + 1 < text.length()) {
                c = text.charAt(++at);
            }
            value.append(c);
        }
        throw new MalformedPayloadException("a link attribute without closing quote");
    }

    private void require(char expected) throws MalformedPayloadException {
        if (at >= text.length() || text.charAt(at) != expected) {
            throw new MalformedPayloadException("links without " + expected + " at character " + at);
        }
        at++;
    }

    private void skipBlanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }
}
