package io.kelp.oci.internal;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** The disk failed or is full; the registry is not to blame. */
public final class StorageException extends IOException {

    private static final long serialVersionUID = 1L;

    public StorageException(IOException cause) {
        super(words(cause), cause);
    }

    /** What the file system says of a file is often its name alone. */
    private static String words(IOException cause) {
        if (cause instanceof NoSuchFileException) {
            return cause.getMessage() + ": no such file or folder";
        }
        if (cause instanceof AccessDeniedException) {
            return cause.getMessage() + ": permission denied";
        }
        return String.valueOf(cause.getMessage());
    }

    public StorageException(String message) {
        super(message);
    }
}
