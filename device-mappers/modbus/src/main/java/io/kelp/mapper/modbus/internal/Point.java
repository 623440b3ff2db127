package io.kelp.mapper.modbus.internal;

import io.kelp.mapper.DeviceProperty;
import io.kelp.mapper.modbus.internal.value.ValueCodec;
import io.kelp.mapper.modbus.internal.wire.Table;

/**
 * Where a property lies in its device.
 *
 * @param property the property
 * @param table in which it lies
 * @param address of its first bit or register, from 0 as on the wire
 * @param count of bits or registers
 * @param bit which one of a register, 0 for the lowest, in the device's order of bytes; -1 for the whole
 * @param codec of its value
 * @param merge whether it may be read together with neighbours
 * @param readBack whether what is read is what was written
 */
record Point(DeviceProperty property, Table table, int address, int count, int bit, ValueCodec codec, boolean merge, boolean readBack) {

    int end() {
        return address + count;
    }

    /** For messages: {@code holding registers 10 to 11}. */
    String place() {
        return table.title() + (count > 1 ? "s " + address + " to " + (end() - 1) : " " + address) + (bit >= 0 ? " bit " + bit : "");
    }
}
