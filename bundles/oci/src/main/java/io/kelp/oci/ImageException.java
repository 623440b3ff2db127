package io.kelp.oci;

/** An image that cannot be had, with the reason in kubelet's terms. */
public final class ImageException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String reason;

    /**
     * @param reason {@code InvalidImageName}, {@code ErrImagePull}, {@code RegistryUnavailable}, {@code SignatureValidationFailed} …
     * @param message what, where and remedy; no secrets
     */
    public ImageException(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    public ImageException(String reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public String reason() {
        return reason;
    }
}
