package io.kelp.mapper.coap.internal.codec;

/** A payload is not what its format says. The message is one sentence without the payload itself. */
public final class MalformedPayloadException extends Exception {

    private static final long serialVersionUID = 1L;

    public MalformedPayloadException(String message) {
        super(message);
    }

    public MalformedPayloadException(String message, Throwable cause) {
        super(message, cause);
    }
}
