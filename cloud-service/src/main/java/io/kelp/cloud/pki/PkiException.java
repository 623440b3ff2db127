package io.kelp.cloud.pki;

/** Key material that cannot be used; the message names what, where and the remedy. */
public final class PkiException extends Exception {

    private static final long serialVersionUID = 1L;

    public PkiException(String message) {
        super(message);
    }

    public PkiException(String message, Throwable cause) {
        super(message, cause);
    }
}
