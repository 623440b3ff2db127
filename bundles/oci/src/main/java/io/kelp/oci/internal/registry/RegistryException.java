package io.kelp.oci.internal.registry;

import java.io.IOException;
import java.time.Duration;

/** A registry said no, or nothing. */
public final class RegistryException extends IOException {

    private static final long serialVersionUID = 1L;

    /** What it means for the caller. */
    public enum Kind {
        /** Name or tag is not there. */
        NOT_FOUND,
        /** Nobody, or not the one who asked, may have it. */
        DENIED,
        /** It cannot be reached, or fails; later it may work. */
        UNAVAILABLE,
        /** It answered something that cannot be used. */
        REFUSED
    }

    private final Kind kind;
    private final Duration retryAfter;

    public RegistryException(Kind kind, String message) {
        this(kind, message, null, null);
    }

    public RegistryException(Kind kind, String message, Throwable cause) {
        this(kind, message, cause, null);
    }

    RegistryException(Kind kind, String message, Throwable cause, Duration retryAfter) {
        super(message, cause);
        this.kind = kind;
        this.retryAfter = retryAfter;
    }

    public Kind kind() {
        return kind;
    }

    /** How long it asked to be left alone; {@code null} if it did not. */
    Duration retryAfter() {
        return retryAfter;
    }
}
