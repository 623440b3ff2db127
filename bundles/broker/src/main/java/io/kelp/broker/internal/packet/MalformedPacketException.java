package io.kelp.broker.internal.packet;

/** The bytes are no MQTT 3.1.1 packet, or one that this broker does not take. The connection is then closed. */
public final class MalformedPacketException extends Exception {

    private static final long serialVersionUID = 1L;

    public MalformedPacketException(String message) {
        super(message, null, false, false); // hostile peers must not buy stack traces
    }
}
