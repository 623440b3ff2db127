package io.kelp.mapper;

import java.io.IOException;

/**
 * The device answers, but will not do this: illegal address, value out of its range, not now. The
 * connection stays open. The message names what was asked and what the device said.
 */
public class RequestRefusedException extends IOException {

    private static final long serialVersionUID = 1L;

    public RequestRefusedException(String message) {
        super(message);
    }

    public RequestRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
