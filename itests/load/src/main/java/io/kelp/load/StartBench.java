package io.kelp.load;

import io.kelp.testkit.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** From {@code kelp start} to the Node's condition Ready; the Lease is let run out before each start. */
final class StartBench {

    private static final int RUNS = 9;

    private StartBench() {}

    static void run(Path work) throws Exception {
        try (Rig rig = new Rig(work)) {
            long[] command = new long[RUNS];
            long[] ready = new long[RUNS];
            long[] cpu = new long[RUNS];
            for (int i = 0; i < RUNS; i++) {
                rig.gateway.kelp("stop").orFail();
                rig.api.mergePatch("/api/v1/nodes/bench/status",
                        "{\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"Unknown\",\"reason\":\"Bench\",\"message\":\"stopped\"}]}}");
                long start = System.nanoTime();
                rig.gateway.start();
                command[i] = System.nanoTime() - start;
                Await.until("Ready", Duration.ofSeconds(30), () -> isReady(rig));
                ready[i] = System.nanoTime() - start;
                cpu[i] = Machine.cpuMillis(rig.gateway.pid());
                TimeUnit.SECONDS.sleep(2);
            }
            System.out.printf("| median of %d | |%n|---|---|%n", RUNS);
            System.out.printf("| kelp start returns | %.2f s |%n", Machine.percentile(command, 0.5) / 1e9);
            System.out.printf("| kelp start until the Node is Ready | %.2f s (bar 3) |%n", Machine.percentile(ready, 0.5) / 1e9);
            System.out.printf("| processor time of the gateway by then | %.2f s |%n", Machine.percentile(cpu, 0.5) / 1e3);
        }
    }

    private static boolean isReady(Rig rig) throws Exception {
        for (var condition : rig.api.get("/api/v1/nodes/bench").getAsJsonObject("status").getAsJsonArray("conditions")) {
            if (condition.getAsJsonObject().get("type").getAsString().equals("Ready")) {
                return condition.getAsJsonObject().get("status").getAsString().equals("True");
            }
        }
        return false;
    }
}
