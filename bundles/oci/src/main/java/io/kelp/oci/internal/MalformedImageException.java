package io.kelp.oci.internal;

import java.io.IOException;

/** Content that is not what it says it is, or more than is permitted; asking again does not help. */
public final class MalformedImageException extends IOException {

    private static final long serialVersionUID = 1L;

    public MalformedImageException(String message) {
        super(message);
    }

    public MalformedImageException(String message, Throwable cause) {
        super(message, cause);
    }
}
