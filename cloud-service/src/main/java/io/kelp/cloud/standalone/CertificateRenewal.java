package io.kelp.cloud.standalone;

import io.kelp.cloud.pki.PkiException;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks once a day after the certificates of a running installation: that of the API server and the administrator's. One that ends
 * within 60 days is replaced; the port shows it to connections that begin then, those there are go on.
 */
final class CertificateRenewal implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CertificateRenewal.class);
    private static final long HOURS = 24;

    /** Loads the keys and replaces what is about to end. */
    interface Keys {
        StandalonePki open() throws PkiException;
    }

    private final Keys keys;
    private final StandaloneTls tls;
    private final Path kubeconfig;
    private final String url;
    private final ScheduledExecutorService thread;
    private StandalonePki shown; // touched by the thread alone once it runs
    private String problem = "";

    /**
     * Begins; looks for the first time after a day.
     *
     * @param shown what the port shows now
     */
    CertificateRenewal(Keys keys, StandalonePki shown, StandaloneTls tls, Path kubeconfig, String url) {
        this.keys = keys;
        this.shown = shown;
        this.tls = tls;
        this.kubeconfig = kubeconfig;
        this.url = url;
        this.thread = Executors.newSingleThreadScheduledExecutor(r -> {
            Thread made = new Thread(r, "kelp-api-certificates");
            made.setDaemon(true);
            return made;
        });
        thread.scheduleWithFixedDelay(this::look, HOURS, HOURS, TimeUnit.HOURS);
    }

    /** Looks now. */
    void look() {
        try {
            StandalonePki now = keys.open();
            if (!now.serverCertificate().equals(shown.serverCertificate())) {
                tls.use(now.tls());
                shown = now;
                LOG.info("The API port has a new certificate, valid until {}", now.serverCertificate().getNotAfter().toInstant());
            }
            now.keepAdminKubeconfig(kubeconfig, url);
            problem = "";
        } catch (PkiException e) {
            if (!problem.equals(e.getMessage())) {
                problem = e.getMessage();
                LOG.warn("The certificates of the API could not be looked after, trying again in {} h: {}", HOURS, problem);
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
