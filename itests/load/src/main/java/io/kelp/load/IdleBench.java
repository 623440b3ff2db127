package io.kelp.load;

import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A gateway with counter and broker after load: at rest, then with 10 values a second changing. */
final class IdleBench {

    private IdleBench() {}

    static void run(Path work) throws Exception {
        try (Rig rig = new Rig(work)) {
            rig.plainDevices("d", 50);
            rig.gateway.installMapper("counter");
            TwinBench.load(rig, 60_000, 100);
            TimeUnit.SECONDS.sleep(90); // the load is folded into the database
            long pid = rig.gateway.pid();
            System.out.printf("| gateway with counter and broker, after 60 000 twin updates | |%n|---|---|%n");
            minute(pid, "at rest", 5);
            ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
            ScheduledExecutorService values = clock;
            int[] n = {0};
            values.scheduleAtFixedRate(() -> {
                try {
                    TwinBench.load(rig, 1, 1);
                    n[0]++;
                } catch (Exception e) {
                    // One lost second is seen in the number of values below.
                    System.err.println(e);
                }
            }, 0, 100, TimeUnit.MILLISECONDS);
            minute(pid, "with 10 values/s", 60);
            clock.shutdownNow();
            System.out.printf("| values in these minutes | %d |%n", n[0]);
            System.out.printf("| resident memory | %.0f MiB (bar 120) |%n", Machine.residentMib(pid));
        }
    }

    private static void minute(long pid, String what, int bar) throws Exception {
        int minutes = 3;
        long cpu = Machine.cpuMillis(pid);
        long written = Machine.writtenBytes(pid);
        TimeUnit.MINUTES.sleep(minutes);
        System.out.printf("| processor use %s | %.2f %% (bar at rest 0.5) |%n", what, (Machine.cpuMillis(pid) - cpu) / (600.0 * minutes));
        System.out.printf("| written %s | %.1f KB/min (bar %d) |%n", what, (Machine.writtenBytes(pid) - written) / 1024.0 / minutes, bar);
    }
}
