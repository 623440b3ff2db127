package io.kelp.mapper.modbus.internal;

import io.kelp.mapper.ConfigurationException;
import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.PropertyType;
import io.kelp.mapper.Settings;
import io.kelp.mapper.modbus.internal.value.BitWords;
import io.kelp.mapper.modbus.internal.value.DataType;
import io.kelp.mapper.modbus.internal.value.Scaling;
import io.kelp.mapper.modbus.internal.value.ValueCodec;
import io.kelp.mapper.modbus.internal.value.WordOrder;
import io.kelp.mapper.modbus.internal.wire.Table;
import java.util.Locale;
import java.util.Set;

/**
 * Makes a {@link Point} from a visitor. Understands the keys of both API generations and of the stock
 * mapper with their meaning there (specification of devices, 6.2), and our own, which are more exact.
 */
final class PointReader {

    /** Keys of a visitor that mean something here or to the runtime; in lower case. */
    static final Set<String> KEYS = Set.of("register", "offset", "limit", "scale", "isswap", "isregisterswap", "datatype", "byteorder",
            "wordorder", "bit", "valueoffset", "ontext", "offtext", "merge", "readback", "deadband", "heartbeat", "value", "protocolname");

    private enum Order { BIG, LITTLE }

    private final Settings device;

    /** @param device whose settings are the defaults of byte and word order */
    PointReader(Settings device) {
        this.device = device;
    }

    /** @param lastReported text reported last, empty if none */
    Point read(DeviceProperty property, String lastReported) throws ConfigurationException {
        Settings visitor = property.visitor();
        Table table = table(visitor);
        int address = (int) visitor.whole("offset", 0, 65_535);
        int limit = (int) visitor.whole("limit", 0, 0, table.mostRead());
        int bit = bit(visitor, table);
        DataType type = bit >= 0 ? DataType.BOOL : type(property, visitor, table, limit);
        int count = count(visitor, table, type, limit, property.type());
        if (address + count > 65_536) {
            throw visitor.refused("limit", count, "possible at offset " + address + ", for the last address is 65535");
        }
        WordOrder order = new WordOrder(little(visitor, "wordOrder", "isRegisterSwap"), little(visitor, "byteOrder", "isSwap"));
        Scaling scaling = scaling(visitor, type);
        boolean cut = !scaling.none() && property.type() == PropertyType.INT && type == DataType.UNSIGNED;
        ValueCodec codec = new ValueCodec(type, order, scaling, cut, type == DataType.BOOL ? words(property, visitor, lastReported) : null);
        // The stock meaning of isSwap: the bytes of a register are exchanged, so its bits 0 to 7 come from the other byte.
        return new Point(property, table, address, count, bit >= 0 && order.littleBytes() ? bit ^ 8 : bit, codec,
                visitor.flag("merge", true), visitor.flag("readBack", true));
    }

    private static Table table(Settings visitor) throws ConfigurationException {
        String name = visitor.text("register");
        return switch (name.toLowerCase(Locale.ROOT).replace("register", "").replace("_", "").replace("-", "").replace(" ", "")) {
            case "coil", "coils" -> Table.COIL;
            case "discreteinput", "discreteinputs", "discrete" -> Table.DISCRETE_INPUT;
            case "input", "inputs" -> Table.INPUT_REGISTER;
            case "holding" -> Table.HOLDING_REGISTER;
            default -> throw visitor.refused("register", name,
                    "one of CoilRegister, DiscreteInputRegister, InputRegister, HoldingRegister");
        };
    }

    private static int bit(Settings visitor, Table table) throws ConfigurationException {
        if (!visitor.has("bit")) {
            return -1;
        }
        int bit = (int) visitor.whole("bit", 0, 15);
        if (table.bits()) {
            throw visitor.refused("bit", bit, "possible here, for each " + table.title() + " is one bit");
        }
        return bit;
    }

    /** The stock mapper takes the type of the twin; {@code dataType} says the same in the words of the modern demo, or ours. */
    private static DataType type(DeviceProperty property, Settings visitor, Table table, int limit) throws ConfigurationException {
        String word = visitor.text("dataType", property.type().name()).trim().toLowerCase(Locale.ROOT);
        int registers = table.bits() ? (Math.max(1, limit) + 15) / 16 : limit;
        DataType type = switch (word) {
            case "int16" -> DataType.INT16;
            case "uint16" -> DataType.UINT16;
            case "int32" -> DataType.INT32;
            case "uint32" -> DataType.UINT32;
            case "int64" -> DataType.INT64;
            case "uint64" -> DataType.UINT64;
            case "float32" -> DataType.FLOAT32;
            case "float64" -> DataType.FLOAT64;
            case "int", "integer", "uint" -> DataType.UNSIGNED;
            // One register cannot be a floating point number: it is a scaled whole one.
            case "float" -> registers == 1 ? DataType.UNSIGNED : registers == 4 ? DataType.FLOAT64 : DataType.FLOAT32;
            case "double" -> registers == 1 ? DataType.UNSIGNED : registers == 2 ? DataType.FLOAT32 : DataType.FLOAT64;
            case "bool", "boolean", "bit" -> DataType.BOOL;
            case "string", "stream" -> DataType.STRING;
            case "bytes" -> DataType.BYTES;
            default -> throw visitor.refused("dataType", word, "one of int16, uint16, int32, uint32, int64, uint64, float32, float64, "
                    + "string, bool, bytes, or int, float, double, boolean with the length in limit");
        };
        if (table.bits() && type == DataType.STRING) {
            return DataType.BOOL; // a text for a bit: ON, OFF, true, false
        }
        if (table.bits() && type.registers() > 0) {
            throw visitor.refused("dataType", word, "possible for a " + table.title() + "; allowed are bool and int");
        }
        return type;
    }

    private static int count(Settings visitor, Table table, DataType type, int limit, PropertyType of) throws ConfigurationException {
        if (type.registers() > 0) {
            if (limit != 0 && limit != type.registers()) {
                throw visitor.refused("limit", limit, type.registers() + ", the number of registers of a " + type.name().toLowerCase(Locale.ROOT)
                        + "; leave it out");
            }
            return type.registers();
        }
        if (type == DataType.UNSIGNED) {
            int most = table.bits() ? 64 : 4;
            if (limit > most) {
                throw visitor.refused("limit", limit, "1 to " + most + " for a number");
            }
            return Math.max(1, limit);
        }
        if ((type == DataType.STRING || type == DataType.BYTES) && limit == 0) {
            throw new ConfigurationException(visitor.toString().replaceAll(" \\[.*", "") + ": key limit is missing; a property of type "
                    + of.name() + " needs the number of its registers, 1 to " + table.mostRead());
        }
        return Math.max(1, limit);
    }

    private boolean little(Settings visitor, String key, String stockKey) throws ConfigurationException {
        if (visitor.has(key)) {
            boolean little = visitor.oneOf(key, Order.class) == Order.LITTLE;
            if (visitor.has(stockKey) && visitor.flag(stockKey) != little) {
                throw visitor.refused(key, visitor.text(key), "what " + stockKey + ": " + visitor.text(stockKey) + " says; leave one of the two out");
            }
            return little;
        }
        if (visitor.has(stockKey)) {
            return visitor.flag(stockKey);
        }
        return device.oneOf(key, Order.class, Order.BIG) == Order.LITTLE;
    }

    private static Scaling scaling(Settings visitor, DataType type) throws ConfigurationException {
        if (type == DataType.BOOL || type == DataType.STRING || type == DataType.BYTES) {
            return Scaling.NONE;
        }
        double scale = visitor.real("scale", 1, -1e12, 1e12);
        // Objects that passed through the original's types have 0 where nobody wrote a scale (trap 39).
        return Scaling.of(scale == 0 ? 1 : scale, visitor.real("valueOffset", 0, -1e12, 1e12));
    }

    private static BitWords words(DeviceProperty property, Settings visitor, String lastReported) throws ConfigurationException {
        if (visitor.has("onText") || visitor.has("offText")) {
            return new BitWords(visitor.text("onText"), visitor.text("offText"));
        }
        return property.type() == PropertyType.STRING ? BitWords.of(lastReported, new BitWords("true", "false")) : null;
    }
}
