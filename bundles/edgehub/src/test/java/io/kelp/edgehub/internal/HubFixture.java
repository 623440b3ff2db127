package io.kelp.edgehub.internal;

import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.CloudLink.Peer;
import io.kelp.edgehub.CloudMessageHandler;
import io.kelp.edgehub.internal.link.LinkSettings;
import io.kelp.edgehub.internal.pki.CertificateRequest;
import io.kelp.edgehub.internal.pki.Identity;
import io.kelp.edgehub.internal.pki.IdentityFiles;
import io.kelp.message.Message;
import io.kelp.testkit.cloud.TestAuthority;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;

/** A gateway that has joined the test's cloud, and small things that tests of the link need. */
final class HubFixture {

    static final Duration SOON = Duration.ofSeconds(5);
    static final Instant FROM = Instant.now().minusSeconds(86400);
    static final Instant TO = Instant.now().plusSeconds(86400L * 300);

    private HubFixture() {}

    static TestAuthority authority() {
        return new TestAuthority(FROM, TO);
    }

    /** Deadlines in hundreds of milliseconds where the product has seconds. */
    static LinkSettings quick() {
        LinkSettings s = LinkSettings.defaults();
        return new LinkSettings(Duration.ofSeconds(2), Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(2),
                Duration.ofSeconds(3), Duration.ofMillis(200), Duration.ofSeconds(1), Duration.ofMillis(200),
                Duration.ofMillis(500), s.outboxMessages(), s.outboxCharacters(), 30, 60, 2000, 4000);
    }

    static EdgeHub joined(TestAuthority authority, String node, int hubPort, int joinPort, Path data, LinkSettings link,
            InstantSource clock) throws IOException {
        write(authority, node, data, FROM, TO);
        return existing(node, hubPort, joinPort, data, link, clock);
    }

    static void write(TestAuthority authority, String node, Path data, Instant from, Instant to) throws IOException {
        KeyPair keys = CertificateRequest.newKeyPair();
        new IdentityFiles(data.resolve("certs")).create(
                new Identity(authority.certificate(), authority.edge(node, keys.getPublic(), from, to), keys.getPrivate()));
    }

    static EdgeHub existing(String node, int hubPort, int joinPort, Path data, LinkSettings link, InstantSource clock) {
        return new EdgeHub(new HubSettings("127.0.0.1", hubPort, joinPort, node, "", 4_194_304, Duration.ofSeconds(1), link),
                data, clock);
    }

    static void await(BooleanSupplier condition, Duration within, String what) throws InterruptedException {
        long end = System.nanoTime() + within.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within " + within + ": " + what);
            }
            Thread.sleep(5);
        }
    }

    static void awaitState(CloudLink link, CloudLink.State state, Duration within) throws InterruptedException {
        await(() -> link.status().state() == state, within, "state " + state);
    }

    /** A handler that notes what it is told. */
    static final class Recorder implements CloudMessageHandler {

        final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
        final BlockingQueue<String> events = new LinkedBlockingQueue<>();
        final Predicate<Message> claims;
        volatile Function<Message, CompletionStage<Void>> work = m -> CompletableFuture.completedFuture(null);
        volatile List<StoredObject> stored = List.of();

        Recorder(Predicate<Message> claims) {
            this.claims = claims;
        }

        @Override
        public boolean claims(Message message) {
            return claims.test(message);
        }

        @Override
        public CompletionStage<Void> handle(Message message) {
            messages.add(message);
            return work.apply(message);
        }

        @Override
        public List<StoredObject> inventory() {
            return stored;
        }

        @Override
        public void connected(Peer peer) {
            events.add("connected " + peer);
        }

        @Override
        public void disconnected() {
            events.add("disconnected");
        }
    }
}
