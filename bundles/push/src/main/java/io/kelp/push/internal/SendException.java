package io.kelp.push.internal;

/** A value was not taken; the message says why. */
final class SendException extends Exception {

    private static final long serialVersionUID = 1L;

    /** What is to be done about it. */
    enum Remedy {
        /** The destination does not answer: nothing can be sent to it now. */
        WAIT,
        /** It answers, but not yes: later again. */
        RETRY,
        /** It will never take this value. */
        DROP
    }

    private final Remedy remedy;

    SendException(Remedy remedy, String message) {
        super(message);
        this.remedy = remedy;
    }

    Remedy remedy() {
        return remedy;
    }
}
