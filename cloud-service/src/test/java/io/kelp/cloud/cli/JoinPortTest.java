package io.kelp.cloud.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.cloud.cli.TestCloud.Identity;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** The join port against the recorded answers of a stock cloud. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JoinPortTest {

    /** Where we answer otherwise, because the specification calls the recorded answer a bug. */
    private static final Map<String, String> DIFFERENCES = Map.of(
            // trap 15: the CSR is not compared with NodeName
            "join, NodeName differs from CSR CN", "403 the csr names node edge-raw, the header NodeName somebody",
            // section 1.5: edges up to 1.15 send O=kubeEdge, their renewal must be accepted as that of O=KubeEdge is
            "renewal with legacy subject O=kubeEdge", "200",
            // the words after the prefix are those of Go's ASN.1 and JSON parsers
            "join, body is not a CSR", "500 failed to sign certs for edgenode edge-raw, err: fail to signCerts, err: failed to parse csr, err: ",
            "join, ExtKeyUsages not JSON", "500 failed to sign certs for edgenode edge-raw, err: unmarshal http header ExtKeyUsages fail, err: ");

    private TestCloud cloud;
    private TestCloud otherCloud;
    private final KeyPair keys = newKeys();

    private static KeyPair newKeys() {
        try {
            return TestCloud.newKeys();
        } catch (java.security.GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeAll
    void start() throws Exception {
        cloud = new TestCloud(new FakeKube(), true);
        otherCloud = new TestCloud();
        cloud.addNode("edge-b", "uid-b");
    }

    @AfterAll
    void stop() {
        cloud.close();
        otherCloud.close();
    }

    @TestFactory
    Stream<DynamicTest> answersLikeAStockCloud() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        try (Reader reader = new InputStreamReader(getClass().getResourceAsStream("/vectors/01-join/https-answers.json"), StandardCharsets.UTF_8)) {
            for (JsonElement probe : JsonParser.parseReader(reader).getAsJsonArray()) {
                JsonObject recorded = probe.getAsJsonObject();
                tests.add(DynamicTest.dynamicTest(recorded.get("what").getAsString(), () -> replay(recorded)));
            }
        }
        assertEquals(34, tests.size());
        return tests.stream();
    }

    private void replay(JsonObject recorded) throws Exception {
        String what = recorded.get("what").getAsString();
        JsonObject request = recorded.getAsJsonObject("request");
        HttpResponse<byte[]> answer = cloud.send(request.get("method").getAsString(), request.get("path").getAsString(),
                client(request.get("clientCertificate")), body(what, request), headers(what, request.getAsJsonArray("headers")));
        String expected = DIFFERENCES.getOrDefault(what, recordedAnswer(recorded));
        if (expected.equals("200")) {
            assertEquals(200, answer.statusCode(), () -> new String(answer.body(), StandardCharsets.UTF_8));
        } else if (what.contains("not JSON") || what.contains("not a CSR")) {
            String text = answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8);
            assertTrue(text.startsWith(expected), text);
        } else {
            assertEquals(expected, answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8));
        }
        assertEquals(answer.statusCode() == 200 && !request.get("path").getAsString().startsWith("/node")
                ? "application/octet-stream" : "text/plain; charset=utf-8", answer.headers().firstValue("Content-Type").orElse(""));
        if (answer.statusCode() == 405) {
            assertEquals("GET", answer.headers().firstValue("Allow").orElse(""));
        }
        if (recorded.has("certificate") && answer.statusCode() == 200) {
            requireLikeRecorded(answer.body(), recorded);
        }
    }

    private static String recordedAnswer(JsonObject recorded) {
        String status = recorded.getAsJsonObject("response").get("status").getAsString().split(" ")[1];
        JsonObject body = recorded.getAsJsonObject("responseBody");
        return body.has("text") ? status + " " + body.get("text").getAsString() : status;
    }

    /** Everything of the certificate but names, keys, times and numbers is as recorded. */
    private void requireLikeRecorded(byte[] der, JsonObject recorded) throws Exception {
        var ours = TestCloud.certificate(der);
        var theirs = TestCloud.certificate(java.util.HexFormat.of().parseHex(recorded.getAsJsonObject("responseBody").get("der").getAsString()));
        assertArrayEquals(theirs.getSubjectX500Principal().getEncoded().length, ours.getSubjectX500Principal().getEncoded().length);
        assertEquals(theirs.getSubjectX500Principal().getName(), ours.getSubjectX500Principal().getName());
        assertEquals(theirs.getIssuerX500Principal().getName(), ours.getIssuerX500Principal().getName());
        assertEquals(theirs.getExtendedKeyUsage(), ours.getExtendedKeyUsage());
        assertArrayEquals(theirs.getKeyUsage(), ours.getKeyUsage());
        assertEquals(theirs.getCriticalExtensionOIDs(), ours.getCriticalExtensionOIDs());
        assertEquals(theirs.getNonCriticalExtensionOIDs(), ours.getNonCriticalExtensionOIDs());
        assertEquals(theirs.getSigAlgName(), ours.getSigAlgName());
        assertEquals(Duration.ofDays(365), Duration.between(ours.getNotBefore().toInstant(), ours.getNotAfter().toInstant()));
        ours.verify(cloud.ca().getPublicKey());
    }

    private static void assertArrayEquals(int expected, int actual) {
        assertEquals(expected, actual);
    }

    private static void assertArrayEquals(boolean[] expected, boolean[] actual) {
        org.junit.jupiter.api.Assertions.assertArrayEquals(expected, actual);
    }

    private Identity client(JsonElement certificate) throws Exception {
        if (certificate.isJsonNull()) {
            return null;
        }
        String kind = certificate.getAsString();
        if (kind.equals("same subject, other CA")) {
            return otherCloud.join("edge-raw");
        }
        if (kind.startsWith("CN=kubeedge.io")) {
            String subject = kind.contains("O=KubeEdge") ? "O=KubeEdge,CN=kubeedge.io" : "O=kubeEdge,CN=kubeedge.io";
            KeyPair legacy = TestCloud.newKeys();
            byte[] der = cloud.get("/edge.crt", null, TestCloud.csr(legacy, subject),
                    List.of(new String[] {"Authorization", "Bearer " + cloud.jwt()}, new String[] {"NodeName", "edge-raw"})).body();
            return new Identity(legacy, TestCloud.certificate(der));
        }
        return cloud.join("edge-raw");
    }

    private byte[] body(String what, JsonObject request) throws Exception {
        String body = request.get("body").getAsString();
        if (body.equals("hello")) {
            return body.getBytes(StandardCharsets.UTF_8);
        }
        if (body.isEmpty()) {
            return new byte[0];
        }
        if (what.contains("without CN")) {
            return TestCloud.csr(keys, "O=system:nodes");
        }
        if (what.contains("legacy subject")) {
            return TestCloud.csr(keys, "O=" + (what.contains("kubeEdge") ? "kubeEdge" : "KubeEdge") + ",CN=kubeedge.io");
        }
        return TestCloud.csr(keys, "O=system:nodes,CN=system:node:edge-raw");
    }

    private List<String[]> headers(String what, JsonArray recorded) throws Exception {
        List<String[]> headers = new ArrayList<>();
        for (JsonElement one : recorded) {
            String name = one.getAsJsonArray().get(0).getAsString();
            String value = one.getAsJsonArray().get(1).getAsString().replace("<valid jwt>", cloud.jwt());
            if (what.equals("join, wrong signature")) {
                value = value.replaceAll("Bearer .*", "Bearer " + cloud.jwt().replaceAll("........$", "IAAAAAAA"));
            } else if (what.contains("expired token") || what.contains("expired 1 s ago")) {
                Instant end = what.contains("1 s ago") ? Instant.now().minusSeconds(1) : Instant.ofEpochSecond(1_700_000_000);
                value = value.replaceAll("Bearer .*", "Bearer " + TestTokens.jwt(cloud, "HS256", end));
            } else if (what.contains("expires in 5 s")) {
                value = value.replaceAll("Bearer .*", "Bearer " + TestTokens.jwt(cloud, "HS256", Instant.now().plusSeconds(5)));
            } else if (what.contains("HS512")) {
                value = value.replaceAll("Bearer .*", "Bearer " + TestTokens.jwt(cloud, "HS512", Instant.now().plusSeconds(3600)));
            }
            headers.add(new String[] {name, value});
        }
        return headers;
    }

    @Test
    void theCaCertificateIsTheOneInTheSecret() throws Exception {
        assertEquals(cloud.ca(), TestCloud.certificate(cloud.get("/ca.crt", null, new byte[0], List.of()).body()));
    }

    @Test
    void aTokenDoesNotGiveTheNameOfALiveNodeToAnotherKey() throws Exception {
        Identity first = cloud.join("edge-live");
        cloud.addNode("edge-live", "uid-live");
        lease("edge-live", Instant.now());
        List<String[]> headers = List.of(new String[] {"Authorization", "Bearer " + cloud.jwt()}, new String[] {"NodeName", "edge-live"});

        KeyPair stranger = TestCloud.newKeys();
        HttpResponse<byte[]> refused = cloud.get("/edge.crt", null, TestCloud.nodeCsr(stranger, "edge-live"), headers);
        assertEquals(409, refused.statusCode());
        assertTrue(new String(refused.body(), StandardCharsets.UTF_8).contains("kubectl annotate node edge-live kelp.io/allow-rejoin=once"));

        assertEquals(200, cloud.get("/edge.crt", null, TestCloud.nodeCsr(first.keys(), "edge-live"), headers).statusCode(), "same key");
        assertEquals(200, cloud.get("/edge.crt", first, TestCloud.nodeCsr(stranger, "edge-live"),
                List.<String[]>of(new String[] {"NodeName", "edge-live"})).statusCode(), "rotation with the old certificate");
    }

    @Test
    void anOperatorMayLetALiveNameBeTakenOnce() throws Exception {
        cloud.join("edge-moved");
        cloud.addNode("edge-moved", "uid-moved");
        lease("edge-moved", Instant.now());
        cloud.kube().patch("/api/v1/nodes/edge-moved", io.kelp.cloud.kube.KubeApi.PatchType.MERGE,
                "{\"metadata\":{\"annotations\":{\"kelp.io/allow-rejoin\":\"once\"}}}");
        cloud.join("edge-moved");
        assertTrue(org.junit.jupiter.api.Assertions.assertThrows(AssertionError.class, () -> cloud.join("edge-moved")).getMessage().startsWith("409"));
    }

    @Test
    void aNameWhoseLeaseIsDeadIsFree() throws Exception {
        cloud.join("edge-dead");
        cloud.addNode("edge-dead", "uid-dead");
        lease("edge-dead", Instant.now().minusSeconds(120));
        cloud.join("edge-dead");
    }

    @Test
    void aLegacyCertificateIsNoTicketToTheNameOfALiveNode() throws Exception {
        cloud.join("edge-owned");
        cloud.addNode("edge-owned", "uid-owned");
        lease("edge-owned", Instant.now());
        Identity legacy = client(JsonParser.parseString("\"CN=kubeedge.io O=KubeEdge\""));
        assertEquals(409, cloud.get("/edge.crt", legacy, TestCloud.nodeCsr(keys, "edge-owned"),
                List.<String[]>of(new String[] {"NodeName", "edge-owned"})).statusCode());
    }

    @Test
    void nobodyGetsAServerCertificateForTheCloudsNames() throws Exception {
        var extensions = new org.bouncycastle.asn1.x509.ExtensionsGenerator();
        extensions.addExtension(org.bouncycastle.asn1.x509.Extension.subjectAlternativeName, false, new org.bouncycastle.asn1.x509.GeneralNames(
                new org.bouncycastle.asn1.x509.GeneralName(org.bouncycastle.asn1.x509.GeneralName.iPAddress, "127.0.0.1")));
        byte[] csr = new org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder(
                new org.bouncycastle.asn1.x500.X500Name("O=system:nodes,CN=system:node:evil"), keys.getPublic())
                .addAttribute(org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate())
                .build(new org.bouncycastle.operator.jcajce.JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())).getEncoded();
        assertEquals(403, cloud.get("/edge.crt", null, csr, List.of(new String[] {"Authorization", "Bearer " + cloud.jwt()},
                new String[] {"NodeName", "evil"}, new String[] {"ExtKeyUsages", "[1]"})).statusCode());
    }

    @Test
    void odePathsAndNamesReachNothing() throws Exception {
        for (String path : List.of("/node/..%2f..%2fsecrets", "/node/a%2fb", "/node/%2e%2e", "/node/A_B", "/node/x%00y")) {
            int status = cloud.get(path, null, new byte[0], List.of()).statusCode();
            assertTrue(status == 400 || status == 404, path + " gave " + status);
        }
        assertEquals(403, cloud.get("/edge.crt", null, TestCloud.csr(keys, "O=system:nodes,CN=system:node:../../x"),
                List.<String[]>of(new String[] {"Authorization", "Bearer " + cloud.jwt()})).statusCode());
    }

    @Test
    void aBodyOverOneMebibyteIsRefused() throws Exception {
        try {
            assertEquals(413, cloud.get("/edge.crt", null, new byte[(1 << 20) + 1], List.<String[]>of(new String[] {"NodeName", "big"})).statusCode());
        } catch (IOException closed) {
            // The port does not read what it refuses: a client that is still writing may see the connection end first.
            assertTrue(closed.getMessage().contains("no bytes") || closed.getMessage().contains("reset")
                    || closed.getMessage().contains("Broken pipe"), closed.toString());
        }
        assertEquals(200, cloud.get("/ca.crt", null, new byte[0], List.of()).statusCode());
    }

    @Test
    void aFloodFromOneAddressIsSlowedDown() throws Exception {
        try (TestCloud flooded = new TestCloud()) {
            int refused = 0;
            java.net.http.HttpClient http = java.net.http.HttpClient.newBuilder().sslContext(flooded.tls(null)).build();
            for (int i = 0; i < 700; i++) {
                var request = java.net.http.HttpRequest.newBuilder(java.net.URI.create(flooded.joinUrl("/ca.crt"))).build();
                refused += http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 429 ? 1 : 0;
            }
            assertTrue(refused > 10, refused + " of 700 refused");
        }
    }

    private void lease(String node, Instant renewed) {
        cloud.kube().put("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/" + node, JsonParser.parseString(
                "{\"metadata\":{\"name\":\"" + node + "\"},\"spec\":{\"renewTime\":\"" + renewed + "\"}}").getAsJsonObject());
    }
}
