package io.kelp.kubeapi.internal.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.kelp.kubeapi.ApiException;
import io.kelp.kubeapi.ApiRequest;
import io.kelp.kubeapi.User;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialsTest {

    /** O=system:masters, O=team, OU=x, CN=alice. */
    private static final String ALICE = """
            -----BEGIN CERTIFICATE-----
            MIIB3jCCAYWgAwIBAgIUQifpM5o20X7KBVF4DL1PZjrO0bwwCgYIKoZIzj0EAwIw
            RDEXMBUGA1UECgwOc3lzdGVtOm1hc3RlcnMxDTALBgNVBAoMBHRlYW0xCjAIBgNV
            BAsMAXgxDjAMBgNVBAMMBWFsaWNlMCAXDTI2MTEyMTE2MDU1MVoYDzIxMjYxMDI4
            MTYwNTUxWjBEMRcwFQYDVQQKDA5zeXN0ZW06bWFzdGVyczENMAsGA1UECgwEdGVh
            bTEKMAgGA1UECwwBeDEOMAwGA1UEAwwFYWxpY2UwWTATBgcqhkjOPQIBBggqhkjO
            PQMBBwNCAAQTsOWed6sWAlgF07lcv5WwpErDtzr3gA/7a3yBmD8LLDmuZilbnNen
            zS3ZHB1BL6McxJCCT0L2TUgbAXDzCI+io1MwUTAdBgNVHQ4EFgQUykvFyptsGklf
            uy7hO5WgygCyC6gwHwYDVR0jBBgwFoAUykvFyptsGklfuy7hO5WgygCyC6gwDwYD
            VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiA4JCZx8TiOPA0ermdBqytY
            Rdz1xSl0Z9SHyGxFBJuSGAIgVNGPkVVV1ExvYzqViSPJj9H4u0A4Qaig6AHMLYcx
            LXc=
            -----END CERTIFICATE-----
            """;
    /** O=team. */
    private static final String NAMELESS = """
            -----BEGIN CERTIFICATE-----
            MIIBdDCCARugAwIBAgIUZpDJYC27ni02ufBoUg1K1o+m7p4wCgYIKoZIzj0EAwIw
            DzENMAsGA1UECgwEdGVhbTAgFw0yNjExMjExNjA1NTFaGA8yMTI2MTAyODE2MDU1
            MVowDzENMAsGA1UECgwEdGVhbTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABE7f
            y4McFIbOXJbwwmhN8+fhwW8rzGSgtLgUyqjBqmd5oCMRFHL9Hhz1AXNNs7/R0nBX
            9UiMTv61WWvlq1v0NAyjUzBRMB0GA1UdDgQWBBS14EuDfUuCoGM5lSV1N2tCy5Zm
            2zAfBgNVHSMEGDAWgBS14EuDfUuCoGM5lSV1N2tCy5Zm2zAPBgNVHRMBAf8EBTAD
            AQH/MAoGCCqGSM49BAMCA0cAMEQCIDDxS0wFDNnhTsUtm7Sx3brnlMT/Q5O6OgLe
            FjC6MDewAiB7DoihixVYxP3tVbgrmFItWbSJ5wBEOg3dJMRChx/RBw==
            -----END CERTIFICATE-----
            """;

    private final TestAuth cluster = new TestAuth();
    private final Credentials credentials = new Credentials(Map.of("secret", new User("admin", "a1", List.of("system:masters"), Map.of()),
            "other", User.of("viewer")), new ServiceAccountTokens(cluster.store, new TokenKeys(TestAuth.RSA), TestAuth.ISSUER, cluster.clock));

    private User authenticate(String authorization, X509Certificate... certificates) throws ApiException {
        Map<String, String> headers = authorization.isEmpty() ? Map.of() : Map.of("authorization", authorization);
        return credentials.authenticate(new ApiRequest("GET", "/", Map.of(), headers, new byte[0], List.of(certificates), ""));
    }

    private static X509Certificate certificate(String pem) throws CertificateException {
        return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void aCertificateNamesUserAndGroupsInTheirOrder() throws Exception {
        User alice = authenticate("", certificate(ALICE));
        assertEquals("alice", alice.name());
        assertEquals(List.of("system:masters", "team", "system:authenticated"), alice.groups());
        String id = alice.extra().get("authentication.kubernetes.io/credential-id").get(0);
        assertEquals("X509SHA256=".length() + 64, id.length());
    }

    @Test
    void aGoodCertificateDecidesWhateverTheTokenIs() throws Exception {
        assertEquals("alice", authenticate("Bearer wrong", certificate(ALICE)).name());
    }

    @Test
    void aCertificateWithoutNameIsNobodys() throws Exception {
        assertEquals("system:anonymous", authenticate("", certificate(NAMELESS)).name());
        assertEquals("admin", authenticate("Bearer secret", certificate(NAMELESS)).name());
    }

    @Test
    void staticTokensNameTheirUsers() throws Exception {
        assertEquals(new User("admin", "a1", List.of("system:masters", "system:authenticated"), Map.of()), authenticate("Bearer secret"));
        assertEquals("viewer", authenticate("bearer other").name());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Bearer", "Bearer ", "Basic YWRtaW46c2VjcmV0", "secret"})
    void whoShowsNothingIsAnonymous(String header) throws Exception {
        assertEquals(User.of("system:anonymous", "system:unauthenticated"), authenticate(header));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer secre", "Bearer secret1", "Bearer a.b.c", "BEARER x"})
    void aWrongTokenIsNotAnonymous(String header) {
        ApiException e = assertThrows(ApiException.class, () -> authenticate(header));
        assertEquals(401, e.code());
        assertEquals("Unauthorized", e.getMessage());
    }
}
