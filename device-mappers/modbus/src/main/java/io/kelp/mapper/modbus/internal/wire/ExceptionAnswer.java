package io.kelp.mapper.modbus.internal.wire;

import java.io.IOException;

/** The device answered with an exception code (V1.1b3, 7). */
public final class ExceptionAnswer extends IOException {

    private static final long serialVersionUID = 1L;

    public static final int ILLEGAL_FUNCTION = 1;
    public static final int ILLEGAL_ADDRESS = 2;
    public static final int ILLEGAL_VALUE = 3;
    public static final int DEVICE_FAILURE = 4;
    public static final int ACKNOWLEDGE = 5;
    public static final int BUSY = 6;
    public static final int GATEWAY_PATH = 10;
    public static final int GATEWAY_TARGET = 11;

    private final int code;

    public ExceptionAnswer(int code) {
        super("exception " + code + " (" + words(code) + ")");
        this.code = code;
    }

    public int code() {
        return code;
    }

    /** Said by a gateway in the place of a device that does not answer it. */
    public boolean unreachable() {
        return code == GATEWAY_PATH || code == GATEWAY_TARGET;
    }

    private static String words(int code) {
        return switch (code) {
            case ILLEGAL_FUNCTION -> "illegal function";
            case ILLEGAL_ADDRESS -> "illegal data address";
            case ILLEGAL_VALUE -> "illegal data value";
            case DEVICE_FAILURE -> "failure in the device";
            case ACKNOWLEDGE -> "accepted, but not done yet";
            case BUSY -> "device busy";
            case 8 -> "memory parity error";
            case GATEWAY_PATH -> "the gateway has no path to the device";
            case GATEWAY_TARGET -> "the device does not answer its gateway";
            default -> "not a code of the standard";
        };
    }
}
