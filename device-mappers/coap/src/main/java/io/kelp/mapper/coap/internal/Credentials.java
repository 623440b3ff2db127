package io.kelp.mapper.coap.internal;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;

/** How a device is trusted and how the gateway proves itself to it. Equal when the content is. */
sealed interface Credentials {

    /** Plain CoAP. */
    record None() implements Credentials {}

    /** A key that both know (RFC 4279). */
    record SharedKey(String identity, byte[] key) implements Credentials {

        @Override
        public boolean equals(Object other) {
            return other instanceof SharedKey s && s.identity.equals(identity) && Arrays.equals(s.key, key);
        }

        @Override
        public int hashCode() {
            return identity.hashCode();
        }

        /** Never the key. */
        @Override
        public String toString() {
            return "shared key of " + identity;
        }
    }

    /**
     * Certificates.
     *
     * @param key of the gateway; {@code null} when it has none
     * @param chain of the gateway, its own certificate first; empty when it has none
     * @param trusted certificates of authorities, or of devices
     * @param verifyName whether a device's certificate must carry the name under which it is asked
     */
    record Certificates(PrivateKey key, List<X509Certificate> chain, List<X509Certificate> trusted, boolean verifyName) implements Credentials {

        public Certificates {
            chain = List.copyOf(chain);
            trusted = List.copyOf(trusted);
        }

        /** Never the key. */
        @Override
        public String toString() {
            return "certificates" + (chain.isEmpty() ? "" : " of " + chain.get(0).getSubjectX500Principal());
        }
    }
}
