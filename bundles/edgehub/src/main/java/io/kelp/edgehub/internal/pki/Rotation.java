package io.kelp.edgehub.internal.pki;

import io.kelp.edgehub.internal.link.Reasons;
import io.kelp.edgehub.internal.net.CertificateService;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gets a new certificate when 70 to 90 % of the life of the present one are over, and tries again
 * until it has one (specification section 1.6, step 6).
 *
 * <p>Time is looked at every few minutes rather than waited for, because the clock may be set meanwhile.
 */
public final class Rotation implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Rotation.class);
    private static final Duration RETRY_CAP = Duration.ofMinutes(10);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(2);

    private final IdentityFiles files;
    private final CertificateService cloud;
    private final TimeKeeper time;
    private final ScheduledExecutorService pool;
    private final Duration look;
    private final DoubleSupplier random;
    private final Consumer<Identity> renewed;
    private volatile Identity identity;
    private volatile Instant due;
    private volatile String lastError = "";
    private volatile Future<?> next;
    private volatile boolean closed;
    private int failures; // one attempt at a time

    /**
     * @param look how often to see whether it is time
     * @param random uniform in [0, 1); where between 70 and 90 % this gateway renews
     * @param renewed given the new identity once it is on the disk
     */
    public Rotation(Identity identity, IdentityFiles files, CertificateService cloud, TimeKeeper time,
            ScheduledExecutorService pool, Duration look, DoubleSupplier random, Consumer<Identity> renewed) {
        this.identity = identity;
        this.files = files;
        this.cloud = cloud;
        this.time = time;
        this.pool = pool;
        this.look = look;
        this.random = random;
        this.renewed = renewed;
        this.due = due(identity.certificate(), random.getAsDouble());
    }

    static Instant due(X509Certificate certificate, double random) {
        Instant from = certificate.getNotBefore().toInstant();
        Duration life = Duration.between(from, certificate.getNotAfter().toInstant());
        return from.plusSeconds((long) (life.toSeconds() * (0.7 + 0.2 * random)));
    }

    /** Looks for the first time after a while: by then the cloud has usually said what the time is. */
    public void start() {
        again(look);
    }

    /** When the certificate will be renewed. */
    public Instant due() {
        return due;
    }

    /** Why the last attempt failed, empty when it did not. */
    public String lastError() {
        return lastError;
    }

    @Override
    public void close() {
        closed = true;
        Future<?> planned = next;
        if (planned != null) {
            planned.cancel(false);
        }
    }

    private void again(Duration delay) {
        try {
            next = pool.schedule(this::check, delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("The hub is stopping: {}", e.getMessage());
        }
    }

    private void check() {
        if (time.now().isBefore(due)) {
            again(look);
            return;
        }
        Identity old = identity;
        KeyPair keys = CertificateRequest.newKeyPair();
        try {
            String node = old.nodeName();
            cloud.certificate(PinnedTls.context(old.ca(), old, time), node, CertificateRequest.encode(node, keys), null)
                    .whenComplete((answer, failure) -> {
                        if (closed) {
                            LOG.debug("Stopping, the new certificate is not used");
                        } else if (failure != null) {
                            failed(Reasons.of(failure));
                        } else if (answer.status() != 200) {
                            failed("the cloud answered " + answer.status() + " " + answer.reason());
                        } else {
                            store(old, keys, answer);
                        }
                    });
        } catch (GeneralSecurityException e) {
            failed(e.getMessage());
        }
    }

    private void store(Identity old, KeyPair keys, CertificateService.Answer answer) {
        try {
            Identity fresh = new Identity(old.ca(), Issued.check(answer.body(), old.ca(), old.nodeName(), keys.getPublic()),
                    keys.getPrivate());
            files.replace(fresh.certificate(), fresh.key());
            identity = fresh;
            due = due(fresh.certificate(), random.getAsDouble());
            failures = 0;
            lastError = "";
            LOG.info("Certificate renewed, valid until {}", fresh.certificate().getNotAfter().toInstant());
            renewed.accept(fresh);
            again(look);
        } catch (GeneralSecurityException | IOException e) {
            failed(e.getMessage());
        }
    }

    private void failed(String reason) {
        if (!reason.equals(lastError)) {
            LOG.warn("The certificate, valid until {}, could not be renewed: {}; trying again until it works",
                    identity.certificate().getNotAfter().toInstant(), reason);
        }
        lastError = reason;
        long bound = Math.min(RETRY_CAP.toMillis(), FIRST_RETRY.toMillis() << Math.min(failures, 20));
        failures++;
        again(Duration.ofMillis((long) (bound * (0.9 + 0.1 * random.getAsDouble()))));
    }
}
