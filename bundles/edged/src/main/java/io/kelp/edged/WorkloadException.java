package io.kelp.edged;

/** What keeps a container from running, in the words of container statuses. */
public final class WorkloadException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String reason;

    /**
     * @param reason in kubelet's terms, for example {@code ErrImagePull}, {@code RunContainerError}
     * @param message for people: what, why, remedy; no secrets
     */
    public WorkloadException(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    public WorkloadException(String reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** Reason of the waiting or terminated state. */
    public String reason() {
        return reason;
    }
}
