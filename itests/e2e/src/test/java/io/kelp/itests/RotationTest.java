package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.testkit.Await;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
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
import org.junit.jupiter.api.extension.ExtendWith;

/** A certificate comes to its end under load: it is renewed in time, the link stays, nothing is lost. */
@Tag("slow")
@ExtendWith(Installation.class)
class RotationTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int DEVICES = 200;
    private static final long PAUSE_MILLIS = 200;

    private final ControlPlane plane;
    private final Installation.Gateways gateways;

    RotationTest(ControlPlane plane, Installation.Gateways gateways) {
        this.plane = plane;
        this.gateways = gateways;
    }

    @Test
    void renewalUnderLoadLosesNothing() throws Exception {
        try (GatewayProcess gateway = gateways.joined("rotation")) {
            JsonObject hub = JsonParser.parseString(Files.readString(gateway.home().resolve("etc/io.kelp.edgehub.json"))).getAsJsonObject();
            hub.addProperty("certificateCheckSeconds", 1);
            gateway.configure("io.kelp.edgehub", hub.toString());
            StringBuilder devices = new StringBuilder();
            for (int i = 0; i < DEVICES; i++) {
                devices.append(Devices.plain(device(gateway, i), gateway.node(), gateway.node(), "0"));
            }
            plane.apply(Devices.counterModel(gateway.node()));
            plane.apply(devices.toString());
            gateway.start();
            Await.until("the gateway has all devices", SOON,
                    () -> gateway.kelp("device", "list").orFail().lines().filter(l -> l.contains(gateway.node() + "-d")).count() >= DEVICES);
            gateway.kelp("stop").orFail();
            // Renewal is due after 70 to 90 of these 100 seconds: 10 to 30 seconds from now.
            Path file = gateway.home().resolve("data/certs/edge.crt");
            X509Certificate old = shortLived(file, Duration.ofSeconds(60), Duration.ofSeconds(40));
            gateway.start();
            Await.until("the link is up", SOON, () -> gateway.linkState().equals("CONNECTED"));
            String since = since(gateway);

            // Each device reports once and is switched once; the rotation is somewhere in the middle.
            int used = 0;
            try (Reporter reporter = new Reporter(gateway.mqttPort())) {
                long renewed = Long.MAX_VALUE;
                while (System.nanoTime() < renewed || used < 10) {
                    assertTrue(used < DEVICES, "not renewed after " + used + " rounds");
                    reporter.report(device(gateway, used), used + 1);
                    plane.patch("default", "device", device(gateway, used), "{\"spec\":{\"properties\":[{\"name\":\"value\",\"desired\":"
                            + "{\"value\":\"" + (used + 1) + "\",\"metadata\":{\"type\":\"string\"}},\"reportToCloud\":true}]}}");
                    used++;
                    Thread.sleep(PAUSE_MILLIS); // so that the devices last longer than the renewal can take
                    assertEquals("CONNECTED", gateway.linkState(), "the link stays");
                    if (renewed == Long.MAX_VALUE && !certificate(file).getSerialNumber().equals(old.getSerialNumber())) {
                        renewed = System.nanoTime() + Duration.ofSeconds(3).toNanos();
                    }
                }
            }
            assertTrue(certificate(file).getNotAfter().toInstant().isAfter(Instant.now().plus(Duration.ofDays(300))));
            int all = used;
            Await.until("each of " + all + " reports is in the API", SOON, () -> {
                Map<String, String> reported = Devices.allReported(plane, "value");
                for (int i = 0; i < all; i++) {
                    assertEquals("" + (i + 1), reported.get(device(gateway, i)), device(gateway, i));
                }
                return true;
            });
            Await.until("each of " + all + " desired values is at the gateway", SOON, () -> {
                List<String> list = gateway.kelp("device", "list").orFail().lines().toList();
                for (int i = 0; i < all; i++) {
                    String name = device(gateway, i) + " ";
                    String desired = "(" + (i + 1) + ")";
                    assertTrue(list.stream().anyMatch(l -> l.contains(name) && l.contains(desired)), name + desired);
                }
                return true;
            });
            assertEquals(since, since(gateway), "between Kelp halves the new connection is ready before the old one goes: the link was never down");
        }
    }

    private static String device(GatewayProcess gateway, int i) {
        return gateway.node() + "-d" + i;
    }

    private static String since(GatewayProcess gateway) {
        return gateway.status().getAsJsonObject("link").get("since").getAsString();
    }

    private static X509Certificate certificate(Path file) throws Exception {
        try (InputStream in = new ByteArrayInputStream(Files.readAllBytes(file))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    /** Puts a certificate of the same key and name in the place of the gateway's, signed by the cloud's CA. */
    private X509Certificate shortLived(Path file, Duration past, Duration future) throws Exception {
        X509Certificate joined = certificate(file);
        JsonObject secret = plane.get("kubeedge", "secret", "casecret").orElseThrow().getAsJsonObject("data");
        X509Certificate ca = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(Base64.getDecoder().decode(secret.get("cadata").getAsString())));
        PrivateKeyInfo info = new PrivateKeyInfo(new AlgorithmIdentifier(new ASN1ObjectIdentifier("1.2.840.10045.2.1"),
                new ASN1ObjectIdentifier("1.2.840.10045.3.1.7")),
                org.bouncycastle.asn1.sec.ECPrivateKey.getInstance(Base64.getDecoder().decode(secret.get("cakeydata").getAsString())));
        PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
        Instant now = Instant.now();
        X509Certificate made = new JcaX509CertificateConverter().getCertificate(new JcaX509v3CertificateBuilder(
                X500Name.getInstance(ca.getSubjectX500Principal().getEncoded()), BigInteger.valueOf(now.toEpochMilli()),
                Date.from(now.minus(past)), Date.from(now.plus(future)),
                X500Name.getInstance(joined.getSubjectX500Principal().getEncoded()), joined.getPublicKey())
                        .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment))
                        .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth))
                        .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
        Files.writeString(file, "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(made.getEncoded()) + "\n-----END CERTIFICATE-----\n");
        return made;
    }
}
