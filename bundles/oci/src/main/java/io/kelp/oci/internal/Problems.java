package io.kelp.oci.internal;

import io.kelp.oci.ImageException;
import io.kelp.oci.ImageReference;
import io.kelp.oci.internal.registry.RegistryException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLException;

/** Says what went wrong in the words that operators know from kubelet and containerd, with a way out. */
public final class Problems {

    private static final String PULL = "ErrImagePull";
    private static final String UNAVAILABLE = "RegistryUnavailable";

    private Problems() {}

    public static ImageException closed() {
        return new ImageException(PULL, "the gateway is stopping; what has come of the image is kept");
    }

    /** @param action for example {@code pull} */
    public static ImageException of(String action, ImageReference image, IOException problem) {
        String what = "failed to " + action + " image \"" + image + "\": ";
        String registry = image.registry();
        if (problem instanceof RegistryException said) {
            return switch (said.kind()) {
                case NOT_FOUND -> new ImageException(PULL, what + image + ": not found: " + said.getMessage()
                        + "; check the name and the tag", said);
                case DENIED -> new ImageException(PULL, what + (action.equals("push") ? "push" : "pull") + " access denied, repository does not exist or may require authorization: unauthorized: "
                        + said.getMessage() + (action.equals("push") ? "; check the user name and the password"
                        : "; check the Secret named in imagePullSecrets"), said);
                case UNAVAILABLE -> new ImageException(UNAVAILABLE, what + said.getMessage() + "; it is tried again", said);
                case REFUSED -> new ImageException(PULL, what + said.getMessage(), said);
            };
        }
        if (problem instanceof MalformedImageException || problem instanceof StorageException) {
            return new ImageException(PULL, what + problem.getMessage(), problem);
        }
        if (problem instanceof SSLException) {
            return new ImageException(PULL, what + tls(registry, problem), problem);
        }
        if (problem instanceof UnknownHostException || cause(problem, UnresolvedAddressException.class) != null) {
            return new ImageException(UNAVAILABLE, what + "lookup " + registry + ": no such host; check the name and the gateway's name service", problem);
        }
        if (problem instanceof HttpTimeoutException) {
            return new ImageException(UNAVAILABLE, what + registry + ": i/o timeout: " + problem.getMessage(), problem);
        }
        if (problem instanceof ConnectException) {
            return new ImageException(UNAVAILABLE, what + "connect to " + registry + ": " + (problem.getMessage() == null ? "connection refused"
                    : problem.getMessage().toLowerCase(java.util.Locale.ROOT)) + "; check that the registry runs and can be reached from here", problem);
        }
        return new ImageException(UNAVAILABLE, what + "the connection to " + registry + " broke: " + problem.getMessage(), problem);
    }

    private static String tls(String registry, IOException problem) {
        if (String.valueOf(problem.getMessage()).toLowerCase(java.util.Locale.ROOT).contains("unrecognized ssl message")) {
            return "http: server gave HTTP response to HTTPS client: " + registry + " does not speak TLS; name it among the registries with plain HTTP, if that is meant";
        }
        if (cause(problem, CertificateNotYetValidException.class) != null) {
            return "x509: certificate of " + registry + " is not yet valid; check the clock of this machine";
        }
        if (cause(problem, CertificateExpiredException.class) != null) {
            return "x509: certificate of " + registry + " has expired; renew it, or check the clock of this machine";
        }
        if (cause(problem, CertPathBuilderException.class) != null) {
            return "x509: certificate of " + registry + " is signed by unknown authority; add the authority to the file of trusted authorities";
        }
        Throwable certificate = cause(problem, CertificateException.class);
        return certificate != null ? "x509: certificate of " + registry + " is not valid for it: " + certificate.getMessage()
                : "tls: handshake with " + registry + " failed: " + problem.getMessage();
    }

    private static Throwable cause(Throwable problem, Class<? extends Throwable> type) {
        Throwable at = problem;
        for (int depth = 0; at != null && depth < 20; depth++) {
            if (type.isInstance(at)) {
                return at;
            }
            at = at.getCause();
        }
        return null;
    }
}
