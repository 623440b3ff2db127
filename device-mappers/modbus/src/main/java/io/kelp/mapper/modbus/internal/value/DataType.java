package io.kelp.mapper.modbus.internal.value;

/** What lies in the registers of a property. */
public enum DataType {
    INT16(1), UINT16(1), INT32(2), UINT32(2), INT64(4), UINT64(4), FLOAT32(2), FLOAT64(4),
    /** Bits that stand for a number without sign, as many as the property has. */
    UNSIGNED(0),
    /** Whether any bit is set. */
    BOOL(0),
    STRING(0),
    /** As they are, in the order of the device. */
    BYTES(0);

    private final int registers;

    DataType(int registers) {
        this.registers = registers;
    }

    /** How many registers it takes; 0 when the device's configuration says. */
    public int registers() {
        return registers;
    }
}
