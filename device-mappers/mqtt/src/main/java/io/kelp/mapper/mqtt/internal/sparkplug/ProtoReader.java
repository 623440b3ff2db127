package io.kelp.mapper.mqtt.internal.sparkplug;

import io.kelp.mapper.mqtt.internal.payload.MalformedPayloadException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads the wire format of Protocol Buffers field by field, within one array and without copying it. */
final class ProtoReader {

    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int BYTES = 2;
    static final int FIXED32 = 5;

    private final byte[] bytes;
    private final int end;
    private int at;
    private int wire;

    ProtoReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    private ProtoReader(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.at = from;
        this.end = end;
    }

    /** Goes to the next field. @return its number, 0 at the end */
    int next() throws MalformedPayloadException {
        if (at == end) {
            return 0;
        }
        long tag = varint();
        wire = (int) (tag & 7);
        long number = tag >>> 3;
        if (number == 0 || number > 0x1FFF_FFFF) {
            throw malformed();
        }
        return (int) number;
    }

    /** Wire type of the field. */
    int wire() {
        return wire;
    }

    long number() throws MalformedPayloadException {
        require(VARINT);
        return varint();
    }

    float fixed32() throws MalformedPayloadException {
        require(FIXED32);
        return take(4).getFloat();
    }

    double fixed64() throws MalformedPayloadException {
        require(FIXED64);
        return take(8).getDouble();
    }

    String text() throws MalformedPayloadException {
        require(BYTES);
        int length = length();
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(take(length)).toString();
        } catch (CharacterCodingException e) {
            throw malformed();
        }
    }

    byte[] bytes() throws MalformedPayloadException {
        require(BYTES);
        int length = length();
        at += length;
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    ProtoReader message() throws MalformedPayloadException {
        require(BYTES);
        int length = length();
        at += length;
        return new ProtoReader(bytes, at - length, at);
    }

    void skip() throws MalformedPayloadException {
        switch (wire) {
            case VARINT -> varint();
            case FIXED64 -> take(8);
            case BYTES -> {
                int length = length(); // moves "at" itself
                at += length;
            }
            case FIXED32 -> take(4);
            default -> throw malformed();
        }
    }

    private void require(int expected) throws MalformedPayloadException {
        if (wire != expected) {
            throw malformed();
        }
    }

    private int length() throws MalformedPayloadException {
        long length = varint();
        if (length < 0 || length > end - at) {
            throw malformed();
        }
        return (int) length;
    }

    private ByteBuffer take(int count) throws MalformedPayloadException {
        if (count > end - at) {
            throw malformed();
        }
        at += count;
        return ByteBuffer.wrap(bytes, at - count, count).order(ByteOrder.LITTLE_ENDIAN);
    }

    private long varint() throws MalformedPayloadException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at == end) {
                throw malformed();
            }
            byte next = bytes[at++];
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw malformed();
    }

    private MalformedPayloadException malformed() {
        return new MalformedPayloadException("no Sparkplug B payload: it is broken at byte " + at);
    }
}
