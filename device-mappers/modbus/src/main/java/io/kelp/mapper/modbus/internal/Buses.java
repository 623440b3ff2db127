package io.kelp.mapper.modbus.internal;

import io.kelp.mapper.modbus.internal.wire.Bus;
import io.kelp.mapper.modbus.internal.wire.Line;
import io.kelp.mapper.modbus.internal.wire.Link;
import io.kelp.mapper.modbus.internal.wire.SerialLink;
import io.kelp.mapper.modbus.internal.wire.SocketLink;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The lines in use, each shared by the devices that hang on it and closed with the last. Safe for use by several threads. */
final class Buses {

    private final Map<String, Entry> entries = new HashMap<>(); // by Line.bus; guarded by this

    private static final class Entry {
        final Bus bus;
        int users;

        Entry(Bus bus) {
            this.bus = bus;
        }
    }

    /** A device's share of a line. */
    final class Share implements Closeable {

        private final Entry entry;
        private boolean given;

        private Share(Entry entry) {
            this.entry = entry;
        }

        Bus bus() {
            return entry.bus;
        }

        @Override
        public void close() throws IOException {
            synchronized (Buses.this) {
                if (given) {
                    return;
                }
                given = true;
                if (--entry.users > 0) {
                    return;
                }
                entries.remove(entry.bus.line().bus(), entry);
            }
            entry.bus.close();
        }
    }

    /** @throws IOException when another device uses the same port in another manner */
    synchronized Share take(DeviceSettings settings) throws IOException {
        Line line = settings.line();
        Entry entry = entries.computeIfAbsent(line.bus(), key -> new Entry(new Bus(line, opener(line, settings.connectTimeout()))));
        if (!entry.bus.line().equals(line)) {
            // Not an error of configuration: the other device may be about to change, too.
            throw new IOException(line.bus() + " is in use by another device as " + entry.bus.line() + ", this device wants " + line);
        }
        entry.users++;
        return new Share(entry);
    }

    private static Link.Opener opener(Line line, Duration connectTimeout) {
        if (line instanceof Line.Tcp tcp) {
            return () -> SocketLink.connect(tcp.host(), tcp.port(), connectTimeout.toNanos());
        }
        return () -> SerialLink.open((Line.Serial) line);
    }

    synchronized int size() {
        return entries.size();
    }
}
