package io.kelp.kubeapi.internal.protobuf;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A stretch of the protobuf wire format (protobuf.dev/programming-guides/encoding), read from its beginning to its end. */
final class Wire {

    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int LENGTH = 2;
    static final int START_GROUP = 3;
    static final int END_GROUP = 4;
    static final int FIXED32 = 5;

    private static final char REPLACEMENT = '\uFFFD';
    private static final int VARINT_BITS = 7;
    private static final int TYPE_BITS = 3;

    private final byte[] bytes;
    private final int end;
    private int at;

    Wire(byte[] bytes, int from) {
        this(bytes, from, bytes.length);
    }

    private Wire(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    boolean hasMore() {
        return at < end;
    }

    long varint() throws MalformedProtobufException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += VARINT_BITS) {
            if (at >= end) {
                throw new MalformedProtobufException("unexpected EOF");
            }
            byte b = bytes[at++];
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new MalformedProtobufException("proto: integer overflow");
    }

    /**
     * Number and wire type of the next field.
     *
     * @param message name for what is told when they are none
     */
    Tag tag(String message) throws MalformedProtobufException {
        long word = varint();
        int number = (int) (word >>> TYPE_BITS);
        int type = (int) word & (1 << TYPE_BITS) - 1;
        if (type == END_GROUP) {
            throw new MalformedProtobufException("proto: " + message + ": wiretype end group for non-group");
        }
        if (number <= 0) {
            throw new MalformedProtobufException("proto: " + message + ": illegal tag " + number + " (wire type " + Long.toUnsignedString(word) + ")");
        }
        return new Tag(number, type);
    }

    record Tag(int number, int type) {}

    long fixed64() throws MalformedProtobufException {
        int from = take(Long.BYTES);
        long value = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            value |= (bytes[from + i] & 0xffL) << Byte.SIZE * i;
        }
        return value;
    }

    /** A stretch with its length before it. */
    Wire part() throws MalformedProtobufException {
        int length = length();
        int from = take(length);
        return new Wire(bytes, from, from + length);
    }

    byte[] rest() {
        byte[] rest = Arrays.copyOfRange(bytes, at, end);
        at = end;
        return rest;
    }

    /** Each byte that is no UTF-8 becomes U+FFFD, as it does when Go writes such a string as JSON. */
    String text() {
        int from = at;
        at = end;
        String text = new String(bytes, from, end - from, StandardCharsets.UTF_8);
        return text.indexOf(REPLACEMENT) < 0 ? text : repaired(from);
    }

    /** Java would write one character for several bytes. */
    private String repaired(int from) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes, from, end - from);
        CharBuffer out = CharBuffer.allocate(end - from);
        CoderResult result = decoder.decode(in, out, true);
        while (result.isMalformed()) {
            for (int i = 0; i < result.length(); i++) {
                out.put(REPLACEMENT);
            }
            in.position(in.position() + result.length());
            result = decoder.decode(in, out, true);
        }
        return out.flip().toString();
    }

    /** Passes over the value of a field that is not known. */
    void skip(int type) throws MalformedProtobufException {
        int open = 0;
        int next = type;
        while (true) {
            switch (next) {
                case VARINT -> varint();
                case FIXED64 -> take(Long.BYTES);
                case LENGTH -> take(length());
                case START_GROUP -> open++;
                case END_GROUP -> {
                    if (open == 0) {
                        throw new MalformedProtobufException("proto: unexpected end of group");
                    }
                    open--;
                }
                case FIXED32 -> take(Integer.BYTES);
                default -> throw new MalformedProtobufException("proto: illegal wireType " + next);
            }
            if (open == 0) {
                return;
            }
            next = (int) varint() & (1 << TYPE_BITS) - 1;
        }
    }

    private int length() throws MalformedProtobufException {
        long length = varint();
        if (length < 0) {
            throw new MalformedProtobufException("proto: negative length found during unmarshaling");
        }
        return (int) Math.min(length, Integer.MAX_VALUE);
    }

    private int take(int length) throws MalformedProtobufException {
        if (length > end - at) {
            at = end;
            throw new MalformedProtobufException("unexpected EOF");
        }
        int from = at;
        at += length;
        return from;
    }
}
