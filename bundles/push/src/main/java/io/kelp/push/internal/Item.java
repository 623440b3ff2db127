package io.kelp.push.internal;

import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Quality;
import io.kelp.store.RecordCodec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * A value on its way.
 *
 * @param text {@code null} for a reading without value
 * @param type of the property, for example {@code int}
 * @param timestampMillis when it was measured, Unix time
 * @param queuedMillis when it was queued, Unix time
 */
record Item(Target target, DeviceId device, String property, String type, String text, long timestampMillis, Quality quality, long queuedMillis) {

    /** What must stay in order. */
    record Series(String path, DeviceId device, String property) {

        /** Asked for each value in memory whenever one is sent; strings remember theirs. */
        @Override
        public int hashCode() {
            return (path.hashCode() * 31 + device.name().hashCode()) * 31 + property.hashCode();
        }
    }

    private static final int VERSION = 1;
    private static final int MOST_TEXT = 1 << 20;

    Series series() {
        return new Series(target.path(), device, property);
    }

    static final RecordCodec<Item> CODEC = new RecordCodec<>() {
        @Override
        public byte[] write(Item item) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                out.writeByte(VERSION);
                out.writeUTF(item.target.destination());
                text(out, item.target.path());
                out.writeByte(item.target.qos());
                out.writeBoolean(item.target.retained());
                out.writeInt(item.target.timeoutMillis());
                out.writeUTF(item.device.namespace());
                out.writeUTF(item.device.name());
                out.writeUTF(item.property);
                out.writeUTF(item.type);
                text(out, item.text);
                out.writeLong(item.timestampMillis);
                out.writeByte(item.quality.ordinal());
                out.writeLong(item.queuedMillis);
            } catch (IOException e) {
                throw new UncheckedIOException(e); // memory does not fail; a name beyond 64 KiB would
            }
            return bytes.toByteArray();
        }

        @Override
        public Item read(byte[] bytes) throws IOException {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
            int version = in.readByte();
            if (version != VERSION) {
                throw new IOException("value of version " + version);
            }
            Target target = new Target(in.readUTF(), text(in), in.readByte(), in.readBoolean(), in.readInt());
            return new Item(target, new DeviceId(in.readUTF(), in.readUTF()), in.readUTF(), in.readUTF(), text(in), in.readLong(),
                    quality(in.readByte()), in.readLong());
        }
    };

    private static Quality quality(int number) throws IOException {
        if (number < 0 || number >= Quality.values().length) {
            throw new IOException("quality " + number);
        }
        return Quality.values()[number];
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text == null ? null : text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes == null ? -1 : bytes.length);
        if (bytes != null) {
            out.write(bytes);
        }
    }

    private static String text(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length > MOST_TEXT) {
            throw new IOException("text of " + length + " bytes");
        }
        return length < 0 ? null : new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }
}
