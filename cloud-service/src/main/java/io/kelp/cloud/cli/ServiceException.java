package io.kelp.cloud.cli;

/** The service cannot start; the message says why and what to do. */
final class ServiceException extends Exception {

    private static final long serialVersionUID = 1L;

    ServiceException(String message, Throwable cause) {
        super(message, cause);
    }
}
