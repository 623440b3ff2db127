package io.kelp.testkit.cloud;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsExchange;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/**
 * A cloud for tests of the gateway: real TLS and real WebSocket frames on loopback, any behaviour
 * above. Its two ports are the message channel and the join port.
 */
public final class FakeCloud implements AutoCloseable {

    private final TestAuthority authority;
    private final SSLServerSocket hub;
    private final HttpsServer join;
    private final ExecutorService threads = Executors.newCachedThreadPool(r -> {
        Thread thread = new Thread(r, "fake-cloud");
        thread.setDaemon(true);
        return thread;
    });
    private final BlockingQueue<FakeConnection> connections = new LinkedBlockingQueue<>();
    private final List<FakeConnection> open = new CopyOnWriteArrayList<>();

    /** HTTP lines to refuse upgrades with, for example {@code 503 Busy} and headers; {@code null} to accept. */
    public volatile String refuseUpgrade;
    /** Whether to answer the negotiation of Kelp gateways and to say hello. */
    public volatile boolean kelp;
    /** What to do with each message, on the connection's thread. */
    public volatile BiConsumer<FakeConnection, String> onMessage = (connection, text) -> { };
    /** Called for each connection before its first message is read. */
    public volatile Consumer<FakeConnection> onConnect = connection -> { };
    /** Validity of the certificates that the join port issues from now on. */
    public volatile Duration issuedLife = Duration.ofDays(365);
    /** Text for 403 in place of any certificate, {@code null} to sign. */
    public volatile String refuseSigning;
    /** Renewals that the join port has signed. */
    public volatile int renewals;

    public FakeCloud(TestAuthority authority) throws IOException {
        this(authority, authority, Instant.now().minusSeconds(3600), Instant.now().plusSeconds(86400));
    }

    /**
     * @param issuer signs the server certificate; another one than {@code authority} makes it a wrong cloud
     */
    public FakeCloud(TestAuthority authority, TestAuthority issuer, Instant from, Instant to) throws IOException {
        this(authority, issuer, TestAuthority.newKeyPair(), from, to);
    }

    private FakeCloud(TestAuthority authority, TestAuthority issuer, KeyPair keys, Instant from, Instant to) throws IOException {
        this(authority, issuer, keys, issuer.server(keys.getPublic(), from, to));
    }

    /** A cloud with a server certificate of any kind. */
    public FakeCloud(TestAuthority authority, TestAuthority issuer, KeyPair keys, X509Certificate certificate) throws IOException {
        this.authority = authority;
        SSLContext tls = context(keys, certificate, issuer, authority);
        hub = (SSLServerSocket) tls.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        hub.setNeedClientAuth(true);
        SSLParameters theirs = hub.getSSLParameters();
        theirs.setUseCipherSuitesOrder(false); // the order of the gateway counts, as in the clouds
        hub.setSSLParameters(theirs);
        threads.execute(this::accept);
        join = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        join.setHttpsConfigurator(new HttpsConfigurator(tls) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = tls.getDefaultSSLParameters();
                wanted.setWantClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        join.setExecutor(threads);
        join.createContext("/ca.crt", this::serveAuthority);
        join.createContext("/edge.crt", this::serveCertificate);
        join.start();
    }

    private static SSLContext context(KeyPair keys, X509Certificate certificate, TestAuthority issuer, TestAuthority clients) {
        try {
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(null, null);
            own.setKeyEntry("server", keys.getPrivate(), new char[0], new Certificate[] {certificate});
            KeyManagerFactory keyManagers = KeyManagerFactory.getInstance("SunX509");
            keyManagers.init(own, new char[0]);
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("ca", clients.certificate());
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            SSLContext tls = SSLContext.getInstance("TLS");
            TrustManager[] managers = trust.getTrustManagers();
            tls.init(keyManagers.getKeyManagers(), managers, null);
            return tls;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("test CA " + issuer, e);
        }
    }

    public int hubPort() {
        return hub.getLocalPort();
    }

    public int joinPort() {
        return join.getAddress().getPort();
    }

    /** The next gateway that connects. */
    public FakeConnection connection(Duration within) throws InterruptedException {
        FakeConnection next = connections.poll(within.toMillis(), TimeUnit.MILLISECONDS);
        if (next == null) {
            throw new AssertionError("no gateway connected within " + within);
        }
        return next;
    }

    /** Connections that wait to be asked for. */
    public int unasked() {
        return connections.size();
    }

    private void accept() {
        while (!hub.isClosed()) {
            try {
                SSLSocket socket = (SSLSocket) hub.accept();
                threads.execute(() -> serve(socket));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(SSLSocket socket) {
        try (Socket closing = socket) {
            closing.setSoTimeout(0);
            FakeConnection connection = FakeConnection.upgrade(socket, refuseUpgrade, kelp);
            if (connection == null) {
                return;
            }
            open.add(connection);
            connections.add(connection);
            onConnect.accept(connection);
            connection.read(text -> onMessage.accept(connection, text));
        } catch (IOException e) {
            // the gateway went away, or TLS failed: what tests want to see, they see at the gateway
        }
    }

    private void serveAuthority(HttpExchange exchange) throws IOException {
        try {
            answer(exchange, 200, authority.certificate().getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private void serveCertificate(HttpExchange exchange) throws IOException {
        byte[] request = exchange.getRequestBody().readNBytes(1 << 20);
        String node = exchange.getRequestHeaders().getFirst("NodeName");
        boolean renewal = false;
        try {
            Certificate client = ((HttpsExchange) exchange).getSSLSession().getPeerCertificates()[0];
            renewal = ((X509Certificate) client).getSubjectX500Principal().getName().contains("system:node:" + node);
        } catch (SSLPeerUnverifiedException e) {
            // joins without a certificate
        }
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        String refusal = renewal ? "" : authorization == null ? "token validation failure, token is empty"
                : authority.refusal(authorization.substring("Bearer ".length()));
        if (!refusal.isEmpty()) {
            answer(exchange, 401, refusal.getBytes(StandardCharsets.UTF_8));
        } else if (refuseSigning != null) {
            answer(exchange, 403, refuseSigning.getBytes(StandardCharsets.UTF_8));
        } else {
            try {
                JcaPKCS10CertificationRequest csr =
                        new JcaPKCS10CertificationRequest(new PKCS10CertificationRequest(request));
                Instant now = Instant.now().minusSeconds(1);
                X509Certificate issued = authority.issue(csr.getSubject().toString(), csr.getPublicKey(), now,
                        now.plus(issuedLife), org.bouncycastle.asn1.x509.KeyPurposeId.id_kp_clientAuth);
                if (renewal) {
                    renewals++;
                }
                answer(exchange, 200, issued.getEncoded());
            } catch (GeneralSecurityException | IOException e) {
                answer(exchange, 500, ("failed to sign certs: " + e.getMessage()).getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() throws IOException {
        hub.close();
        join.stop(0);
        for (FakeConnection each : open) {
            each.reset();
        }
        threads.shutdownNow();
    }
}
