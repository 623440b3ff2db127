package io.kelp.mapper;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Settings of a device or of one of its properties: keys with values as somebody wrote them into
 * a YAML file, so a number may be written {@code 502}, {@code 502.0} or {@code "502"}. Keys are
 * found as written, else without regard to case ({@code Register} for {@code register}), because
 * published examples differ. Immutable; equal when the content is.
 *
 * <p>Each typed method refuses a bad value with a {@link ConfigurationException} whose message
 * names device, property, key, value and what is allowed. A method without default refuses a missing key, too.
 */
public final class Settings {

    private final String where;
    private final Map<String, Object> values;

    /**
     * @param where whose settings these are, for messages: {@code device default/pump, property temp}
     * @param values key → {@link String}, {@link Number}, {@link Boolean}, {@link Map} or {@link List} of these
     */
    public Settings(String where, Map<String, ?> values) {
        this.where = Objects.requireNonNull(where, "where");
        Map<String, Object> copy = new LinkedHashMap<>();
        values.forEach((key, value) -> {
            if (value != null) {
                copy.put(key, value);
            }
        });
        this.values = Collections.unmodifiableMap(copy);
    }

    /** Keys in the order of the file. */
    public Set<String> keys() {
        return values.keySet();
    }

    public boolean has(String key) {
        return find(key).isPresent();
    }

    public String text(String key) throws ConfigurationException {
        Object value = required(key);
        if (value instanceof Map || value instanceof List) {
            throw refused(key, value, "text");
        }
        return plain(value);
    }

    public String text(String key, String absent) throws ConfigurationException {
        return has(key) ? text(key) : absent;
    }

    /** A whole number from {@code least} to {@code most}. */
    public long whole(String key, long least, long most) throws ConfigurationException {
        String text = text(key);
        try {
            long number = new BigDecimal(shortText(text)).longValueExact();
            if (number >= least && number <= most) {
                return number;
            }
        } catch (ArithmeticException | NumberFormatException e) {
            // falls through to the one message for everything that is not allowed
        }
        throw refused(key, text, "a whole number from " + least + " to " + most);
    }

    public long whole(String key, long absent, long least, long most) throws ConfigurationException {
        return has(key) ? whole(key, least, most) : absent;
    }

    /** A number from {@code least} to {@code most}. */
    public double real(String key, double least, double most) throws ConfigurationException {
        String text = text(key);
        try {
            double number = new BigDecimal(shortText(text)).doubleValue();
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // falls through to the one message for everything that is not allowed
        }
        throw refused(key, text, "a number from " + least + " to " + most);
    }

    public double real(String key, double absent, double least, double most) throws ConfigurationException {
        return has(key) ? real(key, least, most) : absent;
    }

    /** {@code true} or {@code false}, in any case. */
    public boolean flag(String key) throws ConfigurationException {
        String text = text(key);
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw refused(key, text, "true or false");
        };
    }

    public boolean flag(String key, boolean absent) throws ConfigurationException {
        return has(key) ? flag(key) : absent;
    }

    /** One of several words, compared without regard to case; returned as in {@code allowed}. */
    public String oneOf(String key, String... allowed) throws ConfigurationException {
        String text = text(key);
        return Arrays.stream(allowed).filter(text::equalsIgnoreCase).findFirst()
                .orElseThrow(() -> refused(key, text, "one of " + String.join(", ", allowed)));
    }

    /** One constant of an enumeration, compared without regard to case, {@code _} and {@code -}. */
    public <E extends Enum<E>> E oneOf(String key, Class<E> type) throws ConfigurationException {
        String text = text(key);
        for (E constant : type.getEnumConstants()) {
            if (bare(constant.name()).equals(bare(text))) {
                return constant;
            }
        }
        throw refused(key, text, Arrays.stream(type.getEnumConstants()).map(Enum::name)
                .collect(Collectors.joining(", ", "one of ", "")));
    }

    public <E extends Enum<E>> E oneOf(String key, Class<E> type, E absent) throws ConfigurationException {
        return has(key) ? oneOf(key, type) : absent;
    }

    /** A map below a key; empty when the key is missing. */
    public Settings section(String key) throws ConfigurationException {
        Object value = find(key).orElse(Map.of());
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> section = new LinkedHashMap<>();
            map.forEach((k, v) -> section.put(String.valueOf(k), v));
            return new Settings(where + ", key " + key, section);
        }
        throw refused(key, value, "a map");
    }

    /** Texts below a key, one or a list of them; empty when the key is missing. */
    public List<String> texts(String key) throws ConfigurationException {
        Object value = find(key).orElse(List.of());
        List<?> items = value instanceof List<?> list ? list : List.of(value);
        List<String> texts = new ArrayList<>();
        for (Object item : items) {
            if (item == null || item instanceof Map || item instanceof List) {
                throw refused(key, value, "text or a list of texts");
            }
            texts.add(plain(item));
        }
        return List.copyOf(texts);
    }

    /** For what a driver checks itself; the message names where, key, value and {@code allowed}. */
    public ConfigurationException refused(String key, Object value, String allowed) {
        String shown = String.valueOf(value);
        return new ConfigurationException(where + ", key " + key + ": \""
                + (shown.length() > 80 ? shown.substring(0, 80) + "…" : shown) + "\" is not " + allowed);
    }

    private Object required(String key) throws ConfigurationException {
        return find(key).orElseThrow(() -> new ConfigurationException(where + ": key " + key + " is missing"
                + (values.isEmpty() ? "" : "; there are " + String.join(", ", values.keySet()))));
    }

    private Optional<Object> find(String key) {
        Object exact = values.get(key);
        if (exact != null) {
            return Optional.of(exact);
        }
        return values.entrySet().stream().filter(e -> e.getKey().equalsIgnoreCase(key)).map(Map.Entry::getValue).findFirst();
    }

    private static String plain(Object value) {
        if (value instanceof Double || value instanceof Float) {
            String text = PropertyType.DOUBLE.format(PropertyValue.of(((Number) value).doubleValue()));
            return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
        }
        return String.valueOf(value);
    }

    /** BigDecimal takes time that grows with the square of the digits and of the exponent. */
    private static String shortText(String text) {
        String trimmed = text.trim();
        int exponent = Math.max(trimmed.indexOf('e'), trimmed.indexOf('E'));
        if (trimmed.length() > 40 || (exponent >= 0 && trimmed.length() - exponent > 5)) {
            throw new NumberFormatException("too long");
        }
        return trimmed;
    }

    private static String bare(String word) {
        return word.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Settings s && where.equals(s.where) && values.equals(s.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    /** Whose settings, and the keys; never the values, among which there may be passwords. */
    @Override
    public String toString() {
        return where + " " + values.keySet();
    }
}
