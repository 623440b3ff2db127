package io.kelp.edgehub.internal.pki;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.Set;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * TLS towards the cloud: one pinned CA, host name and key usage checked by the JDK, validity judged
 * by the best time known instead of the gateway's clock.
 */
public final class PinnedTls {

    private PinnedTls() {}

    /**
     * @param identity certificate and key to show, exactly one certificate; {@code null} to show none
     */
    public static SSLContext context(X509Certificate ca, Identity identity, TimeKeeper time) {
        KeyManager[] keys = identity == null ? new KeyManager[0] : new KeyManager[] {new OneKey(identity)};
        return context(keys, new Pinned(ca, time));
    }

    /** For the very first request of a join: the CA is not known yet, what it says is checked by its hash. */
    public static SSLContext unverified() {
        return context(new KeyManager[0], new Anyone());
    }

    private static SSLContext context(KeyManager[] keys, TrustManager trust) {
        try {
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(keys, new TrustManager[] {trust}, null);
            return tls;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no TLS", e);
        }
    }

    /** The JDK's own checks with a clock that can be told the time. */
    private static final class Pinned extends X509ExtendedTrustManager {

        private final Set<TrustAnchor> anchors;
        private final X509Certificate ca;
        private final TimeKeeper time;

        Pinned(X509Certificate ca, TimeKeeper time) {
            this.ca = ca;
            this.anchors = Set.of(new TrustAnchor(ca, null));
            this.time = time;
        }

        /** One of the JDK's checks. */
        private interface Check {
            void by(X509ExtendedTrustManager jdk) throws CertificateException;
        }

        private void check(X509Certificate[] chain, Check check) throws CertificateException {
            CertificateException failure = null;
            for (Instant now : time.candidates(chain[0].getNotBefore().toInstant())) {
                try {
                    check.by(jdkAt(now));
                    return;
                } catch (CertificateException e) {
                    failure = failure == null ? e : failure;
                }
            }
            throw failure;
        }

        private X509ExtendedTrustManager jdkAt(Instant now) throws CertificateException {
            try {
                PKIXBuilderParameters rules = new PKIXBuilderParameters(anchors, new X509CertSelector());
                rules.setRevocationEnabled(false); // KubeEdge has no revocation
                rules.setDate(Date.from(now));
                TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
                factory.init(new CertPathTrustManagerParameters(rules));
                return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
            } catch (GeneralSecurityException e) {
                throw new CertificateException("this Java runtime has no PKIX", e);
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
            check(chain, jdk -> jdk.checkServerTrusted(chain, type, engine));
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
            check(chain, jdk -> jdk.checkServerTrusted(chain, type, socket));
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("the host name cannot be checked here");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
            throw new CertificateException("a gateway has no clients");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
            throw new CertificateException("a gateway has no clients");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("a gateway has no clients");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[] {ca};
        }
    }

    private static final class Anyone extends X509ExtendedTrustManager {

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            // what is fetched this way is checked by its hash
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            // as above
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            // as above
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
            throw new CertificateException("a gateway has no clients");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
            throw new CertificateException("a gateway has no clients");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("a gateway has no clients");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /** Shows the one certificate whatever the server hints at: stock clouds name no acceptable issuer that could mislead. */
    private static final class OneKey extends X509ExtendedKeyManager {

        private static final String ALIAS = "edge";

        private final Identity identity;

        OneKey(Identity identity) {
            this.identity = identity;
        }

        @Override
        public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
            return chosen(types);
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return chosen(types);
        }

        private String chosen(String[] types) {
            String own = identity.key().getAlgorithm();
            for (String type : types) {
                if (type.equals(own)) {
                    return ALIAS;
                }
            }
            return null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {identity.certificate()};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return identity.key();
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return null;
        }
    }
}
