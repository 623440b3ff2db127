package io.kelp.store.internal;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The bytes of one journal segment: a header, then frames. A frame is its length, the CRC-32C of
 * its content and the content; it counts as a whole or not at all. Its first byte says what it is:
 * 1 names a table (number, name), 2 holds changes (table number, key, length or -1, value).
 */
final class JournalFormat {

    static final int HEADER_BYTES = 24;
    private static final long MAGIC = 0x4b454c504a4e4c31L; // "KELPJNL1"
    private static final int FRAME_OVERHEAD = 8;
    private static final byte TABLE = 1;
    private static final byte CHANGES = 2;

    private JournalFormat() {}

    static byte[] header(UUID database) {
        return ByteBuffer.allocate(HEADER_BYTES).putLong(MAGIC)
                .putLong(database.getMostSignificantBits()).putLong(database.getLeastSignificantBits()).array();
    }

    /** The database that a segment belongs to; empty when this is no segment. */
    static Optional<UUID> database(byte[] segment) {
        if (segment.length < HEADER_BYTES || ByteBuffer.wrap(segment).getLong() != MAGIC) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(segment, 8, 16);
        return Optional.of(new UUID(in.getLong(), in.getLong()));
    }

    /** Encodes writes for one segment, naming each table before its first use there. */
    static final class Encoder {

        private final Map<String, Integer> tables = new HashMap<>();
        private final ByteArrayOutputStream out = new ByteArrayOutputStream(8192);

        void add(String table, List<Write.Change> changes) {
            Integer number = tables.get(table);
            if (number == null) {
                number = tables.size();
                tables.put(table, number);
                int given = number;
                frame(data -> {
                    data.writeByte(TABLE);
                    data.writeInt(given);
                    data.writeUTF(table);
                });
            }
            int given = number;
            frame(data -> {
                data.writeByte(CHANGES);
                data.writeInt(changes.size());
                for (Write.Change change : changes) {
                    data.writeInt(given);
                    byte[] key = change.row().key.getBytes(StandardCharsets.UTF_8);
                    data.writeShort(key.length);
                    data.write(key);
                    byte[] value = change.value();
                    data.writeInt(value == null ? -1 : value.length);
                    if (value != null) {
                        data.write(value);
                    }
                }
            });
        }

        /** What has been added since the last call. */
        byte[] take() {
            byte[] bytes = out.toByteArray();
            out.reset();
            return bytes;
        }

        private void frame(Content content) {
            try {
                var body = new ByteArrayOutputStream(512);
                content.write(new DataOutputStream(body));
                byte[] bytes = body.toByteArray();
                var crc = new CRC32C();
                crc.update(bytes);
                var data = new DataOutputStream(out);
                data.writeInt(bytes.length);
                data.writeInt((int) crc.getValue());
                data.write(bytes);
            } catch (IOException e) {
                throw new UncheckedIOException(e); // memory does not fail so
            }
        }

        private interface Content {
            void write(DataOutputStream data) throws IOException;
        }
    }

    /** One change read back; a {@code null} value removes. */
    record Entry(String table, String key, byte[] value) {}

    /** The good part of a segment: its changes in order, and how many bytes it takes. */
    record Content(List<Entry> entries, int goodBytes) {}

    /** Reads up to the first frame that is cut off or broken. */
    static Content read(byte[] segment) {
        var entries = new ArrayList<Entry>();
        var tables = new HashMap<Integer, String>();
        ByteBuffer in = ByteBuffer.wrap(segment);
        in.position(HEADER_BYTES);
        int good = HEADER_BYTES;
        while (in.remaining() >= FRAME_OVERHEAD) {
            int length = in.getInt();
            int checksum = in.getInt();
            if (length < 1 || length > in.remaining()) {
                break;
            }
            var crc = new CRC32C();
            crc.update(segment, in.position(), length);
            if ((int) crc.getValue() != checksum) {
                break;
            }
            List<Entry> frame = decode(ByteBuffer.wrap(segment, in.position(), length), tables);
            if (frame == null) {
                break;
            }
            entries.addAll(frame);
            in.position(in.position() + length);
            good = in.position();
        }
        return new Content(entries, good);
    }

    private static List<Entry> decode(ByteBuffer in, Map<Integer, String> tables) {
        try {
            var entries = new ArrayList<Entry>();
            byte kind = in.get();
            if (kind == TABLE) {
                tables.put(in.getInt(), text(in, Short.toUnsignedInt(in.getShort())));
                return entries;
            }
            if (kind != CHANGES) {
                return null;
            }
            for (int left = in.getInt(); left > 0; left--) {
                String table = tables.get(in.getInt());
                String key = text(in, Short.toUnsignedInt(in.getShort()));
                int length = in.getInt();
                if (table == null || length > in.remaining() || length < -1) {
                    return null;
                }
                byte[] value = null;
                if (length >= 0) {
                    value = new byte[length];
                    in.get(value);
                }
                entries.add(new Entry(table, key, value));
            }
            return entries;
        } catch (BufferUnderflowException e) {
            return null; // a frame with a right checksum and wrong content: not ours, treated as broken
        }
    }

    private static String text(ByteBuffer in, int length) {
        byte[] bytes = new byte[Math.min(length, in.remaining())];
        in.get(bytes);
        if (bytes.length < length) {
            throw new BufferUnderflowException();
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
