package io.kelp.mapper.modbus.internal.wire;

import java.io.IOException;

/** What arrived is not Modbus, or no answer to what was asked. */
public final class GarbledException extends IOException {

    private static final long serialVersionUID = 1L;

    public GarbledException(String message) {
        super(message);
    }
}
