package io.kelp.store;

/** The disk or the database refused. The message names the file and the cause; the data that is stored stays as it was. */
public final class StoreException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }
}
