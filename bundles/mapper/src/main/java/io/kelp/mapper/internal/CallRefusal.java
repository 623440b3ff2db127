package io.kelp.mapper.internal;

/** A call that cannot be: a mistake of whoever calls. */
final class CallRefusal extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /** What is wrong, in the words of the cloud's DeviceMethodCall. */
    enum Reason {
        DEVICE_UNKNOWN("DeviceUnknown"), METHOD_UNKNOWN("MethodUnknown"), ARGUMENT_INVALID("ArgumentInvalid");

        final String word;

        Reason(String word) {
            this.word = word;
        }
    }

    final Reason reason;

    CallRefusal(Reason reason, String sentence) {
        super(sentence);
        this.reason = reason;
    }
}
