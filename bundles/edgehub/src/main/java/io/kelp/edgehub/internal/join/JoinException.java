package io.kelp.edgehub.internal.join;

/** Why a join did not happen: one sentence for the operator and the exit code. */
final class JoinException extends Exception {

    private static final long serialVersionUID = 1L;

    static final int USAGE = 2;
    static final int JOINED_ALREADY = 3;
    static final int UNREACHABLE = 4;
    static final int WRONG_CA = 5;
    static final int TOKEN_REFUSED = 6;
    static final int CERTIFICATE_REFUSED = 7;
    static final int NOT_WRITABLE = 8;

    private final int exitCode;

    JoinException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    static JoinException usage(String message) {
        return new JoinException(USAGE, message);
    }

    int exitCode() {
        return exitCode;
    }
}
