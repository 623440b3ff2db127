package io.kelp.metamanager;

/** The cloud did not give what was asked for, and the gateway has no copy. */
public final class MetaException extends Exception {

    /** Reason: no link to the cloud, or no answer in time. Worth asking again. */
    public static final String UNAVAILABLE = "Unavailable";

    /** Reason: the cloud failed without saying why, or its answer cannot be used. */
    public static final String UNKNOWN = "Unknown";

    private static final long serialVersionUID = 1L;

    private final String reason;

    /**
     * @param reason of the API server ({@code NotFound}, {@code Forbidden} …), {@link #UNAVAILABLE} or {@link #UNKNOWN}
     * @param message for people, without secrets
     */
    public MetaException(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    public MetaException(String reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    /** The API server's reason, {@link #UNAVAILABLE} or {@link #UNKNOWN}. */
    public String reason() {
        return reason;
    }
}
