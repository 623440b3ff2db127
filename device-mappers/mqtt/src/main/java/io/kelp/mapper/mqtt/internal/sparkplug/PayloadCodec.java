package io.kelp.mapper.mqtt.internal.sparkplug;

import io.kelp.mapper.mqtt.internal.payload.MalformedPayloadException;
import java.util.ArrayList;
import java.util.List;

/**
 * Payloads as bytes: message {@code Payload} of sparkplug_b.proto (Sparkplug 3.0, section 6.4). Field numbers are those of the
 * specification; fields that are not needed here are skipped.
 */
public final class PayloadCodec {

    private static final int MOST_METRICS = 20_000;
    private static final int MOST_PROPERTIES = 1_000;
    private static final String QUALITY = "Quality";

    /** Stands for a value that is there but not understood (data set, template). */
    private static final Object OTHER = new Object() {
        @Override
        public String toString() {
            return "not understood";
        }
    };

    private PayloadCodec() {}

    public static Payload decode(byte[] bytes) throws MalformedPayloadException {
        ProtoReader in = new ProtoReader(bytes);
        long timestamp = 0;
        int seq = -1;
        List<Metric> metrics = new ArrayList<>();
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> timestamp = in.number();
                case 2 -> {
                    if (metrics.size() == MOST_METRICS) {
                        throw new MalformedPayloadException("a Sparkplug B payload of more than " + MOST_METRICS + " metrics");
                    }
                    metrics.add(metric(in.message()));
                }
                case 3 -> {
                    long number = in.number();
                    if (number < 0 || number > 255) {
                        throw new MalformedPayloadException("a Sparkplug B payload with sequence number " + Long.toUnsignedString(number));
                    }
                    seq = (int) number;
                }
                default -> in.skip();
            }
        }
        return new Payload(Math.max(0, timestamp), seq, metrics);
    }

    private static Metric metric(ProtoReader in) throws MalformedPayloadException {
        String name = "";
        long alias = -1;
        long timestamp = 0;
        DataType type = DataType.UNKNOWN;
        int quality = Metric.GOOD;
        boolean historical = false;
        boolean isNull = false;
        Object raw = null;
        for (int field = in.next(); field != 0; field = in.next()) {
            switch (field) {
                case 1 -> name = in.text();
                case 2 -> alias = in.number();
                case 3 -> timestamp = in.number();
                case 4 -> type = DataType.of(in.number());
                case 5 -> historical = in.number() != 0;
                case 7 -> isNull = in.number() != 0;
                case 9 -> quality = quality(in.message());
                case 10, 11 -> raw = in.number();
                case 12 -> raw = in.fixed32();
                case 13 -> raw = in.fixed64();
                case 14 -> raw = in.number() != 0;
                case 15 -> raw = in.text();
                case 16 -> raw = in.bytes();
                case 17, 18, 19 -> {
                    in.skip();
                    raw = OTHER;
                }
                default -> in.skip();
            }
        }
        return new Metric(name, alias, Math.max(0, timestamp), type, quality, historical, isNull ? null : raw);
    }

    /** Looks for the property Quality in a PropertySet: names in field 1, values in field 2, in the same order. */
    private static int quality(ProtoReader in) throws MalformedPayloadException {
        int names = 0;
        int values = 0;
        int place = -1;
        List<Integer> numbers = new ArrayList<>();
        for (int field = in.next(); field != 0; field = in.next()) {
            if (names > MOST_PROPERTIES || values > MOST_PROPERTIES) {
                throw new MalformedPayloadException("a Sparkplug B metric of more than " + MOST_PROPERTIES + " properties");
            }
            switch (field) {
                case 1 -> {
                    if (in.text().equalsIgnoreCase(QUALITY)) {
                        place = names;
                    }
                    names++;
                }
                case 2 -> {
                    numbers.add(number(in.message()));
                    values++;
                }
                default -> in.skip();
            }
        }
        return place >= 0 && place < numbers.size() ? numbers.get(place) : Metric.GOOD;
    }

    private static int number(ProtoReader in) throws MalformedPayloadException {
        int number = Metric.GOOD;
        for (int field = in.next(); field != 0; field = in.next()) {
            if (field == 3 || field == 4) {
                number = (int) in.number();
            } else {
                in.skip();
            }
        }
        return number;
    }

    public static byte[] encode(Payload payload) {
        ProtoWriter out = new ProtoWriter();
        if (payload.timestampMillis() > 0) {
            out.number(1, payload.timestampMillis());
        }
        payload.metrics().forEach(metric -> out.bytes(2, encode(metric)));
        if (payload.seq() >= 0) {
            out.number(3, payload.seq());
        }
        return out.toBytes();
    }

    private static byte[] encode(Metric metric) {
        ProtoWriter out = new ProtoWriter();
        if (!metric.name().isEmpty()) {
            out.text(1, metric.name());
        }
        if (metric.alias() >= 0) {
            out.number(2, metric.alias());
        }
        if (metric.timestampMillis() > 0) {
            out.number(3, metric.timestampMillis());
        }
        if (metric.type() != DataType.UNKNOWN) {
            out.number(4, metric.type().ordinal());
        }
        if (metric.historical()) {
            out.number(5, 1);
        }
        if (metric.quality() != Metric.GOOD) {
            byte[] value = new ProtoWriter().number(1, DataType.INT32.ordinal()).number(3, metric.quality()).toBytes();
            out.bytes(9, new ProtoWriter().text(1, QUALITY).bytes(2, value).toBytes());
        }
        Object raw = metric.raw();
        if (raw instanceof Long number) {
            out.number(metric.type().wide() ? 11 : 10, number);
        } else if (raw instanceof Float number) {
            out.fixed32(12, number);
        } else if (raw instanceof Double number) {
            out.fixed64(13, number);
        } else if (raw instanceof Boolean flag) {
            out.number(14, flag ? 1 : 0);
        } else if (raw instanceof String text) {
            out.text(15, text);
        } else if (raw instanceof byte[] content) {
            out.bytes(16, content);
        } else {
            out.number(7, 1);
        }
        return out.toBytes();
    }
}
