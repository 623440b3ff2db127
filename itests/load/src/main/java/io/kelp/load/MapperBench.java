package io.kelp.load;

import io.kelp.load.MapperCase.Property;
import io.kelp.testkit.Await;
import io.kelp.testkit.GatewayProcess;
import io.kelp.testkit.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What each mapper of the zip costs a gateway: memory of the mapper and of a device, processor time of the whole chain from the device to
 * the message to the cloud. Each mapper gets a gateway of its own, that has had none before.
 */
final class MapperBench {

    private static final int MANY = 101;
    private static final int READ = 200;
    private static final int SLOW_MILLIS = 10_000;
    private static final int FAST_MILLIS = 1_000;
    private static final int REGISTERS = 1000;

    private final MapperCase mapper;
    private final boolean quick;
    private final Path work;
    private GatewayProcess gateway;
    private long pid;
    private Api api;
    private int port;

    private MapperBench(MapperCase mapper, boolean quick, Path work) {
        this.mapper = mapper;
        this.quick = quick;
        this.work = work;
    }

    /** What is compared: resident memory and what lives on the heap, after full collections. */
    private record Memory(double residentMib, double liveKib, double metaspaceMib) {

        static Memory of(long pid) throws IOException {
            JavaMemory java = JavaMemory.of(pid);
            return new Memory(Machine.residentMib(pid), java.liveBytes() / 1024.0, java.metaspaceMib());
        }
    }

    /** Processor time of a load. */
    private record Load(double share, double millisOf1000, double rate) {}

    /** @param arguments {@code quick} and {@code --only NAME,NAME} in any order, after the name of the benchmark */
    static void run(Path work, String[] arguments) throws Exception {
        List<String> words = Arrays.asList(arguments);
        int only = words.indexOf("--only");
        List<String> wanted = only < 0 ? List.of() : List.of(words.get(only + 1).split(","));
        List<String> rows = new ArrayList<>();
        for (MapperCase mapper : MapperCase.ALL) {
            if (wanted.isEmpty() || wanted.contains(mapper.name())) {
                rows.add(new MapperBench(mapper, words.contains("quick"), Files.createDirectories(work.resolve(mapper.name()))).run());
                System.err.println(rows.get(rows.size() - 1));
            }
        }
        System.out.printf("| mapper | loaded: resident MiB, live heap KiB, classes MiB | with one device: resident MiB, live heap KiB | each of 100 more at 10 s: resident KiB, live heap KiB "
                + "| %d at 1 s, changing: of a core %%, reads/s, ms for 1000 reads | the same, not changing | load average |%n|---|---|---|---|---|---|---|%n", READ);
        rows.forEach(System.out::println);
        if (wanted.isEmpty() || wanted.contains("registers")) {
            MapperCase modbus = MapperCase.ALL.stream().filter(m -> m.name().equals("modbus")).findFirst().orElseThrow();
            new MapperBench(modbus, words.contains("quick"), Files.createDirectories(work.resolve("registers"))).registers();
        }
    }

    private String run() throws Exception {
        try (StandaloneCloud cloud = new StandaloneCloud(work)) {
            gateway = cloud.addGateway();
            pid = gateway.pid();
            api = new Api(cloud.kubeconfig());
            Process simulator = simulator();
            try {
                return measure();
            } finally {
                if (simulator != null) {
                    simulator.destroy();
                }
            }
        }
    }

    private String measure() throws Exception {
        TimeUnit.SECONDS.sleep(20); // what the start leaves behind is gone by then
        Memory.of(pid);
        settle();
        Memory without = Memory.of(pid);
        gateway.installMapper(mapper.name());
        settle();
        Memory loaded = Memory.of(pid);
        api.create("/apis/devices.kubeedge.io/v1beta1/namespaces/default/devicemodels", mapper.model());
        create(1, 1, mapper.changing(), SLOW_MILLIS);
        settle();
        Memory one = Memory.of(pid);
        create(2, MANY, mapper.changing(), SLOW_MILLIS);
        TimeUnit.MILLISECONDS.sleep(2 * SLOW_MILLIS);
        Memory many = Memory.of(pid);
        delete(MANY);
        settle();
        long cpu = Machine.cpuMillis(pid);
        TimeUnit.MILLISECONDS.sleep(SLOW_MILLIS);
        double idle = (Machine.cpuMillis(pid) - cpu) / (double) SLOW_MILLIS;
        create(1, READ, mapper.changing(), FAST_MILLIS);
        Load changing = load(idle);
        delete(READ);
        create(1, READ, mapper.still(), FAST_MILLIS);
        Load still = load(idle);
        return String.format("| %s | %+.1f, %+.0f, %+.1f | %+.1f, %+.0f | %.0f, %.1f | %s | %s | %s |", mapper.name(),
                loaded.residentMib() - without.residentMib(), loaded.liveKib() - without.liveKib(), loaded.metaspaceMib() - without.metaspaceMib(),
                one.residentMib() - without.residentMib(), one.liveKib() - without.liveKib(),
                (many.residentMib() - one.residentMib()) * 1024 / (MANY - 1), (many.liveKib() - one.liveKib()) / (MANY - 1),
                text(changing), text(still), loadAverage());
    }

    private static String text(Load load) {
        return String.format("%.1f, %.0f, %.0f", 100 * load.share(), load.rate(), load.millisOf1000());
    }

    private static String loadAverage() throws IOException {
        return Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
    }

    private void settle() throws InterruptedException {
        TimeUnit.SECONDS.sleep(quick ? 3 : 10); // writes to the disk, messages and compilation that the change before has caused
    }

    private void create(int from, int to, Property property, int cycleMillis) throws Exception {
        for (int i = from; i <= to; i++) {
            api.create("/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices", mapper.object(i, property, cycleMillis, port));
        }
        Await.until("all devices are online", Duration.ofSeconds(90), () -> online() >= to);
    }

    private long online() {
        return gateway.kelp("mapper", "devices").orFail().lines().filter(l -> l.contains("ONLINE")).count();
    }

    private void delete(int count) throws Exception {
        for (int i = 1; i <= count; i++) {
            api.delete("/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices/" + mapper.device(i));
        }
        Await.until("the devices are gone", Duration.ofSeconds(60), () -> online() == 0);
    }

    /** @param idle part of a core that the gateway uses without devices */
    private Load load(double idle) throws Exception {
        TimeUnit.SECONDS.sleep(quick ? 10 : 30); // the compiler has seen it
        double reads = reads();
        long cpu = Machine.cpuMillis(pid);
        long start = System.nanoTime();
        TimeUnit.SECONDS.sleep(quick ? 20 : 60);
        double millis = (System.nanoTime() - start) / 1e6;
        double used = Machine.cpuMillis(pid) - cpu;
        double made = reads() - reads;
        return new Load(used / millis, (used - idle * millis) * 1000 / made, made * 1000 / millis);
    }

    /** Reads answered, and of a device that tells its values itself, the values that came. */
    private double reads() {
        return mapper.name().equals("mqtt") ? messages() : metric("kelp_mapper_reads_total");
    }

    /** Of presses that tell their state once a second: the time. */
    private double messages() {
        return READ * System.nanoTime() / 1e9;
    }

    private double metric(String name) {
        return gateway.kelp("metrics").orFail().lines().filter(l -> l.startsWith(name + " ")).mapToDouble(l -> Double.parseDouble(l.substring(name.length() + 1)))
                .findFirst().orElseThrow();
    }

    private Process simulator() throws IOException {
        port = Ports.free();
        return mapper.simulator().isEmpty() ? null : simulator(mapper.simulator());
    }

    private Process simulator(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElse("java"), "-jar"));
        try (var files = Files.list(gateway.home().resolve("device-mappers"))) {
            command.add(files.map(Path::toString).filter(f -> f.contains("mapper-" + mapper.name())).findFirst().orElseThrow());
        }
        arguments.forEach(a -> command.add(a.replace("PORT", "" + port).replace("BROKER", "" + gateway.mqttPort())));
        Path log = work.resolve("simulator.log");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        Await.until("the simulator runs", Duration.ofSeconds(30), () -> {
            if (!process.isAlive()) {
                throw new AssertionError("the simulator ended:\n" + Files.readString(log));
            }
            return Files.size(log) > 0;
        });
        return process;
    }

    /** One device with many registers, read as often as it can be. */
    private void registers() throws Exception {
        try (StandaloneCloud cloud = new StandaloneCloud(work)) {
            gateway = cloud.addGateway();
            pid = gateway.pid();
            api = new Api(cloud.kubeconfig());
            gateway.installMapper(mapper.name());
            Process simulator = simulator();
            try {
                int cycle = 20;
                api.create("/apis/devices.kubeedge.io/v1beta1/namespaces/default/devicemodels", wide(false, cycle));
                api.create("/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices", wide(true, cycle));
                Await.until("the device is online", Duration.ofSeconds(30), () -> online() == 1);
                Load load = load(0);
                System.out.printf("%nOne Modbus device with %d properties of one register, merged into blocks of 125, every %d ms: %.0f registers/s (bar 20000) with %.0f %% of a core, "
                        + "%.0f of %d cycles/s; load average %s%n", REGISTERS, cycle, load.rate() * REGISTERS, 100 * load.share(), load.rate(), 1000 / cycle, loadAverage());
            } finally {
                simulator.destroy();
            }
        }
    }

    private String wide(boolean device, int cycle) {
        StringBuilder properties = new StringBuilder();
        for (int i = 0; i < REGISTERS; i++) {
            properties.append(i == 0 ? "" : ",").append(device ? """
                    {"name":"r%1$d","collectCycle":%2$d,"visitors":{"protocolName":"modbus","configData":{"register":"HoldingRegister","offset":%3$d,"dataType":"uint16"}}}"""
                    .formatted(i, cycle, 100 + i) : "{\"name\":\"r%d\",\"type\":\"INT\",\"accessMode\":\"ReadOnly\"}".formatted(i));
        }
        return device ? """
                {"apiVersion":"devices.kubeedge.io/v1beta1","kind":"Device","metadata":{"name":"wide","namespace":"default"},"spec":{"nodeName":"bench",
                "deviceModelRef":{"name":"wide"},"protocol":{"protocolName":"modbus","configData":%s},"properties":[%s]}}"""
                .formatted(mapper.protocol().replace("PORT", "" + port).replace("NUMBER", "1"), properties) : """
                {"apiVersion":"devices.kubeedge.io/v1beta1","kind":"DeviceModel","metadata":{"name":"wide","namespace":"default"},
                "spec":{"protocol":"modbus","properties":[%s]}}""".formatted(properties);
    }
}
