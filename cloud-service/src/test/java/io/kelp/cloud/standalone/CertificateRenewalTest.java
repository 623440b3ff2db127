package io.kelp.cloud.standalone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.cloud.kube.KubeClient;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateRenewalTest {

    @TempDir
    private Path data;

    @Test
    void newConnectionsSeeTheNewCertificateAndOldOnesGoOn() throws Exception {
        AtomicReference<Duration> behind = new AtomicReference<>(Duration.ofDays(310));
        Clock clock = new Shifted(behind);
        try (StandaloneServer server = StandaloneServer.start(StandaloneServer.Options.onLoopback(data), true, clock);
                KubeClient own = new KubeClient(server.ownClient(), KubeClient.Settings.defaults());
                SSLSocket before = connect(server)) {
            BufferedReader answers = new BufferedReader(new InputStreamReader(before.getInputStream(), StandardCharsets.US_ASCII));
            String first = ask(before, answers);
            String kubeconfig = Files.readString(server.kubeconfig());

            server.renewal().look();
            assertEquals(kubeconfig, Files.readString(server.kubeconfig()), "nothing is about to end");

            behind.set(Duration.ZERO);
            server.renewal().look();
            assertEquals(first, ask(before, answers));
            try (SSLSocket after = connect(server)) {
                assertNotEquals(before.getSession().getPeerCertificates()[0], after.getSession().getPeerCertificates()[0]);
                X509Certificate shown = (X509Certificate) after.getSession().getPeerCertificates()[0];
                assertTrue(shown.getNotAfter().toInstant().isAfter(Instant.now().plus(Duration.ofDays(300))), shown.getNotAfter().toString());
            }
            assertNotEquals(kubeconfig, Files.readString(server.kubeconfig()));
            try (KubeClient admin = KubeClient.connect(server.kubeconfig().toFile(), KubeClient.Settings.defaults())) {
                admin.get("/api/v1/nodes").get(5, TimeUnit.SECONDS);
            }
            own.get("/api/v1/nodes").get(5, TimeUnit.SECONDS);
        }
    }

    private static String ask(SSLSocket socket, BufferedReader answers) throws Exception {
        socket.getOutputStream().write("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        String status = answers.readLine();
        int length = 0;
        for (String line = answers.readLine(); !line.isEmpty(); line = answers.readLine()) {
            if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
            }
        }
        char[] body = new char[length];
        for (int at = 0; at < length;) {
            at += answers.read(body, at, length - at);
        }
        return status + new String(body);
    }

    private static SSLSocket connect(StandaloneServer server) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new Anybody()}, null);
        int port = Integer.parseInt(server.url().substring(server.url().lastIndexOf(':') + 1));
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port);
        socket.setSoTimeout(5000);
        socket.startHandshake();
        return socket;
    }

    /** The certificate is what the test looks at. */
    private static final class Anybody implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {
            assertEquals("CN=kube-apiserver", chain[0].getSubjectX500Principal().getName());
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private static final class Shifted extends Clock {
        private final AtomicReference<Duration> behind;

        Shifted(AtomicReference<Duration> behind) {
            this.behind = behind;
        }

        @Override
        public Instant instant() {
            return Instant.now().minus(behind.get());
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }
    }
}
