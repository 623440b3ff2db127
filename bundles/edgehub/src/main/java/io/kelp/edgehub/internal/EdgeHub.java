package io.kelp.edgehub.internal;

import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.CloudMessageHandler;
import io.kelp.edgehub.GatewayClock;
import io.kelp.edgehub.GatewayIdentity;
import io.kelp.edgehub.LinkException;
import io.kelp.edgehub.internal.link.Link;
import io.kelp.edgehub.internal.net.CertificateService;
import io.kelp.edgehub.internal.net.JdkDialer;
import io.kelp.edgehub.internal.pki.Identity;
import io.kelp.edgehub.internal.pki.IdentityFiles;
import io.kelp.edgehub.internal.pki.PinnedTls;
import io.kelp.edgehub.internal.pki.Rotation;
import io.kelp.edgehub.internal.pki.TimeKeeper;
import io.kelp.message.Message;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hub without OSGi: identity, link and rotation on one small pool of threads. A gateway that
 * has not joined, or whose identity cannot be read, has a hub without a link.
 */
public final class EdgeHub implements CloudLink, GatewayIdentity, GatewayClock, AutoCloseable {

    private static final int THREADS = 4;
    private static final Duration STOP_TIME = Duration.ofSeconds(2);
    private static final Logger LOG = LoggerFactory.getLogger(EdgeHub.class);

    private final HubSettings settings;
    private final ScheduledThreadPoolExecutor pool;
    private final TimeKeeper time;
    private final NodeAddress address;
    private final Instant started = Instant.now();
    private final String trouble;
    private final String node;
    private final Link link; // null, like what follows, when there is no identity
    private final Rotation rotation;
    private volatile Identity identity;
    private volatile SSLContext tls; // of the identity

    /** @param data the gateway's data directory, with the certificates in {@code certs} */
    public EdgeHub(HubSettings settings, Path data, InstantSource clock) {
        this.settings = settings;
        AtomicInteger number = new AtomicInteger();
        this.pool = new ScheduledThreadPoolExecutor(THREADS, r -> {
            Thread thread = new Thread(r, "kelp-edgehub-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        pool.setRemoveOnCancelPolicy(true);
        pool.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        this.time = new TimeKeeper(clock, System::nanoTime, data.resolve("certs").resolve("time"));
        this.address = new NodeAddress(settings.networkInterface());
        IdentityFiles files = new IdentityFiles(data.resolve("certs"));
        String problem = "";
        String name = settings.nodeName();
        if (!files.exist() || settings.cloud().isEmpty()) {
            problem = "this gateway has not joined a cloud";
        } else {
            try {
                identity = files.load();
                name = identity.nodeName();
                time.passed(identity.certificate().getNotBefore().toInstant());
                if (!settings.nodeName().isEmpty() && !settings.nodeName().equals(name)) {
                    LOG.warn("Configured node name {} ignored: the certificate names {}", settings.nodeName(), name);
                }
            } catch (IOException | GeneralSecurityException e) {
                problem = e.getMessage();
                identity = null;
            }
        }
        this.trouble = problem;
        this.node = name;
        if (identity == null) {
            LOG.error("No link to the cloud: {}", problem);
            this.link = null;
            this.rotation = null;
            return;
        }
        this.tls = PinnedTls.context(identity.ca(), identity, time);
        JdkDialer dialer = new JdkDialer(
                new JdkDialer.Target(settings.cloud(), settings.hubPort(), name, settings.maxMessageCharacters(),
                        settings.link().dialDeadline()),
                () -> tls, pool);
        this.link = new Link(settings.link(), dialer, pool, time::learn);
        this.rotation = new Rotation(identity, files, new CertificateService(settings.cloud(), settings.joinPort(), pool),
                time, pool, settings.certificateCheck(), () -> ThreadLocalRandom.current().nextDouble(), this::renewed);
    }

    /** Begins to connect. Does not wait. */
    public void start() {
        if (link != null) {
            link.start();
            rotation.start();
            pool.execute(() -> address.lookTowards(settings.cloud(), settings.hubPort()));
        }
    }

    private void renewed(Identity fresh) {
        identity = fresh;
        tls = PinnedTls.context(fresh.ca(), fresh, time);
        link.renew(Duration.ZERO);
    }

    /** Runs a short task on the hub's threads. */
    void execute(Runnable task) {
        pool.execute(task);
    }

    /** Says goodbye to the cloud and ends the hub's threads; takes at most 4 s. */
    @Override
    public void close() {
        if (link != null) {
            rotation.close();
            link.close();
            link.awaitEnd(STOP_TIME);
        }
        pool.shutdown(); // a task that is writing a file may finish
        try {
            if (!pool.awaitTermination(STOP_TIME.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("The hub's threads did not end within {} s", STOP_TIME.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        pool.shutdownNow();
    }

    public void add(CloudMessageHandler handler, int ranking) {
        if (link != null) {
            link.add(handler, ranking);
        }
    }

    public void remove(CloudMessageHandler handler) {
        if (link != null) {
            link.remove(handler);
        }
    }

    @Override
    public Status status() {
        return link == null ? new Status(State.DISCONNECTED, started, null, trouble) : link.status();
    }

    @Override
    public boolean send(Message message) {
        return link != null && link.send(message);
    }

    @Override
    public CompletionStage<Message> request(Message message, Duration timeout) {
        return link == null
                ? CompletableFuture.failedFuture(new LinkException("there is no link to the cloud: " + trouble))
                : link.request(message, timeout);
    }

    @Override
    public void together(Runnable sends) {
        if (link == null) {
            sends.run();
        } else {
            link.together(sends);
        }
    }

    @Override
    public String nodeName() {
        return node;
    }

    @Override
    public String nodeAddress() {
        return address.get();
    }

    @Override
    public Instant now() {
        return time.now();
    }

    HubSettings settings() {
        return settings;
    }

    TimeKeeper time() {
        return time;
    }

    /** Null without one. */
    Identity identity() {
        return identity;
    }

    /** Null without identity. */
    Link link() {
        return link;
    }

    /** Null without identity. */
    Rotation rotation() {
        return rotation;
    }

    /** Why there can be no link, empty when there can. */
    String trouble() {
        return trouble;
    }
}
