package io.kelp.mapper.mqtt.internal.sparkplug;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes the wire format of Protocol Buffers. */
final class ProtoWriter {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream(128);

    ProtoWriter number(int field, long value) {
        varint((long) field << 3 | ProtoReader.VARINT);
        varint(value);
        return this;
    }

    ProtoWriter fixed32(int field, float value) {
        varint((long) field << 3 | ProtoReader.FIXED32);
        littleEndian(Float.floatToIntBits(value), 4);
        return this;
    }

    ProtoWriter fixed64(int field, double value) {
        varint((long) field << 3 | ProtoReader.FIXED64);
        littleEndian(Double.doubleToLongBits(value), 8);
        return this;
    }

    ProtoWriter text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    ProtoWriter bytes(int field, byte[] value) {
        varint((long) field << 3 | ProtoReader.BYTES);
        varint(value.length);
        out.writeBytes(value);
        return this;
    }

    byte[] toBytes() {
        return out.toByteArray();
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    private void littleEndian(long bits, int count) {
        for (int i = 0; i < count; i++) {
            out.write((int) (bits >>> 8 * i));
        }
    }
}
