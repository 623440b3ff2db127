package io.kelp.mapper.modbus.internal.wire;

/** The four tables of a Modbus device (Modbus Application Protocol V1.1b3, 4.3). */
public enum Table {
    COIL("coil", 0x01, 2000, true),
    DISCRETE_INPUT("discrete input", 0x02, 2000, false),
    INPUT_REGISTER("input register", 0x04, 125, false),
    HOLDING_REGISTER("holding register", 0x03, 125, true);

    private final String title;
    private final int readFunction;
    private final int mostRead;
    private final boolean writable;

    Table(String title, int readFunction, int mostRead, boolean writable) {
        this.title = title;
        this.readFunction = readFunction;
        this.mostRead = mostRead;
        this.writable = writable;
    }

    /** For messages: {@code holding register}. */
    public String title() {
        return title;
    }

    public int readFunction() {
        return readFunction;
    }

    /** Most bits or registers that one request may read (V1.1b3, 6.1 to 6.4). */
    public int mostRead() {
        return mostRead;
    }

    public boolean writable() {
        return writable;
    }

    /** Whether an address holds one bit; otherwise a register of 16. */
    public boolean bits() {
        return this == COIL || this == DISCRETE_INPUT;
    }
}
