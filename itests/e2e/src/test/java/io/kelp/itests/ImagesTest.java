package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.testkit.Await;
import io.kelp.testkit.CloudProcess;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import io.kelp.testkit.registry.DockerRegistry;
import io.kelp.workloads.SampleImage;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** Images from Debian's docker-registry, and from files. */
@Tag("slow")
@ExtendWith(Installation.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ImagesTest {

    private final DockerRegistry registry;
    private final DockerRegistry closed;
    private final GatewayProcess gateway;
    private final CloudProcess cloud;
    private final Pods pods;
    private final String host;

    ImagesTest(ControlPlane plane, CloudProcess cloud, Installation.Gateways gateways) throws Exception {
        this.cloud = cloud;
        registry = DockerRegistry.start(Installation.work().resolve("registry"));
        closed = DockerRegistry.start(Installation.work().resolve("private-registry"), DockerRegistry.user(Installation.work(), "user", "word"));
        host = "127.0.0.1:" + registry.port();
        gateway = gateways.joined("images");
        Registries.allowPlainHttp(gateway, host, "127.0.0.1:" + closed.port());
        gateway.start();
        pods = new Pods(plane, gateway);
        Await.until("the Node is Ready", Pods.SOON, () -> plane.readiness(gateway.node()).equals("True"));
    }

    @AfterAll
    void stop() throws Exception {
        gateway.close();
        registry.close();
        closed.close();
    }

    private JsonObject run(String name, String image) {
        pods.apply(Pods.pod(name, pods.web(image, "")));
        return pods.awaitReady(name);
    }

    @Test
    void anImageOfAnyBuilderIsPulledOnceAndByDigestToo() {
        SampleImage image = new SampleImage(Images.JARS.web("cedar", "1.0.0"));
        String tag = image.push(host, "team/cedar", "1.0.0");

        JsonObject pod = run("pulled", tag);

        assertEquals("cedar 1.0.0", pods.ask(pod, "/"));
        assertEquals(host + "/team/cedar@" + image.id(), Pods.text(Pods.container(pod, "web"), "imageID").replaceFirst("^.*://", ""));
        assertTrue(pods.hasEvent("pulled", "Pulling") && pods.hasEvent("pulled", "Pulled"), pods.events("pulled").toString());
        assertEquals("cedar 1.0.0", pods.ask(run("by-digest", host + "/team/cedar@" + image.id()), "/"));
        assertTrue(pods.events("by-digest").stream().anyMatch(e -> e.contains("already present")), pods.events("by-digest").toString());
        assertTrue(gateway.kelp("image", "list").orFail().contains("team/cedar"));
        assertNotEquals(0, gateway.kelp("image", "remove", tag).exitCode(), "an image in use is not removed");
    }

    @Test
    void kelpCloudPushesAJarThatRuns() {
        Path jar = Images.JARS.web("elder", "3.0.0");
        String said = cloud.run("image", "push", "--plain-http", jar.toString(), host + "/elder:3.0.0").orFail();
        assertTrue(said.contains("sha256:"), said);
        assertEquals("elder 3.0.0", pods.ask(run("pushed", host + "/elder:3.0.0"), "/"));
    }

    @Test
    void anImageFileMadeByKelpCloudIsLoaded() {
        Path file = Installation.work().resolve("hazel.tar");
        cloud.run("image", "save", Images.JARS.web("hazel", "1.0.0").toString(), "example.com/hazel:1.0.0", file.toString()).orFail();
        gateway.kelp("image", "load", file.toString()).orFail();
        assertEquals("hazel 1.0.0", pods.ask(run("loaded", "example.com/hazel:1.0.0"), "/"));
    }

    @Test
    void anImageThatIsNotThereIsTriedAgainUntilItIs() {
        pods.apply(Pods.pod("late", pods.web(host + "/larch:1.0.0", "")));
        pods.await("late", "cannot be pulled", p -> Pods.text(Pods.container(p, "web"), "state", "waiting", "reason").equals("ErrImagePull"));
        pods.await("late", "waits", p -> Pods.text(Pods.container(p, "web"), "state", "waiting", "reason").equals("ImagePullBackOff"));
        Await.until("Event Failed", Pods.SOON, () -> pods.hasEvent("late", "Failed") && pods.hasEvent("late", "BackOff"));
        new SampleImage(Images.JARS.web("larch", "1.0.0")).push(host, "larch", "1.0.0");
        assertEquals("larch 1.0.0", pods.ask(pods.await("late", "is ready", Duration.ofSeconds(90), Pods::isReady), "/"));
    }

    @Test
    void whatCannotBeIsSaidInKubeletsWords() {
        pods.apply(Pods.pod("never", pods.web("example.com/nowhere:1", "").replace("IfNotPresent", "Never")));
        pods.await("never", "says it", p -> Pods.text(Pods.container(p, "web"), "state", "waiting", "reason").equals("ErrImageNeverPull"));
        pods.apply(Pods.pod("invalid", pods.web("Example.com/UPPER:1", "")));
        pods.await("invalid", "says it", p -> Pods.text(Pods.container(p, "web"), "state", "waiting", "reason").equals("InvalidImageName"));
    }

    @Test
    void aPullSecretOpensAPrivateRegistry() {
        String there = "127.0.0.1:" + closed.port();
        Path jar = Images.JARS.web("maple", "1.0.0");
        cloud.runWith("word\n", "image", "push", "--plain-http", "--username", "user", "--password-stdin", jar.toString(), there + "/maple:1.0.0").orFail();
        pods.apply(Pods.pod("refused", pods.web(there + "/maple:1.0.0", "")));
        pods.await("refused", "is refused", p -> Pods.text(Pods.container(p, "web"), "state", "waiting", "reason").matches("ErrImagePull|ImagePullBackOff"));
        pods.kubectl("create", "secret", "docker-registry", "pull", "--docker-server=" + there, "--docker-username=user", "--docker-password=word");
        pods.apply(Pods.pod("opened", pods.web(there + "/maple:1.0.0", "") + "imagePullSecrets: [{name: pull}]\n"));
        assertEquals("maple 1.0.0", pods.ask(pods.awaitReady("opened"), "/"));
    }
}
