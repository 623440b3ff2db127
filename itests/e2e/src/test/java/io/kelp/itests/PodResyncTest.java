package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.testkit.Await;
import io.kelp.testkit.Cable;
import io.kelp.testkit.CloudProcess;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The two sides have drifted apart: pods were changed while the link was cut, the gateway lost its data, the API server went back in time. */
@Tag("slow")
@ExtendWith(Installation.class)
class PodResyncTest {

    private static final Duration LIMIT = Duration.ofSeconds(90);

    private final ControlPlane shared;

    PodResyncTest(ControlPlane plane) {
        shared = plane;
    }

    @Test
    void whatChangedAtTheApiDuringAnOutageHoldsAfterIt() throws Exception {
        Path work = Files.createDirectories(Installation.work().resolve("resync-changes"));
        try (CloudProcess cloud = new CloudProcess(work.resolve("cloud"), shared.kubeconfig()).start();
                Cable link = new Cable(cloud.hubPort());
                GatewayProcess gateway = new GatewayProcess(work.resolve("gateway"), "resync-changes")) {
            String old = Images.web(gateway, "willow", "1.0.0");
            String fresh = Images.web(gateway, "willow", "2.0.0");
            Pods pods = start(gateway, cloud, link.port(), shared);
            pods.kubectl("create", "configmap", "settings", "--from-literal=word=before");
            pods.apply(Pods.pod("reads", pods.web(old, "volumeMounts: [{name: settings, mountPath: /etc/settings}]\n")
                    + "volumes: [{name: settings, configMap: {name: settings}}]\n"));
            pods.apply(Pods.pod("goes", pods.web(old, "")));
            pods.apply(Pods.controller("Deployment", "updates", "replicas: 1\n", pods.web(old, "")));
            pods.apply(Pods.controller("Deployment", "grows", "replicas: 1\n", pods.web(old, "")));
            pods.apply(Pods.controller("Deployment", "shrinks", "replicas: 2\n", pods.web(old, "")));
            JsonObject reads = pods.awaitReady("reads");
            JsonObject goes = pods.awaitReady("goes");
            JsonObject kept = pods.awaitReady("grows", 1).get(0);
            pods.awaitReady("updates", 1);
            pods.awaitReady("shrinks", 2);

            link.cut();
            pods.kubectl("set", "image", "deployment/updates", "web=" + fresh);
            pods.kubectl("scale", "deployment/grows", "--replicas=3");
            pods.kubectl("scale", "deployment/shrinks", "--replicas=1");
            pods.kubectl("delete", "pod", "goes", "--wait=false");
            pods.kubectl("patch", "configmap", "settings", "--type=merge", "-p", "{\"data\":{\"word\":\"after\"}}");
            Await.until("the new pods are bound", Pods.SOON, () -> Stream.concat(pods.of("grows").stream(), pods.of("updates").stream())
                    .allMatch(p -> !Pods.text(p, "spec", "nodeName").isEmpty()) && pods.of("grows").size() == 3);
            shared.kubectl("", "cordon", gateway.node()).orFail();
            Await.until("the Node is found to be silent", Duration.ofSeconds(120), () -> shared.readiness(gateway.node()).equals("Unknown"));
            assertEquals("willow 1.0.0", pods.ask(goes, "/"), "a deletion that the gateway does not know of");
            assertTrue(pods.of("grows").size() == 3 && pods.get("reads").orElseThrow().getAsJsonObject("metadata").get("deletionTimestamp") == null,
                    "nothing is evicted");
            link.repair();

            assertAll(
                    () -> pods.await("reads", "is ready again", LIMIT, Pods::isReady),
                    () -> assertEquals(0, Pods.restarts(pods.get("reads").orElseThrow(), "web")),
                    () -> Await.until("its file has the new value", LIMIT, () -> word(gateway, Pods.uid(reads)).equals("after")),
                    () -> pods.awaitGone("goes"),
                    () -> assertTrue(pods.ask(goes, "/").startsWith("no answer")),
                    () -> assertTrue(pods.awaitReady("grows", 3).stream().anyMatch(p -> Pods.uid(p).equals(Pods.uid(kept)))),
                    () -> pods.awaitReady("shrinks", 1),
                    () -> Await.until("the update is complete", LIMIT, () -> pods.of("updates").size() == 1 && pods.ask(pods.of("updates").get(0), "/").equals("willow 2.0.0")),
                    () -> Await.until("the Node is Ready", LIMIT, () -> shared.readiness(gateway.node()).equals("True")),
                    () -> assertTrue(shared.get("default", "node", gateway.node()).orElseThrow().getAsJsonObject("spec").get("unschedulable").getAsBoolean()));
            for (JsonObject pod : pods.of("grows")) {
                inOrder(pods, pod);
            }
            sameOnBothSides(pods);
        }
    }

    @Test
    void aGatewayWhoseDataWereEmptiedGetsEverythingBack() throws Exception {
        Path work = Files.createDirectories(Installation.work().resolve("resync-emptied"));
        try (CloudProcess cloud = new CloudProcess(work.resolve("cloud"), shared.kubeconfig()).start();
                GatewayProcess gateway = new GatewayProcess(work.resolve("gateway"), "resync-emptied")) {
            String image = Images.web(gateway, "willow", "1.0.0");
            Pods pods = start(gateway, cloud, cloud.hubPort(), shared);
            pods.kubectl("create", "secret", "generic", "key", "--from-literal=word=hush");
            pods.apply(Pods.controller("Deployment", "stays", "replicas: 2\n",
                    pods.web(image, "env: [{name: WORD, valueFrom: {secretKeyRef: {name: key, key: word}}}]\n")));
            pods.apply(Pods.pod("goes", pods.web(image, "")));
            List<String> before = pods.awaitReady("stays", 2).stream().map(Pods::uid).sorted().toList();
            pods.awaitReady("goes");

            gateway.kelp("stop").orFail();
            pods.kubectl("delete", "pod", "goes", "--wait=false");
            try (Stream<Path> all = Files.list(gateway.home().resolve("data"))) {
                for (Path each : all.filter(f -> !f.endsWith("certs")).toList()) {
                    delete(each);
                }
            }
            gateway.start();

            Await.until("all pods serve again", LIMIT, () -> pods.of("stays").stream().allMatch(p -> Pods.isReady(p) && pods.ask(p, "/").equals("willow 1.0.0")));
            assertEquals(before, pods.of("stays").stream().map(Pods::uid).sorted().toList(), "they are the same pods");
            pods.awaitGone("goes");
            Await.until("the Node is Ready", LIMIT, () -> shared.readiness(gateway.node()).equals("True"));
            sameOnBothSides(pods);
        }
    }

    @Test
    @Tag("long")
    void anApiServerRestoredFromAnOlderBackupIsFollowed() throws Exception {
        Path work = Files.createDirectories(Installation.work().resolve("resync-restored"));
        Path backup = work.resolve("backup");
        try (ControlPlane plane = ControlPlane.start(work.resolve("plane"));
                CloudProcess cloud = new CloudProcess(work.resolve("cloud"), plane.kubeconfig()).start();
                GatewayProcess gateway = new GatewayProcess(work.resolve("gateway"), "resync-restored")) {
            String old = Images.web(gateway, "willow", "1.0.0");
            String fresh = Images.web(gateway, "willow", "2.0.0");
            Pods pods = start(gateway, cloud, cloud.hubPort(), plane);
            pods.apply(Pods.controller("Deployment", "scaled", "replicas: 1\n", pods.web(old, "")));
            pods.apply(Pods.pod("older", pods.web(old, "")));
            JsonObject first = pods.awaitReady("scaled", 1).get(0);
            String older = Pods.uid(pods.awaitReady("older"));
            plane.stop();
            copy(work.resolve("plane/etcd"), backup);
            ControlPlane.start(work.resolve("plane"));
            Await.until("the Node is Ready", LIMIT, () -> plane.readiness(gateway.node()).equals("True"));

            pods.kubectl("delete", "pod", "older", "--timeout=30s");
            pods.apply(Pods.pod("newer", pods.web(old, "")));
            pods.kubectl("scale", "deployment/scaled", "--replicas=2");
            pods.awaitReady("newer");
            JsonObject second = pods.awaitReady("scaled", 2).stream().filter(p -> !Pods.uid(p).equals(Pods.uid(first))).findFirst().orElseThrow();
            plane.stop();
            delete(work.resolve("plane/etcd"));
            copy(backup, work.resolve("plane/etcd"));
            ControlPlane.start(work.resolve("plane"));

            assertAll(
                    () -> assertTrue(listed(pods).contains(Pods.name(first))),
                    () -> Await.until("what was made after the backup ends", LIMIT, () -> !listed(pods).contains("newer") && !listed(pods).contains(Pods.name(second))),
                    () -> assertEquals("willow 1.0.0", pods.ask(first, "/")),
                    () -> assertEquals(0, Pods.restarts(pods.get(Pods.name(first)).orElseThrow(), "web"), "what both know goes on"),
                    () -> pods.await("older", "which is there again, runs or has ended", LIMIT, p -> Pods.uid(p).equals(older) && (Pods.isReady(p)
                            && pods.ask(p, "/").equals("willow 1.0.0") || Pods.phase(p).matches("Failed|Succeeded"))),
                    () -> Await.until("the Node is Ready", LIMIT, () -> plane.readiness(gateway.node()).equals("True")));
            pods.kubectl("set", "image", "deployment/scaled", "web=" + fresh);
            Await.until("an update works", LIMIT, () -> pods.of("scaled").size() == 1 && pods.ask(pods.of("scaled").get(0), "/").equals("willow 2.0.0"));
            pods.kubectl("delete", "pod", "older", "--timeout=30s");
            sameOnBothSides(pods);
        }
    }

    private static Pods start(GatewayProcess gateway, CloudProcess cloud, int hubPort, ControlPlane plane) {
        gateway.kelp("join", "--cloud", "127.0.0.1", "--hub-port", "" + hubPort, "--join-port", "" + cloud.joinPort(),
                "--token", cloud.token(), "--node", gateway.node()).orFail();
        gateway.start();
        Pods pods = new Pods(plane, gateway);
        Await.until("the Node is Ready", Pods.SOON, () -> plane.readiness(gateway.node()).equals("True"));
        return pods;
    }

    private static String word(GatewayProcess gateway, String uid) throws IOException {
        try (Stream<Path> all = Files.walk(gateway.home().resolve("data/pods/" + uid))) {
            Path file = all.filter(f -> f.endsWith("settings/word") && Files.isRegularFile(f)).findFirst().orElse(null);
            return file == null ? "" : Files.readString(file);
        }
    }

    /** Names of the pods that the gateway says it has. */
    private static List<String> listed(Pods pods) {
        return pods.gateway.kelp("pod", "list").orFail().lines().map(l -> l.split(" +")).filter(w -> w[0].equals(pods.namespace)).map(w -> w[1]).sorted().toList();
    }

    /** The gateway runs exactly the pods that are bound to it. */
    private static void sameOnBothSides(Pods pods) {
        Await.until("both sides have the same pods", LIMIT, () -> {
            List<String> there = new ArrayList<>();
            JsonParser.parseString(pods.kubectl("get", "pods", "-o", "json")).getAsJsonObject().getAsJsonArray("items")
                    .forEach(p -> there.add(Pods.name(p.getAsJsonObject())));
            return listed(pods).equals(there.stream().sorted().toList());
        });
    }

    /** The Events of the gateway about a pod tell what happened in the order in which it happened. */
    private static void inOrder(Pods pods, JsonObject pod) {
        List<String> expected = List.of("Created", "Started");
        Await.until("the Events of " + Pods.name(pod) + " are there", LIMIT, () -> expected.stream().allMatch(r -> pods.hasEvent(Pods.name(pod), r)));
        List<JsonObject> events = new ArrayList<>();
        for (JsonElement each : JsonParser.parseString(pods.kubectl("get", "events", "--field-selector", "involvedObject.name=" + Pods.name(pod), "-o", "json"))
                .getAsJsonObject().getAsJsonArray("items")) {
            if (expected.contains(Pods.text(each.getAsJsonObject(), "reason"))) {
                events.add(each.getAsJsonObject());
            }
        }
        events.sort(Comparator.comparing(e -> Long.parseLong(Pods.text(e, "metadata", "resourceVersion"))));
        assertEquals(expected, events.stream().map(e -> Pods.text(e, "reason")).toList());
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : all.toList()) {
                Files.copy(each, to.resolve(from.relativize(each).toString()));
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
