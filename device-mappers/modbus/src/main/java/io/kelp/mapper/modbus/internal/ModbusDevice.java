package io.kelp.mapper.modbus.internal;

import io.kelp.mapper.BlockingConnection;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.Reading;
import io.kelp.mapper.RequestRefusedException;
import io.kelp.mapper.modbus.internal.Blocks.Block;
import io.kelp.mapper.modbus.internal.wire.ExceptionAnswer;
import io.kelp.mapper.modbus.internal.wire.Pdu;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** An open Modbus device: reads its properties in blocks, writes them one by one. */
final class ModbusDevice implements BlockingConnection {

    /** Exceptions with which devices refuse a block because of one of its addresses; not all keep to the standard. */
    private static final Set<Integer> SPLITTING =
            Set.of(ExceptionAnswer.ILLEGAL_ADDRESS, ExceptionAnswer.ILLEGAL_VALUE, ExceptionAnswer.DEVICE_FAILURE);

    private final DeviceSettings settings;
    private final Buses.Share share;
    private final Unit unit;
    private final PointWriter writer;
    private final Blocks blocks;
    private final Map<String, Point> points = new HashMap<>();
    private List<DeviceProperty> mergedOf = List.of();
    private List<Block> merged = List.of(); // of these properties

    ModbusDevice(DeviceSettings settings, List<Point> points, Buses.Share share) {
        this.settings = settings;
        this.share = share;
        this.unit = new Unit(share.bus(), settings);
        this.writer = new PointWriter(unit, settings);
        this.blocks = new Blocks(settings.maxBlock(), settings.maxGap());
        points.forEach(p -> this.points.put(p.property().name(), p));
    }

    @Override
    public Map<String, Reading> read(List<DeviceProperty> properties) throws IOException, InterruptedException {
        if (settings.broadcast()) {
            return Map.of(); // nobody answers to a broadcast
        }
        Map<String, Reading> readings = new LinkedHashMap<>();
        Deque<Block> toRead = new ArrayDeque<>(merged(properties));
        for (Block block = toRead.poll(); block != null; block = toRead.poll()) {
            try {
                byte[] data = ask(block);
                for (Point point : block.points()) {
                    readings.put(point.property().name(), reading(point, part(block, point, data)));
                }
            } catch (ExceptionAnswer e) {
                List<Block> halves = SPLITTING.contains(e.code()) ? blocks.split(block) : List.of();
                for (int i = halves.size() - 1; i >= 0; i--) {
                    toRead.addFirst(halves.get(i));
                }
                if (halves.isEmpty()) {
                    Reading bad = Reading.bad(e.getMessage() + " at reading " + block.place() + " of unit " + settings.unit());
                    block.points().forEach(point -> readings.put(point.property().name(), bad));
                }
            }
        }
        return readings;
    }

    /** Most reads are about the same properties as the one before. */
    private List<Block> merged(List<DeviceProperty> properties) {
        if (blocks.isUncut() && isSame(properties, mergedOf)) {
            return merged;
        }
        List<Point> due = new ArrayList<>(properties.size());
        for (DeviceProperty property : properties) {
            due.add(points.get(property.name()));
        }
        due.sort(Blocks.ORDER);
        mergedOf = List.copyOf(properties);
        merged = blocks.merge(due);
        return merged;
    }

    private static boolean isSame(List<DeviceProperty> some, List<DeviceProperty> others) {
        boolean same = some.size() == others.size();
        for (int i = 0; same && i < some.size(); i++) {
            same = some.get(i) == others.get(i);
        }
        return same;
    }

    /** Only an illegal address is believed at once: a failure that passes must not cut blocks into pieces. */
    private byte[] ask(Block block) throws IOException, InterruptedException {
        byte[] request = Pdu.read(block.table(), block.address(), block.count());
        try {
            return unit.ask(request);
        } catch (ExceptionAnswer e) {
            if (e.code() == ExceptionAnswer.ILLEGAL_ADDRESS || !SPLITTING.contains(e.code()) || block.points().size() == 1) {
                throw e;
            }
            return unit.ask(request);
        } catch (SocketTimeoutException e) {
            throw new IOException(e.getMessage() + "; it was asked for " + block.place(), e);
        }
    }

    /** The registers, or the packed bits, of a point in those of its block. */
    private static byte[] part(Block block, Point point, byte[] data) {
        int from = point.address() - block.address();
        if (!point.table().bits()) {
            return java.util.Arrays.copyOfRange(data, 2 * from, 2 * (from + point.count()));
        }
        byte[] packed = new byte[(point.count() + 7) / 8];
        for (int i = 0; i < point.count(); i++) {
            int at = from + i;
            packed[i / 8] |= (byte) ((data[at / 8] >> at % 8 & 1) << i % 8);
        }
        return packed;
    }

    private static Reading reading(Point point, byte[] raw) {
        try {
            if (point.bit() >= 0) {
                int register = (raw[0] & 0xFF) << 8 | raw[1] & 0xFF;
                return Reading.of(point.codec().bit((register >> point.bit() & 1) == 1));
            }
            return Reading.of(point.property().type().convert(point.codec().decode(raw)));
        } catch (IllegalArgumentException e) {
            return Reading.bad(e.getMessage());
        }
    }

    @Override
    public Optional<Reading> write(DeviceProperty property, PropertyValue value) throws IOException, InterruptedException {
        Point point = points.get(property.name());
        if (!point.table().writable()) {
            throw new RequestRefusedException("a " + point.table().title() + " cannot be written, only holding registers and coils can");
        }
        try {
            Point written = writer.write(point, value);
            points.put(property.name(), written);
            mergedOf = List.of();
            merged = List.of();
        } catch (ExceptionAnswer e) {
            throw new RequestRefusedException(e.getMessage() + " at writing " + point.place() + " of unit " + settings.unit(), e);
        } catch (IllegalArgumentException e) {
            throw new RequestRefusedException(e.getMessage(), e);
        }
        return Optional.empty();
    }

    @Override
    public boolean readsBack(DeviceProperty property) {
        return !settings.broadcast() && points.get(property.name()).readBack() && writer.exact(property.name());
    }

    @Override
    public void close() throws IOException {
        share.close();
    }
}
