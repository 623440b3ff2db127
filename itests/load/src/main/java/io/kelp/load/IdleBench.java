package io.kelp.load;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A gateway with counter and broker after load: at rest, then with 10 values a second changing. */
final class IdleBench {

    private static final int MINUTES = 2;

    private IdleBench() {}

    static void run(Path work) throws Exception {
        try (Rig rig = new Rig(work)) {
            rig.plainDevices("d", 50);
            rig.gateway.installMapper("counter");
            TwinBench.load(rig, 60_000, 100);
            TimeUnit.SECONDS.sleep(70); // the load is folded into the database
            System.out.printf("| gateway with counter and broker, after 60 000 twin updates | |%n|---|---|%n");
            measure(rig, "at rest", 5, () -> TimeUnit.MINUTES.sleep(MINUTES));
            int[] values = new int[1];
            measure(rig, "with 10 values/s", 60, () -> values[0] = TwinBench.steady(rig, 10, Duration.ofMinutes(MINUTES)));
            System.out.printf("| values answered meanwhile | %d |%n", values[0]);
            System.out.printf("| resident memory | %.0f MiB (bar 120) |%n", Machine.residentMib(rig.gateway.pid()));
        }
    }

    /** What goes on while it is measured. */
    private interface Activity {
        void run() throws Exception;
    }

    private static void measure(Rig rig, String what, int bar, Activity activity) throws Exception {
        long pid = rig.gateway.pid();
        long cpu = Machine.cpuMillis(pid);
        long written = Machine.writtenBytes(pid);
        long device = Machine.deviceBytes(rig.gateway.home());
        activity.run();
        System.out.printf("| processor use %s | %.2f %% (bar at rest 0.5) |%n", what, (Machine.cpuMillis(pid) - cpu) / (600.0 * MINUTES));
        System.out.printf("| written %s, by the process | %.1f KB/min (bar %d) |%n", what,
                (Machine.writtenBytes(pid) - written) / 1024.0 / MINUTES, bar);
        System.out.printf("| written %s, to the block device by everybody | %.1f KB/min |%n", what,
                (Machine.deviceBytes(rig.gateway.home()) - device) / 1024.0 / MINUTES);
    }
}
