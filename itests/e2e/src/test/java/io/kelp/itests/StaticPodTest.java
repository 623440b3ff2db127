package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.testkit.Await;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Pods from files on the gateway, and what the API shows of them. */
@Tag("slow")
@ExtendWith(Installation.class)
class StaticPodTest {

    private static final Duration SCAN = Duration.ofSeconds(60);

    private final ControlPlane plane;
    private final Installation.Gateways gateways;

    StaticPodTest(ControlPlane plane, Installation.Gateways gateways) {
        this.plane = plane;
        this.gateways = gateways;
    }

    @Test
    void aFileIsAPodAndItsMirrorFollows() throws Exception {
        try (GatewayProcess gateway = gateways.joined("static")) {
            String image = Images.web(gateway, "cedar", "1.0.0");
            String next = Images.web(gateway, "cedar", "2.0.0");
            Path file = Files.createDirectories(gateway.home().resolve("etc/manifests")).resolve("cedar.json");
            String manifest = """
                    {"apiVersion":"v1","kind":"Pod","metadata":{"name":"fixed","namespace":"static-1"},"spec":{"runtimeClassName":"osgi","containers":[
                    {"name":"web","image":"%s","imagePullPolicy":"IfNotPresent","ports":[{"name":"http","containerPort":8080}]}]}}"""
                    .replace("static-1", gateway.node()).formatted(image);
            Files.writeString(file, manifest);
            gateway.start();
            Pods pods = new Pods(plane, gateway);
            String name = "fixed-" + gateway.node();

            JsonObject mirror = pods.await(name, "is shown and ready", SCAN, Pods::isReady);
            assertEquals("cedar 1.0.0", pods.ask(mirror, "/"));
            assertEquals("file", Pods.text(mirror, "metadata", "annotations", "kubernetes.io/config.source"));
            assertTrue(mirror.getAsJsonObject("metadata").getAsJsonObject("annotations").has("kubernetes.io/config.mirror"));

            pods.kubectl("delete", "pod", name, "--force", "--grace-period=0", "--wait=false");
            JsonObject again = pods.await(name, "is shown again", SCAN, p -> !Pods.uid(p).equals(Pods.uid(mirror)) && Pods.isReady(p));
            assertEquals("cedar 1.0.0", pods.ask(again, "/"));

            Files.writeString(file, manifest.replace(image, next));
            Await.until("the new version serves", SCAN, () -> pods.ask(pods.get(name).orElseThrow(), "/").equals("cedar 2.0.0"));

            gateway.kill();
            gateway.start();
            Await.until("it serves again after a restart", SCAN, () -> pods.ask(pods.get(name).orElseThrow(), "/").equals("cedar 2.0.0"));

            Files.delete(file);
            Await.until("the mirror is gone", SCAN, () -> pods.get(name).isEmpty());
        }
    }
}
