package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.testkit.Await;
import io.kelp.testkit.CloudProcess;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.paho.client.mqttv3.MqttException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * {@code kill -9} of gateway and cloud at random moments under load. This process records what was
 * acknowledged (reports by MQTT, desired values by the API server) and compares in the end.
 */
@Tag("slow")
@ExtendWith(Installation.class)
class KillTest {

    private static final int DEVICES = 10;

    private final ControlPlane plane;

    KillTest(ControlPlane plane) {
        this.plane = plane;
    }

    @Test
    void twentyKillsLoseNothing() throws Exception {
        kills(20, "kills");
    }

    @Test
    @Tag("long")
    void threeHundredKillsLoseNothing() throws Exception {
        kills(300, "kills-long");
    }

    private void kills(int times, String prefix) throws Exception {
        Random random = new Random(4711);
        try (CloudProcess cloud = new CloudProcess(Installation.work().resolve(prefix + "-cloud"), plane.kubeconfig()).start();
                GatewayProcess gateway = new Installation.Gateways(cloud).joined(prefix)) {
            gateway.start().installMapper("counter");
            StringBuilder devices = new StringBuilder();
            for (int i = 0; i < DEVICES; i++) {
                devices.append(Devices.plain(name(gateway, i), prefix, gateway.node(), "0"));
            }
            plane.apply(Devices.counterModel(prefix));
            plane.apply(devices.toString());
            Await.until("the gateway has all devices", Duration.ofSeconds(30),
                    () -> gateway.kelp("device", "list").orFail().lines().filter(l -> l.contains(name(gateway, 0).replaceAll("0$", ""))).count() >= DEVICES);

            Load load = new Load(gateway);
            Map<String, Integer> desired = new HashMap<>();
            for (int kill = 1; kill <= times; kill++) {
                String device = name(gateway, kill % DEVICES);
                plane.patch("default", "device", device, "{\"spec\":{\"properties\":[{\"name\":\"value\",\"desired\":{\"value\":\""
                        + kill + "\",\"metadata\":{\"type\":\"string\"}},\"reportToCloud\":true}]}}");
                desired.put(device, kill);
                Thread.sleep(random.nextInt(700)); // the random moment
                if (random.nextBoolean()) {
                    load.pause();
                    gateway.kill();
                    gateway.start();
                    load.resume();
                } else {
                    cloud.kill();
                    cloud.start();
                }
            }
            Map<String, Integer> acknowledged = load.finish();
            Await.until("the link is back", Duration.ofSeconds(60), () -> gateway.linkState().equals("CONNECTED"));

            Await.until("every acknowledged report, or a newer one, is in the API", Duration.ofSeconds(30), () -> {
                Map<String, String> actual = Devices.allReported(plane, "value");
                return acknowledged.entrySet().stream()
                        .allMatch(e -> Integer.parseInt("0" + actual.getOrDefault(e.getKey(), "")) >= e.getValue());
            });
            for (Map.Entry<String, Integer> e : desired.entrySet()) {
                Await.until("desired value " + e.getValue() + " of " + e.getKey() + " is at the gateway", Duration.ofSeconds(30),
                        () -> gateway.kelp("device", "get", e.getKey()).orFail().contains(String.valueOf(e.getValue())));
            }
            assertTrue(gateway.kelp("mapper", "list").orFail().contains("counter"), "the mapper is still installed");
        }
    }

    private static String name(GatewayProcess gateway, int i) {
        return gateway.node() + "-d" + i;
    }

    /** Reports without pause but while the gateway is down; remembers acknowledgements across connections. */
    private static final class Load {

        private final GatewayProcess gateway;
        private final Map<String, Integer> acknowledged = new HashMap<>();
        private AtomicBoolean running;
        private Thread thread;
        private int next = 1;

        Load(GatewayProcess gateway) {
            this.gateway = gateway;
            resume();
        }

        void resume() {
            AtomicBoolean mine = new AtomicBoolean(true);
            running = mine;
            thread = new Thread(() -> run(mine), "load");
            thread.start();
        }

        void pause() {
            running.set(false);
        }

        private void run(AtomicBoolean mine) {
            try (Reporter reporter = new Reporter(gateway.mqttPort())) {
                while (mine.get()) {
                    for (int i = 0; i < DEVICES; i++) {
                        reporter.report(name(gateway, i), next);
                    }
                    next++;
                    merge(reporter);
                }
                Thread.sleep(200); // the last answers
                merge(reporter);
            } catch (MqttException e) {
                // The gateway was killed meanwhile: what it acknowledged before counts.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private synchronized void merge(Reporter reporter) {
            reporter.acknowledged().forEach((device, value) -> acknowledged.merge(device, value, Math::max));
        }

        Map<String, Integer> finish() throws InterruptedException {
            pause();
            thread.join(20_000);
            synchronized (this) {
                return Map.copyOf(acknowledged);
            }
        }
    }
}
