package io.kelp.edged.internal.probe;

import java.io.IOException;

/** A probe got no answer in its time. */
final class ProbeTimeoutException extends IOException {

    private static final long serialVersionUID = 1L;

    private final boolean connecting;

    /** @param connecting whether not even the connection was there */
    ProbeTimeoutException(boolean connecting) {
        super("i/o timeout");
        this.connecting = connecting;
    }

    boolean connecting() {
        return connecting;
    }
}
