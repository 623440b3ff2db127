package io.kelp.broker.internal;

import io.kelp.broker.internal.core.Delivery;
import io.kelp.broker.internal.core.OutMessage;
import io.kelp.broker.internal.core.Retained;
import io.kelp.store.RecordCodec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The broker's records in the store. Each begins with the number of its format. */
final class Records {

    private static final int FORMAT = 1;
    private static final byte[] NOTHING = {};

    /** A persistent session without its messages. */
    record SessionRecord(Map<String, Integer> filters, Set<Integer> unreleased) {}

    static final RecordCodec<SessionRecord> SESSION = new Codec<>() {
        @Override
        void write(SessionRecord session, DataOutputStream out) throws IOException {
            // Sorted, so that the same session always makes the same bytes and is not written again.
            out.writeInt(session.filters().size());
            for (Map.Entry<String, Integer> filter : new TreeMap<>(session.filters()).entrySet()) {
                out.writeUTF(filter.getKey());
                out.writeByte(filter.getValue());
            }
            out.writeInt(session.unreleased().size());
            for (int id : new TreeSet<>(session.unreleased())) {
                out.writeShort(id);
            }
        }

        @Override
        SessionRecord read(DataInputStream in) throws IOException {
            Map<String, Integer> filters = new HashMap<>();
            for (int i = in.readInt(); i > 0; i--) {
                filters.put(in.readUTF(), (int) in.readByte());
            }
            Set<Integer> unreleased = new HashSet<>();
            for (int i = in.readInt(); i > 0; i--) {
                unreleased.add(in.readUnsignedShort());
            }
            return new SessionRecord(filters, unreleased);
        }
    };

    static final RecordCodec<Delivery> DELIVERY = new Codec<>() {
        @Override
        void write(Delivery delivery, DataOutputStream out) throws IOException {
            out.writeLong(delivery.sequence());
            out.writeByte(delivery.qos());
            out.writeBoolean(delivery.retain());
            out.writeByte(delivery.state().ordinal());
            out.writeShort(delivery.packetId());
            out.writeBoolean(delivery.message() != null);
            if (delivery.message() != null) {
                writeMessage(delivery.message(), out);
            }
        }

        @Override
        Delivery read(DataInputStream in) throws IOException {
            long sequence = in.readLong();
            int qos = in.readByte();
            boolean retain = in.readBoolean();
            int state = in.readByte();
            int packetId = in.readUnsignedShort();
            OutMessage message = in.readBoolean() ? readMessage(in) : null;
            if (qos < 1 || qos > 2 || state < 0 || state > 2 || message == null && state != Delivery.State.RELEASED.ordinal()) {
                throw new IOException("no message of a session");
            }
            return new Delivery(sequence, qos, retain, message, Delivery.State.values()[state], packetId);
        }
    };

    static final RecordCodec<Retained> RETAINED = new Codec<>() {
        @Override
        void write(Retained retained, DataOutputStream out) throws IOException {
            out.writeByte(retained.qos());
            writeMessage(retained.message(), out);
        }

        @Override
        Retained read(DataInputStream in) throws IOException {
            int qos = in.readByte();
            return new Retained(readMessage(in), qos);
        }
    };

    private Records() {}

    private static void writeMessage(OutMessage message, DataOutputStream out) throws IOException {
        out.writeUTF(message.topic());
        out.writeInt(message.payload().length);
        out.write(message.payload());
    }

    private static OutMessage readMessage(DataInputStream in) throws IOException {
        String topic = in.readUTF();
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("message of " + length + " bytes in a record of fewer");
        }
        return new OutMessage(topic, length == 0 ? NOTHING : in.readNBytes(length));
    }

    private abstract static class Codec<T> implements RecordCodec<T> {

        abstract void write(T record, DataOutputStream out) throws IOException;

        abstract T read(DataInputStream in) throws IOException;

        @Override
        public final byte[] write(T record) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                out.writeByte(FORMAT);
                write(record, out);
            } catch (IOException e) {
                throw new UncheckedIOException("a record that does not fit into memory", e);
            }
            return bytes.toByteArray();
        }

        @Override
        public final T read(byte[] bytes) throws IOException {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
            int format = in.readByte();
            if (format != FORMAT) {
                throw new IOException("record of the unknown format " + format);
            }
            return read(in);
        }
    }
}
