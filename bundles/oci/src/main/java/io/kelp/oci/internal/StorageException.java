package io.kelp.oci.internal;

import java.io.IOException;

/** The disk failed or is full; the registry is not to blame. */
public final class StorageException extends IOException {

    private static final long serialVersionUID = 1L;

    public StorageException(IOException cause) {
        super(cause.getMessage(), cause);
    }

    public StorageException(String message) {
        super(message);
    }
}
