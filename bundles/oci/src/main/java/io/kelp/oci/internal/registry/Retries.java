package io.kelp.oci.internal.registry;

import io.kelp.oci.internal.MalformedImageException;
import io.kelp.oci.internal.StorageException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/** Tries again what may go better next time, with growing pauses. For one thread and one piece of work. */
final class Retries {

    /** Something that may fail. */
    interface Attempt<T> {
        T run() throws IOException, InterruptedException;
    }

    private static final int MAX_FAILURES = 5;
    private static final int MAX_TOTAL = 200;

    private final Duration firstPause;
    private final Transport.Deadline deadline;
    private int failures;
    private int total;

    Retries(Duration firstPause, Transport.Deadline deadline) {
        this.firstPause = firstPause;
        this.deadline = deadline;
    }

    <T> T run(Attempt<T> attempt) throws IOException, InterruptedException {
        while (true) {
            try {
                return attempt.run();
            } catch (IOException e) {
                if (!worthwhile(e)) {
                    throw e;
                }
                failed(e);
            }
        }
    }

    /** It got on: the next failure is the first again. */
    void progressed() {
        failures = 0;
    }

    /** Pauses before the next attempt. @throws IOException the given one, when there shall be none */
    void failed(IOException problem) throws IOException, InterruptedException {
        failures++;
        total++;
        Duration pause = problem instanceof RegistryException said && said.retryAfter() != null ? said.retryAfter()
                : firstPause.multipliedBy(1L << Math.min(failures - 1, 4));
        if (failures >= MAX_FAILURES || total >= MAX_TOTAL || deadline.nanosLeft() < pause.toNanos()) {
            throw problem;
        }
        Thread.sleep(pause.toMillis());
    }

    static boolean worthwhile(IOException problem) {
        if (problem instanceof RegistryException said) {
            return said.kind() == RegistryException.Kind.UNAVAILABLE;
        }
        // An SSLException that is neither may be a connection that broke.
        boolean trust = problem instanceof SSLHandshakeException
                || problem instanceof SSLException && String.valueOf(problem.getMessage()).contains("SSL message"); // no TLS at all
        boolean unreachable = problem instanceof ConnectException || problem instanceof UnknownHostException
                || problem instanceof HttpConnectTimeoutException || problem.getCause() instanceof UnresolvedAddressException;
        return !trust && !unreachable && !(problem instanceof MalformedImageException) && !(problem instanceof StorageException);
    }
}
