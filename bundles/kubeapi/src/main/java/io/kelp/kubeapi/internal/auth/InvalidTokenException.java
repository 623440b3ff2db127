package io.kelp.kubeapi.internal.auth;

/** A bearer token is not good; the message says why, for a TokenReview. Clients only learn that it is not. */
final class InvalidTokenException extends Exception {

    private static final long serialVersionUID = 1L;

    InvalidTokenException(String message) {
        super(message);
    }
}
