package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.kelp.testkit.Await;
import io.kelp.testkit.CloudProcess;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import io.kelp.testkit.Shell;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** From an installation without a cluster to a real one and back, with a gateway that nobody touches. */
@Tag("slow")
class MoveTest {

    private static final Duration SOON = Duration.ofSeconds(40);

    @Test
    void aGatewayStaysJoinedAndItsDevicesObeyAfterAMoveAndBack() throws Exception {
        Path work = Installation.work().resolve("move");
        try (CloudProcess standalone = CloudProcess.standalone(work.resolve("standalone")).start();
                GatewayProcess gateway = new Installation.Gateways(standalone).joined("move");
                ControlPlane real = ControlPlane.start(work.resolve("control-plane"));
                CloudProcess moved = standalone.movedTo(work.resolve("moved"), real.kubeconfig())) {
            ControlPlane before = ControlPlane.of(standalone);
            String device = gateway.node() + "-counter";
            gateway.start().installMapper("counter");
            before.apply(Devices.counterModel(device));
            before.apply(Devices.counter(device, device, gateway.node()));
            switchTo(before, device, "ON");
            String certificate = certificate(gateway);
            long pid = gateway.pid();

            Path there = work.resolve("there.yaml");
            standalone.run("export", "--data", standalone.work().resolve("data").toString(), "-o", there.toString()).orFail();
            standalone.stop();
            Shell.Output first = real.kubectl("", "apply", "-f", there.toString());
            Shell.Output second = real.kubectl("", "apply", "-f", there.toString());
            assertEquals(0, second.exitCode(), first + "\n" + second);
            moved.run("import", there.toString(), "--kubeconfig", real.kubeconfig().toString()).orFail();
            assertEquals("ON", Devices.reported(real, device, "status"), "what was reported came along");
            moved.start();
            Await.until("the Node is Ready there", SOON, () -> real.readiness(gateway.node()).equals("True"));
            switchTo(real, device, "OFF");
            switchTo(real, device, "ON");
            Await.until("the gateway says so, too", SOON, () -> gateway.kelp("device", "get", device).orFail().contains("ON"));
            counts(real, device);

            Path back = work.resolve("back.yaml");
            moved.run("export", "--kubeconfig", real.kubeconfig().toString(), "-o", back.toString()).orFail();
            moved.stop();
            standalone.start();
            standalone.run("import", back.toString(), "--data", standalone.work().resolve("data").toString()).orFail();
            Await.until("the Node is Ready again", SOON, () -> before.readiness(gateway.node()).equals("True"));
            switchTo(before, device, "OFF");
            switchTo(before, device, "ON");
            counts(before, device);

            assertEquals(certificate, certificate(gateway), "no new certificate");
            assertEquals(pid, gateway.pid(), "the gateway has not been started again");
        }
    }

    private static String certificate(GatewayProcess gateway) throws IOException {
        return Files.readString(gateway.home().resolve("data/certs/edge.crt"), StandardCharsets.ISO_8859_1);
    }

    private static void switchTo(ControlPlane plane, String device, String value) {
        plane.patch("default", "device", device, Devices.desired(value));
        Await.until(value + " is reported", SOON, () -> Devices.reported(plane, device, "status").equals(value));
    }

    private static void counts(ControlPlane plane, String device) {
        String before = Devices.reported(plane, device, "count");
        Await.until("it counts on", SOON, () -> !Devices.reported(plane, device, "count").equals(before));
    }
}
