package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.testkit.Await;
import io.kelp.testkit.CloudProcess;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import io.kelp.testkit.Ports;
import io.kelp.testkit.Shell;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What can go wrong at {@code kelp join}: one clear sentence, an exit code, nothing half done. */
@ExtendWith(Installation.class)
class JoinTest {

    private final ControlPlane plane;
    private final CloudProcess cloud;
    private final Installation.Gateways gateways;

    JoinTest(ControlPlane plane, CloudProcess cloud, Installation.Gateways gateways) {
        this.plane = plane;
        this.cloud = cloud;
        this.gateways = gateways;
    }

    @Test
    void refusesATokenOfAnotherCloud() {
        String token = cloud.token();
        String other = (token.charAt(0) == '0' ? '1' : '0') + token.substring(1);
        assertRefused(gateways.fresh("wrong-ca"), join(cloud.joinPort(), other), "CA");
    }

    @Test
    void refusesAForgedToken() {
        String token = cloud.token();
        String forged = token.substring(0, token.lastIndexOf('.') + 1) + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        assertRefused(gateways.fresh("forged"), join(cloud.joinPort(), forged), "token");
    }

    @Test
    void refusesAnExpiredToken() throws GeneralSecurityException {
        assertRefused(gateways.fresh("expired"), join(cloud.joinPort(), expiredToken()), "token");
    }

    @Test
    void namesAClosedPort() {
        int closed = Ports.free();
        assertRefused(gateways.fresh("closed"), join(closed, cloud.token()), String.valueOf(closed));
    }

    @Test
    void refusesTheNameOfAGatewayThatLives() {
        try (GatewayProcess first = gateways.joined("taken")) {
            first.start();
            Await.until("it is Ready", Duration.ofSeconds(20), () -> plane.readiness(first.node()).equals("True"));
            GatewayProcess second = gateways.fresh("taken-second");
            String[] join = join(cloud.joinPort(), cloud.token());
            String[] sameName = java.util.Arrays.copyOf(join, join.length + 2);
            sameName[join.length] = "--node";
            sameName[join.length + 1] = first.node();
            assertRefused(second, sameName, first.node());
        }
    }

    @Test
    void startBeforeJoinSaysWhatToDo() {
        try (GatewayProcess gateway = gateways.fresh("unjoined")) {
            Shell.Output out = gateway.kelp("start");
            assertTrue((out.err() + out.out()).contains("kelp join"), out.toString());
        }
    }

    private String[] join(int joinPort, String token) {
        return new String[] {"join", "--cloud", "127.0.0.1", "--hub-port", "" + cloud.hubPort(), "--join-port", "" + joinPort,
            "--token", token};
    }

    private static void assertRefused(GatewayProcess gateway, String[] join, String word) {
        Shell.Output out = gateway.kelp(join);
        assertNotEquals(0, out.exitCode(), out.toString());
        assertTrue(out.err().contains(word), "\"" + word + "\" should be in: " + out.err());
        assertFalse(out.err().contains("Exception"), out.err());
        assertFalse(Files.exists(gateway.home().resolve("data/certs/edge.crt")), "a certificate was left behind");
        assertFalse(Files.exists(gateway.home().resolve("data/certs/edge.key")), "a key was left behind");
    }

    /** Signed as the cloud signs (channel specification, section 1.4), but for a time that is over. */
    private String expiredToken() throws GeneralSecurityException {
        JsonObject secret = plane.get("kubeedge", "secret", "casecret").orElseThrow();
        byte[] key = Base64.getDecoder().decode(secret.getAsJsonObject("data").get("cakeydata").getAsString());
        Base64.Encoder url = Base64.getUrlEncoder().withoutPadding();
        String signed = url.encodeToString("{\"alg\":\"HS256\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8)) + "."
                + url.encodeToString(("{\"exp\":" + (System.currentTimeMillis() / 1000 - 3600) + "}").getBytes(StandardCharsets.UTF_8));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        String hash = cloud.token().substring(0, cloud.token().indexOf('.'));
        return hash + "." + signed + "." + url.encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
    }
}
