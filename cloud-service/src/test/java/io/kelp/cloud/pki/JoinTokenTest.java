package io.kelp.cloud.pki;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Join tokens against the test vectors of the specification and of a stock cloud. */
class JoinTokenTest {

    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
    private static final JsonObject VECTOR = JsonParser.parseReader(new InputStreamReader(
            JoinTokenTest.class.getResourceAsStream("/vectors/01-join/token.json"), StandardCharsets.UTF_8)).getAsJsonObject();
    private static final byte[] KEY = hex("caPrivateKeySec1DerHex");

    private static byte[] hex(String member) {
        return HexFormat.of().parseHex(VECTOR.get(member).getAsString());
    }

    @Test
    void theVectorOfTheSpecificationIsReproduced() {
        String hash = HexFormat.of().formatHex(CertificateAuthority.sha256("ca".getBytes(StandardCharsets.US_ASCII)));
        assertEquals("6959097001d10501ac7d54c0bdb8db61420f658f2922cc26e46d536119a31126.eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
                + ".eyJleHAiOjE3MDAwMDAwMDB9.c4S3PMQFRBR-JyuRMXny_NbKJRJ7F7xp-DIfGvxzLoE",
                JoinToken.create(hash, "key".getBytes(StandardCharsets.US_ASCII), Instant.ofEpochSecond(1_700_000_000)));
    }

    @Test
    void theAuthorityMakesTheTokenThatAStockCloudMakes() throws PkiException {
        CertificateAuthority authority = new CertificateAuthority(KeyPairDer.parse(hex("caCertificateDerHex"), KEY, "vector"));
        assertEquals(VECTOR.get("caSha256").getAsString(), authority.fingerprint());
        JsonObject printed = VECTOR.getAsJsonObject("printedByStockCloudcore");
        assertEquals(printed.get("token").getAsString(),
                JoinToken.create(authority.fingerprint(), authority.tokenKey(), Instant.ofEpochSecond(printed.get("exp").getAsLong())));
    }

    @Test
    void tokensAreJudgedAsAStockCloudJudgesThem() {
        for (JsonElement element : VECTOR.getAsJsonArray("tokens")) {
            JsonObject one = element.getAsJsonObject();
            String token = one.get("token").getAsString();
            String jwt = token.substring(token.indexOf('.') + 1);
            if (one.has("expect")) {
                JoinToken.RefusedException refused = assertThrows(JoinToken.RefusedException.class, () -> JoinToken.verify(jwt, KEY, NOW));
                assertEquals(one.get("expect").getAsString(), "401 token validation failure, err: " + refused.getMessage());
            } else {
                assertDoesNotThrow(() -> JoinToken.verify(jwt, KEY, NOW), token);
            }
        }
    }

    @Test
    void anyChangeOfATokenMakesItWorthless() {
        String token = JoinToken.create("", KEY, NOW.plusSeconds(60)).substring(1);
        Random random = new Random(7);
        for (int i = 0; i < 2000; i++) {
            StringBuilder changed = new StringBuilder(token);
            changed.setCharAt(random.nextInt(token.length()), "Aa0._-{=\u00e9".charAt(random.nextInt(9)));
            if (!changed.toString().equals(token) && !sameBits(token, changed.toString())) {
                assertThrows(JoinToken.RefusedException.class, () -> JoinToken.verify(changed.toString(), KEY, NOW), changed::toString);
            }
        }
    }

    /** The last character of a part carries unused bits, which no decoder looks at. */
    private static boolean sameBits(String a, String b) {
        return a.substring(0, a.length() - 1).equals(b.substring(0, b.length() - 1));
    }

    @Test
    void aTokenWithoutAlgorithmOrEndIsRefused() {
        assertThrows(JoinToken.RefusedException.class, () -> JoinToken.verify("eyJhbGciOiJub25lIn0.eyJleHAiOjQxMDI0NDQ4MDB9.", KEY, NOW));
        assertThrows(JoinToken.RefusedException.class, () -> JoinToken.verify("..", KEY, NOW));
        assertThrows(JoinToken.RefusedException.class, () -> JoinToken.verify("", KEY, NOW));
    }

    @Test
    void keysAreKeptInSec1WithCurveAndPoint() throws PkiException {
        CertificateAuthority made = CertificateAuthority.generate(NOW);
        assertEquals(121, made.tokenKey().length);
        KeyPairDer again = KeyPairDer.parse(made.certificateDer(), made.tokenKey(), "test");
        org.junit.jupiter.api.Assertions.assertArrayEquals(made.tokenKey(), again.keySec1Der());
        KeyPairDer fromPkcs8 = assertDoesNotThrow(() -> KeyPairDer.parse(made.certificateDer(), made.material().key().getEncoded(), "test"));
        org.junit.jupiter.api.Assertions.assertArrayEquals(made.tokenKey(), fromPkcs8.keySec1Der());
    }

    @Test
    void certificateAndKeyOfDifferentOriginAreRefused() throws PkiException {
        CertificateAuthority one = CertificateAuthority.generate(NOW);
        CertificateAuthority two = CertificateAuthority.generate(NOW);
        assertThrows(PkiException.class, () -> KeyPairDer.parse(one.certificateDer(), two.tokenKey(), "test"));
    }
}
