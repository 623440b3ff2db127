package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.testkit.Await;
import io.kelp.testkit.CloudProcess;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import io.kelp.testkit.Shell;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Objects that change while nobody can tell the gateway: what is deleted, made again, moved and changed arrives later. */
@Tag("slow")
@ExtendWith(Installation.class)
class OutageOfObjectsTest {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration CLOUD_FINDS_BACK = Duration.ofSeconds(90);

    private final ControlPlane plane;

    OutageOfObjectsTest(ControlPlane plane) {
        this.plane = plane;
    }

    @Test
    void whatChangesWhileTheGatewayIsOffArrives() {
        try (CloudProcess cloud = new CloudProcess(Installation.work().resolve("objects-off-cloud"), plane.kubeconfig()).start()) {
            arrives(cloud, "objects-off", (gateway, change) -> {
                gateway.kill();
                change.run();
                gateway.start();
            });
        }
    }

    @Test
    void whatChangesWhileTheCloudIsDownArrives() {
        try (CloudProcess cloud = new CloudProcess(Installation.work().resolve("objects-cut-cloud"), plane.kubeconfig()).start()) {
            arrives(cloud, "objects-cut", (gateway, change) -> {
                cloud.kill();
                change.run();
                cloud.start();
            });
        }
    }

    /** Makes a change at the API at a time when it cannot reach the gateway. */
    private interface Outage {
        void around(GatewayProcess gateway, Runnable change);
    }

    private void arrives(CloudProcess cloud, String prefix, Outage outage) {
        Installation.Gateways gateways = new Installation.Gateways(cloud);
        try (GatewayProcess here = gateways.joined(prefix); GatewayProcess there = gateways.joined(prefix + "-there")) {
            here.start().installMapper("counter");
            there.start().installMapper("counter");
            String gone = here.node() + "-gone";
            String again = here.node() + "-again";
            String moved = here.node() + "-moved";
            String changed = here.node() + "-changed";
            List<String> all = List.of(gone, again, moved, changed);
            plane.apply(Devices.counterModel(here.node()));
            for (String device : all) {
                plane.apply(Devices.counter(device, here.node(), here.node()));
            }
            plane.apply(Devices.counterModel(changed));
            plane.patch("default", "device", changed, "{\"spec\":{\"deviceModelRef\":{\"name\":\"" + changed + "\"}}}");
            for (String device : all) {
                Await.until(device + " reports OFF", SOON, () -> Devices.reported(plane, device, "status").equals("OFF"));
            }
            Await.until("a count is refused", SOON, () -> here.kelp("device", "set", changed, "count", "5").exitCode() != 0);

            outage.around(here, () -> {
                plane.kubectl("", "-n", "default", "delete", "device", gone, again).orFail();
                plane.apply(Devices.counter(again, here.node(), here.node()).replace("'OFF'", "'ON'"));
                plane.patch("default", "device", moved, "{\"spec\":{\"nodeName\":\"" + there.node() + "\"}}");
                plane.apply(Devices.counterModel(changed).replace("ReadOnly", "ReadWrite"));
            });

            Await.until(again + " was made again and is ON", SOON, () -> Devices.reported(plane, again, "status").equals("ON"));
            Await.until("two devices are gone here", SOON, () -> {
                String list = here.kelp("device", "list").orFail();
                return !list.contains(gone) && !list.contains(moved);
            });
            Await.until(moved + " is there", SOON, () -> there.kelp("device", "get", moved).orFail().contains("OFF"));
            plane.patch("default", "device", moved, Devices.desired("ON"));
            Await.until("and is switched there", SOON, () -> Devices.reported(plane, moved, "status").equals("ON"));
            Await.until("the changed model lets a count be set", SOON, () -> here.kelp("device", "set", changed, "count", "5").exitCode() == 0);
        }
    }

    @Test
    void anApiServerThatWasRestoredFromABackupIsObeyed() throws Exception {
        Path directory = Installation.work().resolve("restored-plane");
        ControlPlane own = ControlPlane.start(directory);
        try (CloudProcess cloud = new CloudProcess(Installation.work().resolve("restored-cloud"), own.kubeconfig()).start();
                GatewayProcess gateway = new Installation.Gateways(cloud).joined("restored")) {
            gateway.start().installMapper("counter");
            String device = gateway.node() + "-c";
            own.apply(Devices.counterModel(device));
            own.apply(Devices.counter(device, device, gateway.node()));
            own.patch("default", "device", device, Devices.desired("ON"));
            Await.until("ON is reported", SOON, () -> Devices.reported(own, device, "status").equals("ON"));

            own.stop();
            copy(directory.resolve("etcd"), directory.resolve("backup"));
            ControlPlane.start(directory);
            for (String value : List.of("OFF", "ON", "OFF", "ON", "OFF")) {
                own.patch("default", "device", device, Devices.desired(value));
                Await.until(value + " is reported", CLOUD_FINDS_BACK, () -> Devices.reported(own, device, "status").equals(value));
            }
            passVersions(own, 500);
            own.patch("default", "device", device, Devices.desired("ON"));
            Await.until("ON is at the gateway", SOON, () -> gateway.kelp("device", "get", device).orFail().lines().anyMatch(l -> l.matches("status .*\\bON +ON\\b.*")));
            own.patch("default", "device", device, Devices.desired("OFF"));
            Await.until("OFF is at the gateway", SOON, () -> gateway.kelp("device", "get", device).orFail().lines().anyMatch(l -> l.matches("status .*\\bOFF +OFF\\b.*")));
            long newest = version(own, device);

            own.stop();
            Shell.run(SOON, directory, Map.of(), List.of("rm", "-r", "etcd")).orFail();
            copy(directory.resolve("backup"), directory.resolve("etcd"));
            ControlPlane.start(directory);
            assertTrue(version(own, device) < newest, "the API server is in an older state");

            Await.until("what the restored API server wants, ON, is done", CLOUD_FINDS_BACK,
                    () -> gateway.kelp("device", "get", device).orFail().lines().anyMatch(l -> l.matches("status .*\\bON +ON\\b.*")));
            own.patch("default", "device", device, Devices.desired("OFF"));
            assertTrue(version(own, device) < newest, "still older than what the gateway has seen");
            Await.until("a newer desired value is accepted", CLOUD_FINDS_BACK,
                    () -> gateway.kelp("device", "get", device).orFail().lines().anyMatch(l -> l.matches("status .*\\bOFF +OFF\\b.*")));
            Await.until("and reported", CLOUD_FINDS_BACK, () -> Devices.reported(own, device, "status").equals("OFF"));
        } finally {
            own.close();
        }
    }

    private static long version(ControlPlane plane, String device) {
        return plane.get("default", "device", device).orElseThrow().getAsJsonObject("metadata").get("resourceVersion").getAsLong();
    }

    /** Makes the API server count on by many versions, as days of life do. */
    private static void passVersions(ControlPlane plane, int versions) {
        StringBuilder objects = new StringBuilder();
        for (int i = 0; i < versions; i++) {
            objects.append("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: version-").append(i).append(", namespace: default}\n");
        }
        plane.kubectl(objects.toString(), "create", "-f", "-").orFail();
    }

    private static void copy(Path from, Path to) {
        Shell.run(SOON, from.getParent(), Map.of(), List.of("cp", "-a", from.toString(), to.toString())).orFail();
    }
}
