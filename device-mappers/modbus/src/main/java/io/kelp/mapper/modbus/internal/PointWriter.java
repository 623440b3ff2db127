package io.kelp.mapper.modbus.internal;

import io.kelp.mapper.PropertyType;
import io.kelp.mapper.PropertyValue;
import io.kelp.mapper.modbus.internal.DeviceSettings.MaskWrite;
import io.kelp.mapper.modbus.internal.DeviceSettings.WriteFunction;
import io.kelp.mapper.modbus.internal.value.BitWords;
import io.kelp.mapper.modbus.internal.value.ValueCodec;
import io.kelp.mapper.modbus.internal.wire.ExceptionAnswer;
import io.kelp.mapper.modbus.internal.wire.Pdu;
import io.kelp.mapper.modbus.internal.wire.Table;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/** Writes points, and remembers which write functions the device knows. */
final class PointWriter {

    private final Unit unit;
    private final DeviceSettings settings;
    private final Set<String> rounded = new HashSet<>();
    private MaskWrite maskWrite;
    private WriteFunction function;

    PointWriter(Unit unit, DeviceSettings settings) {
        this.unit = unit;
        this.settings = settings;
        this.maskWrite = settings.maskWrite();
        this.function = settings.writeFunction();
    }

    /**
     * @return the point, which may have learned how its values are spelled
     * @throws ExceptionAnswer when the device refuses
     * @throws IllegalArgumentException when the value does not fit
     */
    Point write(Point point, PropertyValue value) throws IOException, InterruptedException {
        Point spelled = spelled(point, value);
        if (point.bit() >= 0) {
            boolean on = point.codec().bit(value);
            noteRounding(point, value, spelled.codec().bit(on));
            writeBit(point, on);
        } else if (point.table() == Table.COIL) {
            byte[] packed = point.codec().encode(value, (point.count() + 7) / 8);
            if (point.count() % 8 != 0 && (packed[packed.length - 1] & 0xFF) >> point.count() % 8 != 0) {
                throw new IllegalArgumentException(value.asText() + " has more bits than these " + point.count() + " coils");
            }
            noteRounding(point, value, spelled.codec().decode(packed.clone()));
            writeCoils(point, packed);
        } else {
            byte[] data = point.codec().encode(value, 2 * point.count());
            noteRounding(point, value, spelled.codec().decode(data.clone()));
            writeRegisters(point, data);
        }
        return spelled;
    }

    /** Whether the value written last is read as it was written; one that the device can store only rounded is not. */
    boolean exact(String property) {
        return !rounded.contains(property);
    }

    private void noteRounding(Point point, PropertyValue wanted, PropertyValue stored) {
        PropertyType type = point.property().type();
        boolean same;
        if (type.numeric()) {
            double a = wanted.asReal();
            double b = type.convert(stored).asReal();
            same = Math.abs(a - b) <= 1e-6 * Math.max(Math.abs(a), Math.abs(b));
        } else {
            same = type.format(wanted).equals(type.format(stored));
        }
        if (same) {
            rounded.remove(point.property().name());
        } else {
            rounded.add(point.property().name());
        }
    }

    /** A bit of a property of texts is read in the words in which it was set: who says ON wants to see ON. */
    private static Point spelled(Point point, PropertyValue value) {
        ValueCodec codec = point.codec();
        if (codec.words() == null || point.property().visitor().has("onText")) {
            return point;
        }
        BitWords words = BitWords.of(value.asText(), codec.words());
        return new Point(point.property(), point.table(), point.address(), point.count(), point.bit(),
                new ValueCodec(codec.type(), codec.order(), codec.scaling(), codec.cut(), words), point.merge(), point.readBack());
    }

    private void writeCoils(Point point, byte[] packed) throws IOException, InterruptedException {
        boolean single = point.count() == 1 && function != WriteFunction.MULTIPLE;
        byte[] multiple = Pdu.writeCoils(point.address(), point.count(), packed);
        if (single) {
            orElse(Pdu.writeCoil(point.address(), (packed[0] & 1) == 1), multiple);
        } else if (function == WriteFunction.SINGLE) {
            for (int i = 0; i < point.count(); i++) {
                send(Pdu.writeCoil(point.address() + i, (packed[i / 8] >> i % 8 & 1) == 1));
            }
        } else {
            send(multiple);
        }
    }

    private void writeRegisters(Point point, byte[] data) throws IOException, InterruptedException {
        if (point.count() > Pdu.MOST_WRITTEN_REGISTERS) {
            throw new IllegalArgumentException(point.place() + " are more than the " + Pdu.MOST_WRITTEN_REGISTERS + " that one request can write");
        }
        boolean single = point.count() == 1 && function != WriteFunction.MULTIPLE;
        byte[] multiple = Pdu.writeRegisters(point.address(), data);
        if (single) {
            orElse(Pdu.writeRegister(point.address(), word(data, 0)), multiple);
        } else if (function == WriteFunction.SINGLE) {
            for (int i = 0; i < point.count(); i++) {
                send(Pdu.writeRegister(point.address() + i, word(data, 2 * i)));
            }
        } else {
            send(multiple);
        }
    }

    /** Some devices know only the functions that write several. */
    private void orElse(byte[] single, byte[] multiple) throws IOException, InterruptedException {
        try {
            send(single);
        } catch (ExceptionAnswer e) {
            if (e.code() != ExceptionAnswer.ILLEGAL_FUNCTION || function != WriteFunction.AUTO) {
                throw e;
            }
            send(multiple);
            function = WriteFunction.MULTIPLE;
        }
    }

    private void writeBit(Point point, boolean on) throws IOException, InterruptedException {
        int bit = 1 << point.bit();
        if (maskWrite != MaskWrite.FALSE) {
            try {
                send(Pdu.maskWrite(point.address(), ~bit, on ? bit : 0));
                return;
            } catch (ExceptionAnswer e) {
                if (e.code() != ExceptionAnswer.ILLEGAL_FUNCTION || maskWrite == MaskWrite.TRUE) {
                    throw e;
                }
                maskWrite = MaskWrite.FALSE;
            }
        }
        if (settings.broadcast()) {
            throw new IllegalArgumentException("a bit can be told to all devices only by mask write (key maskWrite)");
        }
        int now = word(unit.ask(Pdu.read(Table.HOLDING_REGISTER, point.address(), 1)), 0);
        int then = on ? now | bit : now & ~bit;
        if (then != now) {
            byte[] data = {(byte) (then >> 8), (byte) then};
            if (function == WriteFunction.MULTIPLE) {
                send(Pdu.writeRegisters(point.address(), data));
            } else {
                orElse(Pdu.writeRegister(point.address(), then), Pdu.writeRegisters(point.address(), data));
            }
        }
    }

    private void send(byte[] request) throws IOException, InterruptedException {
        if (settings.broadcast()) {
            unit.tellAll(request);
            return;
        }
        try {
            unit.ask(request);
        } catch (ExceptionAnswer e) {
            if (e.code() != ExceptionAnswer.ACKNOWLEDGE) { // accepted, takes its time; reading back will tell
                throw e;
            }
        }
    }

    private static int word(byte[] data, int at) {
        return (data[at] & 0xFF) << 8 | data[at + 1] & 0xFF;
    }
}
