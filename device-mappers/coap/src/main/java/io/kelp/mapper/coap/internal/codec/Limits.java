package io.kelp.mapper.coap.internal.codec;

/** What a payload may cost to decode, whatever it says of itself. */
final class Limits {

    /** Nesting of arrays and maps. */
    static final int DEPTH = 32;
    /** Values in one payload, all levels together. */
    static final int VALUES = 20_000;

    private int values;

    void count() throws MalformedPayloadException {
        if (++values > VALUES) {
            throw new MalformedPayloadException("more than " + VALUES + " values");
        }
    }

    static void requireDepth(int depth) throws MalformedPayloadException {
        if (depth > DEPTH) {
            throw new MalformedPayloadException("nested deeper than " + DEPTH + " levels");
        }
    }
}
