package io.kelp.mapper.mqtt.internal.payload;

/** A payload is not what the configuration says it is. The message is one sentence. */
public final class MalformedPayloadException extends Exception {

    private static final long serialVersionUID = 1L;

    public MalformedPayloadException(String message) {
        super(message);
    }
}
