package io.kelp.load;

import io.kelp.testkit.Await;
import io.kelp.testkit.GatewayProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A gateway with 200 Modbus TCP devices of 10 registers each, read every second, at the mapper's own simulator in a process of its
 * own: processor time of the whole gateway, from the socket of the device to the message to the cloud.
 */
final class ModbusBench {

    private static final int DEVICES = 200;
    private static final int PROPERTIES = 10;
    private static final int ROUNDS = 5;
    private static final int ROUND_SECONDS = 10;

    private ModbusBench() {}

    /** @param still no value changes, so that nothing is reported: the cost of reading alone */
    static void run(Path work, boolean still) throws Exception {
        try (StandaloneCloud cloud = new StandaloneCloud(work)) {
            GatewayProcess gateway = cloud.addGateway();
            gateway.installMapper("modbus");
            Process simulator = simulator(gateway, work.resolve("simulator.log"));
            try {
                measure(gateway, new Api(cloud.kubeconfig()), port(work.resolve("simulator.log")), still);
            } finally {
                simulator.destroy();
            }
        }
    }

    private static Process simulator(GatewayProcess gateway, Path log) throws Exception {
        try (var files = Files.list(gateway.home().resolve("device-mappers"))) {
            Path jar = files.filter(f -> f.getFileName().toString().startsWith("mapper-modbus")).findFirst().orElseThrow();
            return new ProcessBuilder(ProcessHandle.current().info().command().orElse("java"), "-jar", jar.toString(),
                    "--tcp", "0", "--units", "1-" + DEVICES).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        }
    }

    private static int port(Path log) throws Exception {
        Await.until("the simulator listens", Duration.ofSeconds(20), () -> Files.readString(log).contains("Modbus TCP at"));
        String line = Files.readAllLines(log).get(0);
        return Integer.parseInt(line.substring(line.lastIndexOf(':') + 1).trim());
    }

    private static void measure(GatewayProcess gateway, Api api, int port, boolean still) throws Exception {
        long pid = gateway.pid();
        TimeUnit.SECONDS.sleep(20); // start-up work of the virtual machine is over
        double idle = share(pid);
        double before = Machine.residentMib(pid);
        create(api, port, still);
        Await.until("all devices are online", Duration.ofSeconds(60),
                () -> gateway.kelp("mapper", "devices").orFail().lines().filter(l -> l.contains("ONLINE")).count() >= DEVICES);
        TimeUnit.SECONDS.sleep(30); // the compiler has seen it
        double[] share = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            share[i] = share(pid);
        }
        System.out.printf("| %d Modbus devices of %d registers at 1 s, %s, %d rounds of %d s | median (rounds) |%n|---|---|%n",
                DEVICES, PROPERTIES, still ? "which stand still" : "one of which changes", ROUNDS, ROUND_SECONDS);
        System.out.printf("| of a core, whole gateway | %s %% (bar 10) |%n", Machine.medianOf(share, "%.1f"));
        System.out.printf("| of a core before there were devices | %.1f %% |%n", idle);
        System.out.printf("| resident memory before and after | %.0f, %.0f MiB |%n", before, Machine.residentMib(pid));
        System.out.printf("| load average | %s |%n", Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
    }

    /** Of a core, in percent, over one round. */
    private static double share(long pid) throws Exception {
        long cpu = Machine.cpuMillis(pid);
        long start = System.nanoTime();
        TimeUnit.SECONDS.sleep(ROUND_SECONDS);
        return (Machine.cpuMillis(pid) - cpu) * 100.0 / ((System.nanoTime() - start) / 1e6);
    }

    private static void create(Api api, int port, boolean still) throws Exception {
        StringBuilder model = new StringBuilder();
        StringBuilder device = new StringBuilder();
        for (int i = 0; i < PROPERTIES; i++) {
            // Input register 0 moves; the others stay, so nine of ten values are reported when they change, as in a plant.
            model.append(i == 0 ? "" : ",").append("{\"name\":\"p%d\",\"type\":\"DOUBLE\",\"accessMode\":\"ReadOnly\"}".formatted(i));
            device.append(i == 0 ? "" : ",").append("""
                    {"name":"p%d","collectCycle":1000,"reportCycle":1000,"reportToCloud":true,"visitors":{"protocolName":"modbus",
                    "configData":{"register":"InputRegister","offset":%d,"dataType":"int16","scale":0.1}}}""".formatted(i, i == 0 && !still ? 0 : 10 + i));
        }
        api.create("/apis/devices.kubeedge.io/v1beta1/namespaces/default/devicemodels", """
                {"apiVersion":"devices.kubeedge.io/v1beta1","kind":"DeviceModel","metadata":{"name":"bench-modbus","namespace":"default"},
                "spec":{"protocol":"modbus","properties":[%s]}}""".formatted(model));
        for (int unit = 1; unit <= DEVICES; unit++) {
            api.create("/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices", """
                    {"apiVersion":"devices.kubeedge.io/v1beta1","kind":"Device","metadata":{"name":"modbus-%d","namespace":"default"},
                    "spec":{"nodeName":"bench","deviceModelRef":{"name":"bench-modbus"},"protocol":{"protocolName":"modbus","configData":
                    {"communicateMode":"TCP","ip":"127.0.0.1","port":"%d","slaveID":"%d"}},"properties":[%s]}}""".formatted(unit, port, unit, device));
        }
    }
}
