package io.kelp.message;

/**
 * Text that is not a message of the channel, or content that is not what the message's resource calls for.
 *
 * <p>The exception decides nothing about the link. The gateway logs and counts what it cannot read and goes on, since one
 * bad message of the cloud must not cut it off, and ends the link when that happens again and again. The cloud closes the
 * link of a gateway whose text is no message, and answers content that it cannot use with an error.
 */
public final class MalformedMessageException extends Exception {

    private static final long serialVersionUID = 1L;

    public MalformedMessageException(String message) {
        super(message);
    }

    public MalformedMessageException(String message, Throwable cause) {
        super(message, cause);
    }
}
