package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.testkit.Await;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The gateway as a Node: Ready soon after its start, NotReady soon after its death. */
@ExtendWith(Installation.class)
class NodeLifeTest {

    private final ControlPlane plane;
    private final Installation.Gateways gateways;

    NodeLifeTest(ControlPlane plane, Installation.Gateways gateways) {
        this.plane = plane;
        this.gateways = gateways;
    }

    @Test
    void becomesReadyAndIsNotReadyAMinuteAfterItsDeath() {
        try (GatewayProcess gateway = gateways.joined("life")) {
            gateway.start();
            Await.until("the Node is Ready", Duration.ofSeconds(10), () -> plane.readiness(gateway.node()).equals("True"));

            gateway.kill();

            Await.until("the Node is not Ready", Duration.ofSeconds(60), () -> !plane.readiness(gateway.node()).equals("True"));
            gateway.start();
            Await.until("the Node is Ready again", Duration.ofSeconds(20), () -> plane.readiness(gateway.node()).equals("True"));
        }
    }

    @Test
    void aDeletedNodeIsRegisteredAgain() {
        try (GatewayProcess gateway = gateways.joined("deleted")) {
            gateway.start();
            Await.until("the Node is Ready", Duration.ofSeconds(10), () -> plane.readiness(gateway.node()).equals("True"));

            plane.kubectl("", "delete", "node", gateway.node()).orFail();

            Await.until("the Node is Ready again", Duration.ofSeconds(60), () -> plane.readiness(gateway.node()).equals("True"));
        }
    }

    @Test
    void localCommandsAnswerWithin150Milliseconds() {
        try (GatewayProcess gateway = gateways.joined("quick")) {
            gateway.start();
            gateway.status();
            long[] millis = new long[21];
            for (int i = 0; i < millis.length; i++) {
                long start = System.nanoTime();
                gateway.kelp("status", "--json").orFail();
                millis[i] = (System.nanoTime() - start) / 1_000_000;
            }
            Arrays.sort(millis);
            assertTrue(millis[millis.length / 2] <= 150, "median " + millis[millis.length / 2] + " ms of " + Arrays.toString(millis));
        }
    }
}
