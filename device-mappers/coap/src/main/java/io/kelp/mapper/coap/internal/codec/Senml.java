package io.kelp.mapper.coap.internal.codec;

import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Sensor measurement lists (SenML, RFC 8428), JSON and CBOR alike, with base values resolved. */
public final class Senml {

    /** Times below this are relative to now (RFC 8428 §4.5.3). */
    private static final double RELATIVE = 1 << 28;
    private static final int NEWEST_VERSION = 10;
    private static final List<String> LABELS = List.of("n", "u", "v", "vs", "vb", "s", "t", "ut", "vd");
    private static final List<String> BASE_LABELS = List.of("", "bver", "bn", "bt", "bu", "bv", "bs");

    private Senml() {}

    /**
     * A resolved record (RFC 8428 §4.6).
     *
     * @param name base name and name
     * @param local name without base name
     * @param unit may be empty
     * @param value {@link Long}, {@link Double}, {@link String}, {@link Boolean} or {@code byte[]}; the sum when there is only that
     * @param unixMillis when it was measured; 0 when the pack does not say
     */
    public record Entry(String name, String local, String unit, Object value, long unixMillis) {}

    /** @param nowMillis what relative times refer to, in Unix time */
    public static List<Entry> decode(Format format, byte[] payload, long nowMillis) throws MalformedPayloadException {
        Object document = format == Format.SENML_CBOR ? Cbor.decode(payload) : Json.decode(payload);
        if (!(document instanceof List<?> pack)) {
            throw new MalformedPayloadException("SenML that is no array");
        }
        Base base = new Base();
        List<Entry> entries = new ArrayList<>();
        for (Object item : pack) {
            if (!(item instanceof Map<?, ?> map)) {
                throw new MalformedPayloadException("SenML record that is no object");
            }
            base.resolve(labelled(map), nowMillis).ifPresent(entries::add);
        }
        return entries;
    }

    /**
     * The record of a name: whole name before name without base name; the newest of several. With an empty name, the only one.
     */
    public static Optional<Entry> pick(List<Entry> entries, String name) {
        if (name.isEmpty()) {
            return entries.size() == 1 ? Optional.of(entries.get(0)) : Optional.empty();
        }
        return newest(entries.stream().filter(e -> e.name().equals(name)).toList())
                .or(() -> newest(entries.stream().filter(e -> e.local().equals(name)).toList()));
    }

    private static Optional<Entry> newest(List<Entry> same) {
        return same.stream().reduce((a, b) -> b.unixMillis() >= a.unixMillis() ? b : a);
    }

    /** CBOR has numbers for the labels (RFC 8428 §6, table 4). */
    private static Map<String, Object> labelled(Map<?, ?> map) throws MalformedPayloadException {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (Map.Entry<?, ?> field : map.entrySet()) {
            String label;
            if (field.getKey() instanceof Long number) {
                label = number >= 0 && number < LABELS.size() ? LABELS.get(number.intValue())
                        : number < 0 && number > -BASE_LABELS.size() ? BASE_LABELS.get((int) -number) : "";
            } else {
                label = (String) field.getKey();
            }
            if (label.endsWith("_")) {
                throw new MalformedPayloadException("SenML field that must be understood and is not"); // RFC 8428 §4.4
            }
            fields.put(label, field.getValue());
        }
        return fields;
    }

    /** What holds for a record and those behind it. */
    private static final class Base {

        private String name = "";
        private String unit = "";
        private double time;
        private boolean timed;
        private Number value;
        private Number sum;

        Optional<Entry> resolve(Map<String, Object> fields, long nowMillis) throws MalformedPayloadException {
            Number version = number(fields, "bver");
            if (version != null && version.doubleValue() > NEWEST_VERSION) {
                throw new MalformedPayloadException("SenML of version " + version + ", understood is " + NEWEST_VERSION);
            }
            name = fields.containsKey("bn") ? text(fields, "bn") : name;
            unit = fields.containsKey("bu") ? text(fields, "bu") : unit;
            value = fields.containsKey("bv") ? number(fields, "bv") : value;
            sum = fields.containsKey("bs") ? number(fields, "bs") : sum;
            if (fields.containsKey("bt")) {
                time = number(fields, "bt").doubleValue();
                timed = true;
            }
            Object own = value(fields);
            if (own == null) {
                return Optional.empty(); // base values alone
            }
            String local = fields.containsKey("n") ? text(fields, "n") : "";
            Number offset = number(fields, "t");
            double at = time + (offset == null ? 0 : offset.doubleValue());
            return Optional.of(new Entry(name + local, local, fields.containsKey("u") ? text(fields, "u") : unit, own,
                    timed || offset != null ? unixMillis(at, nowMillis) : 0));
        }

        private Object value(Map<String, Object> fields) throws MalformedPayloadException {
            List<Object> found = new ArrayList<>();
            if (fields.containsKey("v")) {
                found.add(plus(value, number(fields, "v")));
            }
            if (fields.containsKey("vs")) {
                found.add(text(fields, "vs"));
            }
            if (fields.containsKey("vb")) {
                if (!(fields.get("vb") instanceof Boolean flag)) {
                    throw new MalformedPayloadException("SenML with a vb that is neither true nor false");
                }
                found.add(flag);
            }
            if (fields.containsKey("vd")) {
                found.add(data(fields.get("vd")));
            }
            if (found.size() > 1) {
                throw new MalformedPayloadException("SenML record with several values");
            }
            if (!found.isEmpty()) {
                return found.get(0);
            }
            if (fields.containsKey("s")) {
                return plus(sum, number(fields, "s"));
            }
            // With a base value, a record without value has that value (RFC 8428 §4.6); one that only sets bases has no name.
            return value != null && fields.containsKey("n") ? value : null;
        }

        private static Number plus(Number base, Number own) {
            if (base == null) {
                return own;
            }
            if (base instanceof Long a && own instanceof Long b) {
                long sum = a + b;
                return ((a ^ sum) & (b ^ sum)) < 0 ? (Number) (a.doubleValue() + b.doubleValue()) : (Number) sum;
            }
            return base.doubleValue() + own.doubleValue();
        }

        private static long unixMillis(double seconds, long nowMillis) throws MalformedPayloadException {
            double millis = seconds < RELATIVE ? nowMillis + seconds * 1000 : seconds * 1000;
            if (!(millis >= 0 && millis < 1e15)) {
                throw new MalformedPayloadException("SenML with a time that cannot be");
            }
            return Math.round(millis);
        }

        private static byte[] data(Object value) throws MalformedPayloadException {
            if (value instanceof byte[] bytes) {
                return bytes;
            }
            if (value instanceof String text) {
                try {
                    return Base64.getUrlDecoder().decode(text);
                } catch (IllegalArgumentException e) {
                    throw new MalformedPayloadException("SenML with a vd that is not Base64url", e);
                }
            }
            throw new MalformedPayloadException("SenML with a vd that is no data");
        }

        private static Number number(Map<String, Object> fields, String label) throws MalformedPayloadException {
            if (!fields.containsKey(label)) {
                return null;
            }
            if (fields.get(label) instanceof Number number) {
                return number;
            }
            throw new MalformedPayloadException("SenML with a " + label + " that is no number");
        }

        private static String text(Map<String, Object> fields, String label) throws MalformedPayloadException {
            if (fields.get(label) instanceof String text) {
                return text;
            }
            throw new MalformedPayloadException("SenML with a " + label + " that is no text");
        }
    }

    /** A pack of one record, to be written to a device. */
    public static byte[] encode(Format format, String name, Object value) {
        Map<Object, Object> values = new LinkedHashMap<>();
        values.put(name, value);
        return encode(format, values);
    }

    /** A pack of one record for each value. */
    public static byte[] encode(Format format, Map<?, ?> values) {
        boolean cbor = format == Format.SENML_CBOR;
        List<Object> pack = new ArrayList<>();
        values.forEach((name, value) -> {
            Map<Object, Object> entry = new LinkedHashMap<>();
            if (!String.valueOf(name).isEmpty()) {
                entry.put(label("n", cbor), name);
            }
            entry.put(label(value instanceof Number ? "v" : value instanceof Boolean ? "vb" : value instanceof byte[] ? "vd" : "vs", cbor), value);
            pack.add(entry);
        });
        return cbor ? Cbor.encode(pack) : JsonText.of(pack).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    private static Object label(String label, boolean cbor) {
        return cbor ? (Object) (long) LABELS.indexOf(label) : label;
    }
}
