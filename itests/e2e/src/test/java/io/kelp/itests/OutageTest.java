package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.kelp.testkit.Await;
import io.kelp.testkit.CloudProcess;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cloud is away while 50 devices report 5000 values: all newest values are right soon after. */
@Tag("slow")
@ExtendWith(Installation.class)
class OutageTest {

    private static final int DEVICES = 50;
    private static final int ROUNDS = 100;

    private final ControlPlane plane;

    OutageTest(ControlPlane plane) {
        this.plane = plane;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void newestValuesArriveWithin5SecondsOfTheLink(boolean killGateway) throws Exception {
        String prefix = killGateway ? "outage-kill" : "outage";
        try (CloudProcess cloud = new CloudProcess(Installation.work().resolve(prefix + "-cloud"), plane.kubeconfig()).start();
                GatewayProcess gateway = new Installation.Gateways(cloud).joined(prefix)) {
            gateway.start();
            StringBuilder devices = new StringBuilder();
            for (int i = 0; i < DEVICES; i++) {
                devices.append(Devices.plain(gateway.node() + "-" + i, prefix, gateway.node(), "x"));
            }
            plane.apply(Devices.counterModel(prefix));
            plane.apply(devices.toString());
            Await.until("the gateway has all devices", Duration.ofSeconds(30),
                    () -> gateway.kelp("device", "list").orFail().lines().filter(l -> l.contains(gateway.node() + "-")).count() >= DEVICES);

            cloud.kill();
            long away = System.nanoTime();
            Map<String, Integer> last = report(gateway);
            if (killGateway) {
                gateway.kill();
                gateway.start();
            }
            Thread.sleep(Math.max(0, 20_000 - (System.nanoTime() - away) / 1_000_000));
            cloud.start();
            Await.until("the link is back", Duration.ofSeconds(30), () -> gateway.linkState().equals("CONNECTED"));
            long linked = System.nanoTime();

            Await.until("all values are right", Duration.ofSeconds(60), () -> wrong(last) == 0);
            assertEquals(0, Math.max(0, (System.nanoTime() - linked) / 1_000_000_000 - 5), "seconds above the 5 allowed");
        }
    }

    private static Map<String, Integer> report(GatewayProcess gateway) throws Exception {
        Map<String, Integer> last = new HashMap<>();
        try (Reporter reporter = new Reporter(gateway.mqttPort())) {
            for (int round = 1; round <= ROUNDS; round++) {
                for (int i = 0; i < DEVICES; i++) {
                    reporter.report(gateway.node() + "-" + i, round);
                }
            }
            Await.until("all reports are acknowledged", Duration.ofSeconds(30),
                    () -> reporter.acknowledged().size() == DEVICES
                            && reporter.acknowledged().values().stream().allMatch(v -> v == ROUNDS));
            last.putAll(reporter.acknowledged());
        }
        return last;
    }

    private long wrong(Map<String, Integer> expected) {
        Map<String, String> actual = Devices.allReported(plane, "value");
        return expected.entrySet().stream().filter(e -> !String.valueOf(e.getValue()).equals(actual.get(e.getKey()))).count();
    }
}
