package io.kelp.load;

import io.kelp.testkit.Await;
import io.kelp.testkit.GatewayProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * From the patch of a Device at the API server to the driver's write, taken from the log that the
 * counter driver keeps on the device's side ({@code configData.log}: a file in the gateway's log folder, time in
 * milliseconds, device, what happened). A stamp of a whole millisecond counts as its middle.
 */
final class DesiredBench {

    private static final int RUNS = 200;
    private static final String DEVICE = "/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices/";

    private DesiredBench() {}

    /** @param standalone at the API of a standalone cloud service instead of a real control plane */
    static void run(Path work, boolean standalone) throws Exception {
        if (standalone) {
            try (StandaloneCloud cloud = new StandaloneCloud(work)) {
                measure(cloud.addGateway(), new Api(cloud.kubeconfig()));
            }
        } else {
            try (Rig rig = new Rig(work)) {
                measure(rig.gateway, rig.api);
            }
        }
    }

    private static void measure(GatewayProcess gateway, Api api) throws Exception {
        Path log = gateway.home().resolve("log/device.log");
        gateway.installMapper("counter");
        api.create("/apis/devices.kubeedge.io/v1beta1/namespaces/default/devicemodels", """
                {"apiVersion":"devices.kubeedge.io/v1beta1","kind":"DeviceModel","metadata":{"name":"counter-model","namespace":"default"},
                "spec":{"protocol":"counter","properties":[{"name":"status","type":"STRING","accessMode":"ReadWrite"},
                {"name":"count","type":"INT","accessMode":"ReadOnly"}]}}""");
        api.create("/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices", """
                {"apiVersion":"devices.kubeedge.io/v1beta1","kind":"Device","metadata":{"name":"bench-counter","namespace":"default"},
                "spec":{"nodeName":"bench","deviceModelRef":{"name":"counter-model"},
                "protocol":{"protocolName":"counter","configData":{"log":"device.log"}},"properties":[%s]}}""".formatted(properties("OFF")));
        Await.until("the driver has written OFF", Duration.ofSeconds(20), () -> !writes(log).isEmpty());
        int before = writes(log).size();
        long[] micros = new long[RUNS];
        long[] answers = new long[RUNS];
        for (int i = 0; i < RUNS; i++) {
            int expected = before + i + 1;
            long start = micros();
            api.mergePatch(DEVICE + "bench-counter", "{\"spec\":{\"properties\":[" + properties(i % 2 == 0 ? "ON" : "OFF") + "]}}");
            answers[i] = micros() - start;
            Await.until("the driver has written", Duration.ofSeconds(10), () -> writes(log).size() == expected);
            micros[i] = Long.parseLong(writes(log).get(expected - 1).split(" ")[0]) * 1000 + 500 - start;
            TimeUnit.MILLISECONDS.sleep(20);
        }
        System.out.printf("| Device patched at the API server until the driver's write, %d patches | |%n|---|---|%n", RUNS);
        System.out.printf("| p10 | %.1f ms |%n", Machine.percentile(micros, 0.1) / 1000);
        System.out.printf("| p50 | %.1f ms (bar 10) |%n", Machine.percentile(micros, 0.5) / 1000);
        System.out.printf("| p99 | %.1f ms |%n", Machine.percentile(micros, 0.99) / 1000);
        for (int i = 0; i < RUNS; i++) {
            micros[i] -= answers[i];
        }
        System.out.printf("| p50 after the API server's answer to the patch | %.1f ms |%n", Machine.percentile(micros, 0.5) / 1000);
        System.out.printf("| p50 of that answer itself | %.1f ms |%n", Machine.percentile(answers, 0.5) / 1000);
    }

    private static String properties(String desired) {
        return "{\"name\":\"status\",\"desired\":{\"value\":\"" + desired + "\"},\"reportToCloud\":true},{\"name\":\"count\",\"reportToCloud\":true}";
    }

    private static List<String> writes(Path log) throws Exception {
        return !Files.exists(log) ? List.of() : Files.readAllLines(log).stream().filter(l -> l.contains(" write ")).toList();
    }

    private static long micros() {
        java.time.Instant now = java.time.Instant.now();
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1000;
    }
}
