package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.load.SimulatedGateway;
import io.kelp.message.Message;
import io.kelp.testkit.Await;
import io.kelp.testkit.CloudProcess;
import io.kelp.testkit.ControlPlane;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A running KubeEdge installation is taken over: its Secrets, CRDs, Nodes, sync objects and devices
 * are there, cloudcore is stopped, ours starts; its edges stay joined. And the way back: what a stock
 * cloudcore would find afterwards is what it left, and goes on working.
 */
@Tag("slow")
class TakeOverTest {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String MODERN = "edge-modern";
    private static final String LEGACY = "edge-node";

    private final JsonObject recorded = resource("/vectors/01-join/token.json");
    private final byte[] caCertificate = HexFormat.of().parseHex(recorded.get("caCertificateDerHex").getAsString());
    private final byte[] caKey = HexFormat.of().parseHex(recorded.get("caPrivateKeySec1DerHex").getAsString());

    @Test
    void edgesStayJoinedAndNothingIsLostEitherWay() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(4);
        ScheduledExecutorService clock = Executors.newScheduledThreadPool(1);
        try (ControlPlane plane = ControlPlane.start(Installation.work().resolve("takeover-plane"))) {
            leaveAsStockCloudcoreDoes(plane);
            try (CloudProcess cloud = new CloudProcess(Installation.work().resolve("takeover-cloud"), plane.kubeconfig(), "--legacy-edges").start();
                    SimulatedGateway modern = edge(MODERN, "CN=system:node:" + MODERN + ",O=system:nodes", executor, cloud);
                    SimulatedGateway legacy = edge(LEGACY, "CN=kubeedge.io,O=kubeEdge", executor, cloud)) {
                modern.live(clock);
                legacy.live(clock);
                assertEquals(recorded.get("caSha256").getAsString(), cloud.token().substring(0, cloud.token().indexOf('.')));

                Await.until("the legacy edge gets its device with the desired value", SOON, () -> {
                    assertTrue(legacy.newest().stream().anyMatch(m -> m.resource().endsWith("membership")
                            && m.content().toString().contains("\"counter\"") && m.content().toString().contains("OFF")),
                            () -> legacy.newest().stream().map(m -> m.operation() + " " + m.resource()).toList().toString());
                    return true;
                });
                plane.patch("default", "devices.v1alpha2.devices.kubeedge.io", "counter", """
                        {"status":{"twins":[{"propertyName":"status","desired":{"value":"ON","metadata":{"type":"string"}},
                        "reported":{"value":"0","metadata":{"type":"string"}}}]}}""");
                Await.until("and its change", SOON, () -> legacy.newest().stream()
                        .anyMatch(m -> m.resource().equals("device/counter/twin/cloud_updated") && m.content().toString().contains("ON")));
                Await.until("the modern edge gets its Node", SOON,
                        () -> modern.newest().stream().anyMatch(m -> m.resource().equals("null/node/" + MODERN)));
                legacy.send(Message.create("twin", "resource", "update", "device/counter/twin/edge_updated", JsonParser.parseString("""
                        {"event_id":"e","timestamp":1,"twin":{"status":{"actual":{"value":"7","metadata":{"timestamp":1}},"optional":false,
                        "metadata":{"type":"string"}}}}""")));
                Await.until("a report of the legacy edge is in the API", SOON, () -> Devices.reported(plane, "counter", "status").equals("7"));
            }
            findWhatStockCloudcoreNeeds(plane);
        } finally {
            clock.shutdownNow();
            executor.shutdownNow();
        }
    }

    private void leaveAsStockCloudcoreDoes(ControlPlane plane) {
        plane.apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: kubeedge}\n");
        plane.apply(secret("casecret", "cadata", caCertificate, "cakeydata", caKey));
        String token = recorded.getAsJsonArray("tokens").get(0).getAsJsonObject().get("token").getAsString();
        plane.apply(secret("tokensecret", "tokendata", token.getBytes(StandardCharsets.US_ASCII), "unused", new byte[] {1}));
        plane.apply(STOCK_CRDS);
        plane.kubectl("", "wait", "--for=condition=Established", "--timeout=30s", "crd/devices.devices.kubeedge.io",
                "crd/devicemodels.devices.kubeedge.io", "crd/objectsyncs.reliablesyncs.kubeedge.io").orFail();
        for (String node : new String[] {MODERN, LEGACY}) {
            plane.apply("apiVersion: v1\nkind: Node\nmetadata: {name: " + node + ", labels: {node-role.kubernetes.io/edge: ''}}\n");
        }
        plane.apply(Devices.classicModel("counter-model"));
        plane.apply(Devices.classic("counter", "counter-model", LEGACY));
        JsonObject device = plane.get("default", "devices.v1alpha2.devices.kubeedge.io", "counter").orElseThrow();
        String uid = device.getAsJsonObject("metadata").get("uid").getAsString();
        String version = device.getAsJsonObject("metadata").get("resourceVersion").getAsString();
        plane.apply("""
                apiVersion: reliablesyncs.kubeedge.io/v1alpha1
                kind: ObjectSync
                metadata: {name: %s.%s, namespace: default}
                spec: {objectAPIVersion: devices.kubeedge.io/v1alpha2, objectKind: Device, objectName: counter}
                """.formatted(LEGACY, uid));
        plane.kubectl("", "-n", "default", "patch", "objectsync", LEGACY + "." + uid, "--subresource=status", "--type=merge", "-p",
                "{\"status\":{\"objectResourceVersion\":\"" + version + "\"}}").orFail();
    }

    private void findWhatStockCloudcoreNeeds(ControlPlane plane) {
        JsonObject ca = plane.get("kubeedge", "secret", "casecret").orElseThrow().getAsJsonObject("data");
        assertEquals(Base64.getEncoder().encodeToString(caCertificate), ca.get("cadata").getAsString());
        assertEquals(Base64.getEncoder().encodeToString(caKey), ca.get("cakeydata").getAsString());
        JsonObject server = plane.get("kubeedge", "secret", "cloudcoresecret").orElseThrow().getAsJsonObject("data");
        assertTrue(server.has("cloudcoredata") && server.has("cloudcorekeydata"), server.keySet().toString());
        JsonObject device = plane.get("default", "devices.v1alpha2.devices.kubeedge.io", "counter").orElseThrow();
        String text = device.toString();
        assertTrue(text.contains("nodeSelector") && text.contains(LEGACY), text);
        assertTrue(text.contains("\"value\":\"ON\"") && text.contains("\"value\":\"7\""), text);
        String model = plane.get("default", "devicemodels.v1alpha2.devices.kubeedge.io", "counter-model").orElseThrow().toString();
        assertTrue(model.contains("\"accessMode\":\"ReadWrite\""), model);
        // A stock cloudcore drops pushes of objects whose sync object has an empty status (specification, section 5.3).
        JsonObject syncs = JsonParser.parseString(plane.kubectl("", "get", "objectsyncs", "-A", "-o", "json").orFail()).getAsJsonObject();
        assertTrue(!syncs.getAsJsonArray("items").isEmpty(), "sync objects are kept for stock edges");
        syncs.getAsJsonArray("items").forEach(s -> assertTrue(
                s.getAsJsonObject().getAsJsonObject("status").get("objectResourceVersion").getAsString().matches("[0-9]+"), s.toString()));
    }

    /** An edge that joined the stock cloud before: its certificate is signed by the taken-over CA. */
    private SimulatedGateway edge(String node, String subject, ExecutorService executor, CloudProcess cloud) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair pair = generator.generateKeyPair();
        Instant now = Instant.now();
        X509Certificate certificate = new JcaX509CertificateConverter().getCertificate(new JcaX509v3CertificateBuilder(
                new X500Name("CN=KubeEdge"), BigInteger.valueOf(now.toEpochMilli()), Date.from(now.minusSeconds(60)), Date.from(now.plusSeconds(86_400)),
                new X500Name(subject), pair.getPublic())
                        .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment))
                        .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth))
                        .build(new JcaContentSignerBuilder("SHA256withECDSA").build(privateKey())));
        return new SimulatedGateway(node, executor).connect(caCertificate, pair.getPrivate(), certificate, cloud.hubPort());
    }

    private PrivateKey privateKey() throws Exception {
        PrivateKeyInfo info = new PrivateKeyInfo(new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.2.840.10045.2.1"),
                new ASN1ObjectIdentifier("1.2.840.10045.3.1.7")), org.bouncycastle.asn1.sec.ECPrivateKey.getInstance(caKey));
        return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
    }

    private static String secret(String name, String key1, byte[] value1, String key2, byte[] value2) {
        Base64.Encoder base64 = Base64.getEncoder();
        return "apiVersion: v1\nkind: Secret\nmetadata: {name: %s, namespace: kubeedge}\ntype: Opaque\ndata: {%s: %s, %s: %s}\n"
                .formatted(name, key1, base64.encodeToString(value1), key2, base64.encodeToString(value2));
    }

    private static JsonObject resource(String name) {
        try (InputStream in = TakeOverTest.class.getResourceAsStream(name)) {
            return JsonParser.parseReader(new InputStreamReader(in, StandardCharsets.UTF_8)).getAsJsonObject();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** What a stock 1.14 installs, as far as it matters: v1alpha2 stored, sync objects with a status subresource. */
    private static final String STOCK_CRDS = crd("devices.kubeedge.io", "Device", "devices", "v1alpha2", """
                      spec:
                        type: object
                        properties:
                          deviceModelRef: {type: object, properties: {name: {type: string}}}
                          nodeSelector: {type: object, x-kubernetes-preserve-unknown-fields: true}
                          protocol: {type: object, x-kubernetes-preserve-unknown-fields: true}
                          data: {type: object, x-kubernetes-preserve-unknown-fields: true}
                      status:
                        type: object
                        properties:
                          twins:
                            type: array
                            items:
                              type: object
                              properties:
                                propertyName: {type: string}
                                desired: {type: object, required: [value], properties: {value: {type: string}, metadata: {type: object, additionalProperties: {type: string}}}}
                                reported: {type: object, required: [value], properties: {value: {type: string}, metadata: {type: object, additionalProperties: {type: string}}}}
            """, "") + crd("devices.kubeedge.io", "DeviceModel", "devicemodels", "v1alpha2", """
                      spec: {type: object, x-kubernetes-preserve-unknown-fields: true}
            """, "") + crd("reliablesyncs.kubeedge.io", "ObjectSync", "objectsyncs", "v1alpha1", """
                      spec: {type: object, x-kubernetes-preserve-unknown-fields: true}
                      status: {type: object, properties: {objectResourceVersion: {type: string}}}
            """, "    subresources: {status: {}}\n");

    private static String crd(String group, String kind, String plural, String version, String properties, String more) {
        return """
                ---
                apiVersion: apiextensions.k8s.io/v1
                kind: CustomResourceDefinition
                metadata: {name: %s.%s}
                spec:
                  group: %s
                  scope: Namespaced
                  names: {kind: %s, listKind: %sList, plural: %s, singular: %s}
                  versions:
                  - name: %s
                    served: true
                    storage: true
                %s    schema:
                      openAPIV3Schema:
                        type: object
                        properties:
                """.formatted(plural, group, group, kind, kind, plural, kind.toLowerCase(java.util.Locale.ROOT), version, more)
                + properties.indent(0).lines().map(l -> l.isBlank() ? l : "  " + l).reduce("", (a, b) -> a + b + "\n");
    }
}
