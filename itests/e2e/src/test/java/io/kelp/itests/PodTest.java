package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.testkit.Await;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** The life of single pods: what a kubelet does with a container is done with a bundle. */
@Tag("slow")
@ExtendWith(Installation.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PodTest {

    private final GatewayProcess gateway;
    private final Pods pods;
    private final String alder;
    private final String job;
    private final String bad;
    private final String plain;

    PodTest(ControlPlane plane, Installation.Gateways gateways) {
        gateway = gateways.joined("pods");
        alder = Images.web(gateway, "alder", "1.0.0");
        job = Images.job(gateway);
        bad = Images.bad(gateway);
        plain = Images.plain(gateway);
        gateway.start();
        pods = new Pods(plane, gateway);
        Await.until("the Node is Ready", Pods.SOON, () -> plane.readiness(gateway.node()).equals("True"));
    }

    @AfterAll
    void stop() {
        gateway.close();
    }

    @Test
    void aPodIsScheduledServesAndLeavesNothingWhenItIsDeleted() throws IOException {
        pods.apply(Pods.pod("serve", pods.web(alder, "")));

        JsonObject pod = pods.awaitReady("serve");

        assertEquals("Running", Pods.phase(pod));
        assertEquals(gateway.node(), Pods.text(pod, "spec", "nodeName"));
        assertEquals(Pods.text(pod, "status", "hostIP"), Pods.text(pod, "status", "podIP"));
        JsonObject container = Pods.container(pod, "web");
        assertEquals(alder, Pods.text(container, "image"));
        assertTrue(Pods.text(container, "imageID").contains("sha256:"), container.toString());
        assertTrue(Pods.text(container, "containerID").contains("://"), container.toString());
        assertEquals(0, Pods.restarts(pod, "web"));
        assertFalse(Pods.text(container, "state", "running", "startedAt").isEmpty(), container.toString());
        for (String each : List.of("PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready")) {
            assertEquals("True", Pods.condition(pod, each), each);
        }
        assertEquals("alder 1.0.0", pods.ask(pod, "/"));
        for (String each : List.of("Scheduled", "Pulled", "Created", "Started")) {
            Await.until("Event " + each, Pods.SOON, () -> pods.hasEvent("serve", each));
        }
        Path folder = gateway.home().resolve("data/pods/" + Pods.uid(pod));
        assertTrue(Files.isDirectory(folder), folder.toString());

        pods.kubectl("delete", "pod", "serve", "--timeout=20s");

        assertTrue(pods.get("serve").isEmpty());
        assertTrue(pods.ask(pod, "/").startsWith("no answer"), "the port is closed");
        Await.until("its folder is removed", Pods.SOON, () -> !Files.exists(folder));
        Await.until("its logs are removed", Pods.SOON, () -> logFolders("serve").isEmpty());
        assertNotEquals(0, pods.plane.kubectl("", "-n", pods.namespace, "delete", "pod", "serve").exitCode(), "deleting it again");
    }

    @Test
    void aPodOfTheSameNameReplacesTheDeletedOneQuickly() {
        String manifest = Pods.pod("again", pods.web(alder, ""));
        pods.apply(manifest);
        String uid = Pods.uid(pods.awaitReady("again"));
        for (int i = 0; i < 5; i++) {
            pods.kubectl("delete", "pod", "again", "--wait=" + (i % 2 == 0), "--timeout=20s");
            Await.until("the name is free", Pods.SOON, () -> pods.plane.kubectl(manifest, "-n", pods.namespace, "create", "-f", "-").exitCode() == 0);
            JsonObject pod = pods.awaitReady("again");
            assertNotEquals(uid, Pods.uid(pod));
            assertEquals("alder 1.0.0", pods.ask(pod, "/"));
            uid = Pods.uid(pod);
        }
        pods.kubectl("delete", "pod", "again", "--force", "--grace-period=0");
        String last = uid;
        Await.until("a pod deleted by force ends, too", Pods.SOON, () -> !folders().contains(last)
                && !gateway.kelp("pod", "list").orFail().contains("again"));
    }

    @Test
    void environmentArgumentsAndFilesReachTheBundle() {
        pods.kubectl("create", "configmap", "settings", "--from-literal=COLOUR=green", "--from-literal=web.json={\"shade\":\"dark\"}");
        pods.kubectl("create", "secret", "generic", "key", "--from-literal=word=hush");
        pods.apply(Pods.pod("given", pods.spec("""
                containers:
                """ + Pods.container("web", alder, """
                ports: [{name: http, containerPort: 8080}]
                args: ["$(COLOUR)", "$$(COLOUR)", two]
                envFrom: [{configMapRef: {name: settings}}]
                env:
                - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
                - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
                - {name: WORD, valueFrom: {secretKeyRef: {name: key, key: word}}}
                - {name: BOTH, value: "$(POD)-$(WORD)"}
                - {name: NONE, valueFrom: {configMapKeyRef: {name: absent, key: x, optional: true}}}
                volumeMounts:
                - {name: config, mountPath: /config}
                - {name: secret, mountPath: /etc/secret}
                - {name: labels, mountPath: /etc/podinfo}
                """) + """
                volumes:
                - {name: config, configMap: {name: settings}}
                - {name: secret, secret: {secretName: key}}
                - {name: labels, downwardAPI: {items: [{path: app, fieldRef: {fieldPath: "metadata.labels['app']"}}]}}
                """)));
        JsonObject pod = pods.awaitReady("given");

        assertEquals("green $(COLOUR) two", pods.ask(pod, "/args"));
        assertEquals("green", pods.ask(pod, "/env/COLOUR"));
        assertEquals("given", pods.ask(pod, "/property/POD"));
        assertEquals(gateway.node(), pods.ask(pod, "/property/NODE"));
        assertEquals("given-hush", pods.ask(pod, "/property/BOTH"));
        assertEquals("404 ", pods.ask(pod, "/env/NONE"));
        assertEquals("yes", pods.ask(pod, "/env/FROM_IMAGE"));
        assertEquals("hush", pods.ask(pod, "/file/etc/secret/word"));
        assertEquals("given", pods.ask(pod, "/file/etc/podinfo/app"));
        assertEquals("dark", pods.ask(pod, "/property/shade"), "config/web.json is configuration of the component");
        assertEquals(3, pods.ask(pod, "/file/var/run/secrets/kubernetes.io/serviceaccount/token").split("\\.").length, "a token of the service account");
        assertEquals(pods.namespace, pods.ask(pod, "/file/var/run/secrets/kubernetes.io/serviceaccount/namespace"));
        assertTrue(pods.ask(pod, "/file/var/run/secrets/kubernetes.io/serviceaccount/ca.crt").startsWith("-----BEGIN"));

        pods.kubectl("patch", "configmap", "settings", "-p", "{\"data\":{\"web.json\":\"{\\\"shade\\\":\\\"pale\\\"}\",\"more\":\"new\"}}");
        pods.kubectl("patch", "secret", "key", "-p", "{\"data\":{\"word\":\"c2hvdXQ=\"}}");

        Await.until("the files change", Pods.SOON, () -> pods.ask(pod, "/file/config/more").equals("new") && pods.ask(pod, "/file/etc/secret/word").equals("shout"));
        Await.until("the configuration changes", Pods.SOON, () -> pods.ask(pod, "/property/shade").equals("pale"));
        assertEquals("hush", pods.ask(pod, "/env/WORD"), "the environment stays");
        assertEquals(0, Pods.restarts(pods.get("given").orElseThrow(), "web"));
    }

    @Test
    void aPodWaitsForItsConfigMapAndSaysSo() {
        pods.apply(Pods.pod("missing", pods.web(alder, "envFrom: [{configMapRef: {name: later}}]")));
        pods.await("missing", "waits for its environment", p -> Pods.text(Pods.container(p, "web"), "state", "waiting", "reason").equals("CreateContainerConfigError"));
        assertTrue(Pods.text(Pods.container(pods.get("missing").orElseThrow(), "web"), "state", "waiting", "message").contains("later"));
        pods.apply(Pods.pod("unmounted", pods.web(alder, "volumeMounts: [{name: v, mountPath: /v}]") + "volumes: [{name: v, configMap: {name: later}}]\n"));
        Await.until("Event FailedMount", Pods.SOON, () -> pods.hasEvent("unmounted", "FailedMount"));

        pods.kubectl("create", "configmap", "later", "--from-literal=A=1");

        JsonObject pod = pods.await("missing", "is ready", Duration.ofSeconds(90), Pods::isReady);
        assertEquals("1", pods.ask(pod, "/env/A"));
        assertEquals("1", pods.ask(pods.await("unmounted", "is ready", Duration.ofSeconds(90), Pods::isReady), "/file/v/A"));
    }

    @Test
    void initContainersRunFirstInOrderAndShareVolumes() {
        String mount = "volumeMounts: [{name: work, mountPath: /work}]\n";
        pods.apply(Pods.pod("init", pods.spec("initContainers:\n"
                + Pods.container("first", job, mount + "env: [{name: FILE, value: /work/first}, {name: MILLIS, value: '1000'}]\n")
                + Pods.container("second", job, mount + "env: [{name: FILE, value: /work/second}]\n")
                + "containers:\n" + Pods.container("web", alder, mount + "ports: [{containerPort: 8080}]\n")
                + Pods.container("other", alder, "")
                + "volumes: [{name: work, emptyDir: {}}]\n")));
        JsonObject pod = pods.awaitReady("init");

        assertEquals("init", pods.ask(pod, "/file/work/first"));
        assertEquals("init", pods.ask(pod, "/file/work/second"));
        for (String each : List.of("first", "second")) {
            assertEquals("Completed", Pods.text(Pods.container(pod, each), "state", "terminated", "reason"));
        }
        String first = Pods.text(Pods.container(pod, "first"), "state", "terminated", "finishedAt");
        String second = Pods.text(Pods.container(pod, "second"), "state", "terminated", "startedAt");
        assertTrue(first.compareTo(second) <= 0, first + " before " + second);
        assertTrue(Pods.container(pod, "other").get("ready").getAsBoolean());
    }

    @Test
    void aFailingInitContainerKeepsTheOthersFromStarting() {
        pods.apply(Pods.pod("init-fails", pods.spec("restartPolicy: Never\ninitContainers:\n" + Pods.container("first", job, "env: [{name: CODE, value: '7'}]\n")
                + "containers:\n" + Pods.container("web", alder, ""))));
        JsonObject pod = pods.await("init-fails", "has failed", p -> Pods.phase(p).equals("Failed"));
        assertEquals("7", Pods.text(Pods.container(pod, "first"), "state", "terminated", "exitCode"));
        assertEquals("PodInitializing", Pods.text(Pods.container(pod, "web"), "state", "waiting", "reason"));
    }

    @Test
    void probesTakeAPodOutOfServiceAndRestartIt() {
        pods.apply(Pods.pod("probed", pods.web(alder, """
                livenessProbe: {exec: {command: [alder, live]}, periodSeconds: 1, failureThreshold: 2}
                startupProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}
                """)));
        JsonObject pod = pods.awaitReady("probed");

        pods.ask(pod, "/set/ready/no");
        pods.await("probed", "is not ready any more", p -> !Pods.isReady(p));
        assertTrue(pods.hasEvent("probed", "Unhealthy"), pods.events("probed").toString());
        pods.ask(pod, "/set/ready/yes");
        pods.awaitReady("probed");

        pods.ask(pod, "/set/live/no");
        JsonObject restarted = pods.await("probed", "was restarted and is ready", p -> Pods.restarts(p, "web") == 1 && Pods.isReady(p));
        assertEquals("alder 1.0.0", pods.ask(restarted, "/"));
        assertTrue(pods.hasEvent("probed", "Killing"), pods.events("probed").toString());
        assertFalse(Pods.text(Pods.container(restarted, "web"), "lastState", "terminated", "finishedAt").isEmpty());
    }

    @Test
    void aCrashingPodIsStartedAgainEverMoreSlowly() {
        pods.apply(Pods.pod("crashes", pods.spec("containers:\n" + Pods.container("bad", bad, "env: [{name: MODE, value: exit-later}]\n"))));
        JsonObject pod = pods.await("crashes", "waits in its back-off", p -> Pods.restarts(p, "bad") >= 1
                && Pods.text(Pods.container(p, "bad"), "state", "waiting", "reason").equals("CrashLoopBackOff"));
        assertEquals("5", Pods.text(Pods.container(pod, "bad"), "lastState", "terminated", "exitCode"));
        assertEquals("Error", Pods.text(Pods.container(pod, "bad"), "lastState", "terminated", "reason"));
        assertEquals("Running", Pods.phase(pod));
        assertTrue(pods.hasEvent("crashes", "BackOff"), pods.events("crashes").toString());
    }

    @Test
    void whatThrowsOrExitsFailsAloneAndNeverEndsTheGateway() {
        long pid = gateway.pid();
        for (String[] each : new String[][] {{"exit", "3"}, {"halt", "4"}, {"exit-later", "5"}}) {
            String name = "ends-" + each[0];
            pods.apply(Pods.pod(name, pods.spec("restartPolicy: Never\ncontainers:\n" + Pods.container("bad", bad, "env: [{name: MODE, value: " + each[0] + "}]\n"))));
            JsonObject pod = pods.await(name, "has failed", p -> Pods.phase(p).equals("Failed"));
            assertEquals(each[1], Pods.text(Pods.container(pod, "bad"), "state", "terminated", "exitCode"), pod.get("status").toString());
        }
        assertEquals(pid, gateway.pid());
    }

    @Test
    void aComponentThatCannotBeActivatedKeepsThePodFromBeingReadyAndIsNamed() {
        pods.apply(Pods.pod("throws", pods.spec("containers:\n" + Pods.container("bad", bad, "env: [{name: MODE, value: throw}]\n"))));
        pods.await("throws", "runs", p -> Pods.phase(p).equals("Running"));
        Await.until("the gateway names component and cause", Pods.SOON, () -> gateway.kelp("pod", "describe", pods.namespace + "/throws").orFail().contains("workloads.bad.Bad"));
        assertFalse(Pods.isReady(pods.get("throws").orElseThrow()));
    }

    @Test
    void aBundleEndsWithItsCodeAndSaysWhy() {
        pods.apply(Pods.pod("done", pods.spec("restartPolicy: OnFailure\ncontainers:\n" + Pods.container("job", job, "env: [{name: RESULT, value: /dev/termination-log}]\n"))));
        JsonObject pod = pods.await("done", "has succeeded", p -> Pods.phase(p).equals("Succeeded"));
        JsonObject terminated = Pods.container(pod, "job").getAsJsonObject("state").getAsJsonObject("terminated");
        assertEquals("0", Pods.text(terminated, "exitCode"));
        assertEquals("Completed", Pods.text(terminated, "reason"));
        assertEquals("done by done", Pods.text(terminated, "message"));
        assertEquals(0, Pods.restarts(pod, "job"));
    }

    @Test
    void aPlainProgramRunsTooWithItsOwnEnvironmentAndEnd() {
        pods.apply(Pods.pod("plain", pods.spec("containers:\n" + Pods.container("web", plain, """
                ports: [{containerPort: 8080}]
                env: [{name: GREETING, value: hi}]
                readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}
                """))));
        assertEquals("plain hi", pods.ask(pods.awaitReady("plain"), "/"));
        pods.apply(Pods.pod("plain-exits", pods.spec("restartPolicy: Never\ncontainers:\n" + Pods.container("main", plain, "args: [exit, '9']\n"))));
        assertEquals("9", Pods.text(Pods.container(pods.await("plain-exits", "has failed", p -> Pods.phase(p).equals("Failed")), "main"),
                "state", "terminated", "exitCode"));
        pods.apply(Pods.pod("plain-throws", pods.spec("restartPolicy: Never\ncontainers:\n" + Pods.container("main", plain, "args: [throw]\n"))));
        assertEquals("1", Pods.text(Pods.container(pods.await("plain-throws", "has failed", p -> Pods.phase(p).equals("Failed")), "main"),
                "state", "terminated", "exitCode"));
    }

    @Test
    void whatItWritesIsInAFileAsKubeletsHaveIt() throws IOException {
        pods.apply(Pods.pod("talks", pods.spec("restartPolicy: Never\ncontainers:\n" + Pods.container("main", plain, "args: [lines, '3']\n"))));
        pods.await("talks", "has succeeded", p -> Pods.phase(p).equals("Succeeded"));
        List<Path> folders = logFolders("talks");
        assertEquals(1, folders.size(), folders.toString());
        List<String> lines = Files.readAllLines(folders.get(0).resolve("main/0.log"));
        assertTrue(lines.stream().allMatch(l -> l.matches("[0-9-]{10}T[0-9:]{8}\\.[0-9]{1,9}Z std(out|err) [FP] .*")), lines.toString());
        assertEquals(List.of("started with lines 3", "line 1", "line 2", "line 3"), lines.stream().map(l -> l.split(" ", 4)[3]).toList());
        String shown = gateway.kelp("pod", "logs", pods.namespace + "/talks").orFail();
        assertTrue(shown.contains("line 3"), shown);
    }

    @Test
    void aContainerPodThatToleratesEverythingStaysPendingAndSaysWhy() {
        pods.apply(Pods.pod("foreign", """
                nodeName: %s
                tolerations: [{operator: Exists}]
                containers:
                - {name: c, image: registry.k8s.io/pause:3.10}
                """.formatted(gateway.node())));
        JsonObject pod = pods.await("foreign", "says why it waits", Duration.ofSeconds(60),
                p -> Pods.text(Pods.container(p, "c"), "state", "waiting", "reason").equals("NoContainerEngine"));
        assertEquals("Pending", Pods.phase(pod));
        Await.until("Event", Pods.SOON, () -> pods.hasEvent("foreign", "NoContainerEngine"));
        assertEquals(1, pods.events("foreign").stream().filter(e -> e.contains("NoContainerEngine")).count(), pods.events("foreign").toString());
        pods.kubectl("delete", "pod", "foreign", "--timeout=20s");
    }

    @Test
    void twoPodsThatWantOnePortGetAnEventThatNamesBoth() {
        int port = io.kelp.testkit.Ports.free();
        String fixed = "containers:\n" + Pods.container("web", alder, "ports: [{containerPort: %d}]\nenv: [{name: PORT, value: '%d'}]\n".formatted(port, port));
        pods.apply(Pods.pod("port-1", pods.spec("hostNetwork: true\n" + fixed)));
        JsonObject first = pods.awaitReady("port-1");
        assertEquals("alder 1.0.0", pods.ask(Pods.text(first, "status", "podIP"), port, "/"));
        // Past the scheduler, which would not let it get here.
        pods.apply(Pods.pod("port-2", pods.spec("hostNetwork: true\nnodeName: " + gateway.node() + "\n" + fixed)));
        Await.until("Event HostPortConflict", Pods.SOON, () -> pods.events("port-2").stream()
                .anyMatch(e -> e.contains("HostPortConflict") && e.contains("port-1") && e.contains("maxSurge")));
        pods.kubectl("delete", "pod", "port-1", "--timeout=20s");
        pods.await("port-2", "gets the port", Duration.ofSeconds(90), Pods::isReady);
        pods.kubectl("delete", "pod", "port-2", "--timeout=20s");
    }

    private List<String> folders() {
        String[] names = gateway.home().resolve("data/pods").toFile().list();
        return names == null ? List.of() : List.of(names);
    }

    private List<Path> logFolders(String pod) throws IOException {
        Path logs = gateway.home().resolve("log/pods");
        if (!Files.isDirectory(logs)) {
            return List.of();
        }
        try (var files = Files.list(logs)) {
            return files.filter(f -> f.getFileName().toString().startsWith(pods.namespace + "_" + pod + "_")).toList();
        }
    }
}
