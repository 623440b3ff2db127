package io.kelp.load;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.load.DayWitness.Reason;
import io.kelp.load.DayWitness.Window;
import io.kelp.testkit.Await;
import io.kelp.testkit.Cable;
import io.kelp.testkit.GatewayProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/**
 * A day of a gateway with 200 simulated devices, faster than real: devices fail, the mapper is exchanged, the link is cut, desired values
 * change meanwhile. Says whether memory stayed flat and why each report that is missing is missing.
 */
final class DayBench {

    private static final long CYCLE_MILLIS = 10_000; // of a device, before it goes faster
    private static final List<String> FAULTS = List.of("offline", "flapping", "slow", "hanging", "nan", "wrong-type", "refusing");

    private final int devices;
    private final int hours;
    private final int speed;
    private final Random dice = new Random(42);
    private final Map<String, String> desired = new HashMap<>();
    private GatewayProcess gateway;
    private Api api;
    private DayWitness witness;

    private DayBench(int devices, int hours, int speed) {
        this.devices = devices;
        this.hours = hours;
        this.speed = speed;
    }

    static void run(Path work, String[] arguments) throws Exception {
        Map<String, Integer> options = new HashMap<>(Map.of("--devices", 200, "--hours", 24, "--speed", 50));
        for (int i = 1; i + 1 < arguments.length; i += 2) {
            if (options.replace(arguments[i], Integer.valueOf(arguments[i + 1])) == null) {
                throw new IllegalArgumentException("no option " + arguments[i] + "; there are " + options.keySet());
            }
        }
        new DayBench(options.get("--devices"), options.get("--hours"), options.get("--speed")).run(work);
    }

    private void run(Path work) throws Exception {
        try (StandaloneCloud cloud = new StandaloneCloud(work); Cable cable = new Cable(cloud.hubPort())) {
            gateway = cloud.addGateway(cable.port());
            gateway.installMapper("simulator");
            api = new Api(cloud.kubeconfig());
            create();
            long cycle = CYCLE_MILLIS / speed;
            try (DayWitness seeing = new DayWitness(gateway.mqttPort(), cycle)) {
                witness = seeing;
                Await.until("all devices report", Duration.ofSeconds(60), () -> names().stream().allMatch(d -> witness.number(d) > 0));
                long cpu = Machine.cpuMillis(gateway.pid());
                List<Double> memory = day(cable, work);
                settle();
                print(memory, Machine.cpuMillis(gateway.pid()) - cpu);
            }
        }
    }

    private List<String> names() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < devices; i++) {
            names.add("day-" + i);
        }
        return names;
    }

    private void create() throws Exception {
        api.create("/apis/devices.kubeedge.io/v1beta1/namespaces/default/devicemodels", """
                {"apiVersion":"devices.kubeedge.io/v1beta1","kind":"DeviceModel","metadata":{"name":"day","namespace":"default"},"spec":{"protocol":"simulator","properties":[
                {"name":"n","type":"INT","accessMode":"ReadOnly"},{"name":"level","type":"DOUBLE","accessMode":"ReadOnly","minimum":"0","maximum":"10","unit":"m"},
                {"name":"setpoint","type":"INT","accessMode":"ReadWrite","minimum":"0","maximum":"1000000"},{"name":"fault","type":"STRING","accessMode":"ReadWrite"}]}}""");
        for (String name : names()) {
            desired.put(name, "0");
            api.create("/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices", """
                    {"apiVersion":"devices.kubeedge.io/v1beta1","kind":"Device","metadata":{"name":"%s","namespace":"default"},
                    "spec":{"nodeName":"bench","deviceModelRef":{"name":"day"},"protocol":{"protocolName":"simulator","configData":{"latency":5}},"properties":%s}}"""
                    .formatted(name, properties("0")));
        }
    }

    private String properties(String setpoint) {
        long cycle = CYCLE_MILLIS / speed;
        return """
                [{"name":"n","collectCycle":%1$d,"reportToCloud":true,"visitors":{"protocolName":"simulator","configData":{"simulate":"counter"}}},
                {"name":"level","collectCycle":%1$d,"reportToCloud":true,"visitors":{"protocolName":"simulator","configData":{"simulate":"walk","every":%1$d,"deadBand":0.05}}},
                {"name":"setpoint","collectCycle":%2$d,"reportToCloud":true,"desired":{"value":"%3$s"}},
                {"name":"fault","collectCycle":%2$d,"visitors":{"protocolName":"simulator","configData":{"simulate":"fault"}}}]"""
                .formatted(cycle, cycle * 6, setpoint);
    }

    /** @return resident memory each quarter of an hour */
    private List<Double> day(Cable cable, Path work) throws Exception {
        long begin = System.nanoTime();
        long hour = Duration.ofHours(1).toNanos() / speed;
        List<Double> memory = new ArrayList<>();
        long repairAt = Long.MAX_VALUE;
        for (int quarter = 0; quarter < 4 * hours; quarter++) {
            long due = begin + quarter * hour / 4;
            TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
            memory.add(Machine.residentMib(gateway.pid()));
            if (System.nanoTime() > repairAt) {
                cable.repair();
                repairAt = Long.MAX_VALUE;
            }
            if (quarter % 12 == 9) { // each three hours a quarter without link
                cable.cut();
                repairAt = System.nanoTime();
            }
            if (quarter % 8 == 5) {
                swap(work, quarter);
            }
            fault();
            want();
            if (quarter % 4 == 0) {
                System.err.printf("hour %d of %d: %d reports, %.1f MiB, missing so far %s%n", quarter / 4, hours, witness.received(),
                        memory.get(quarter), witness.missing());
            }
        }
        cable.repair();
        return memory;
    }

    /** A few devices misbehave for one to five seconds. */
    private void fault() {
        for (int i = 0; i < Math.max(1, devices / 100); i++) {
            String device = names().get(dice.nextInt(devices));
            String fault = FAULTS.get(dice.nextInt(FAULTS.size()));
            int seconds = 1 + dice.nextInt(5);
            long now = System.currentTimeMillis();
            // Until it is over, the answer is late or the runtime tries again: at most the pauses and deadlines of bundle mapper.
            witness.explain(new Window(device, Reason.FAULT, now, now + seconds * 1000L + 45_000));
            gateway.kelp("device", "set", device, "fault", fault + ":" + (seconds * 1000 + dice.nextInt(999)) + "ms").orFail();
        }
    }

    /** A few desired values change. */
    private void want() throws IOException, InterruptedException {
        for (int i = 0; i < Math.max(1, devices / 40); i++) {
            String device = names().get(dice.nextInt(devices));
            String value = String.valueOf(dice.nextInt(1_000_000));
            desired.put(device, value);
            long now = System.currentTimeMillis();
            witness.explain(new Window(device, Reason.SWAP, now, now + 2_000)); // its turn on the bus is the write's
            api.mergePatch("/apis/devices.kubeedge.io/v1beta1/namespaces/default/devices/" + device, "{\"spec\":{\"properties\":" + properties(value) + "}}");
        }
    }

    private void swap(Path work, int number) throws IOException {
        Path jar = version(work, "0.1." + (number + 1));
        long from = System.currentTimeMillis();
        witness.explain(new Window("", Reason.SWAP, from, from + 20_000)); // told before, since devices are back before the command is
        gateway.kelp("mapper", "update", jar.toString()).orFail();
    }

    /** The simulator mapper with another version. */
    private Path version(Path work, String version) throws IOException {
        Path target = work.resolve("simulator-" + version + ".jar");
        Path source;
        try (var files = Files.list(gateway.home().resolve("device-mappers"))) {
            source = files.filter(f -> f.getFileName().toString().startsWith("mapper-simulator")).findFirst().orElseThrow();
        }
        try (JarFile jar = new JarFile(source.toFile())) {
            Manifest manifest = new Manifest(jar.getManifest());
            manifest.getMainAttributes().put(new Attributes.Name("Bundle-Version"), version);
            try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(target), manifest)) {
                for (var entry : jar.stream().filter(e -> !e.isDirectory() && !e.getName().equals(JarFile.MANIFEST_NAME)).toList()) {
                    out.putNextEntry(new ZipEntry(entry.getName()));
                    try (InputStream in = jar.getInputStream(entry)) {
                        in.transferTo(out);
                    }
                }
            }
        }
        return target;
    }

    /** After all of it, the cloud must have the newest desired and reported values of all devices. */
    private void settle() throws Exception {
        Map<String, String> wrong = new HashMap<>();
        try {
            Await.until("all desired values are reported", Duration.ofSeconds(90), () -> {
                wrong.clear();
                Map<String, Map<String, String>> reported = reported();
                for (String device : names()) {
                    String is = reported.getOrDefault(device, Map.of()).getOrDefault("setpoint", "nothing");
                    long n = Long.parseLong(reported.getOrDefault(device, Map.of()).getOrDefault("n", "0"));
                    if (!is.equals(desired.get(device)) || witness.number(device) - n > 10_000 / (CYCLE_MILLIS / speed)) {
                        wrong.put(device, "wanted " + desired.get(device) + ", reported " + is + ", n " + n + " of " + witness.number(device));
                    }
                }
                return wrong.isEmpty();
            });
        } catch (AssertionError e) {
            System.out.println("devices that are not as they should be at the end: " + wrong);
        }
    }

    private Map<String, Map<String, String>> reported() throws IOException, InterruptedException {
        Map<String, Map<String, String>> found = new HashMap<>();
        for (JsonElement each : api.get("/apis/devices.kubeedge.io/v1beta1/namespaces/default/devicestatuses").getAsJsonArray("items")) {
            JsonObject item = each.getAsJsonObject();
            Map<String, String> values = new HashMap<>();
            if (item.get("status") instanceof JsonObject status && status.has("twins")) {
                status.getAsJsonArray("twins").forEach(t -> {
                    if (t.getAsJsonObject().get("reported") instanceof JsonObject reported && reported.has("value")) {
                        values.put(t.getAsJsonObject().get("propertyName").getAsString(), reported.get("value").getAsString());
                    }
                });
            }
            found.put(item.getAsJsonObject("metadata").get("name").getAsString(), values);
        }
        return found;
    }

    private void print(List<Double> memory, long cpuMillis) {
        int warm = memory.size() / 6;
        int part = Math.max(1, memory.size() / 6);
        double first = mean(memory.subList(warm, warm + part));
        double end = mean(memory.subList(memory.size() - part, memory.size()));
        double most = memory.subList(warm, memory.size()).stream().mapToDouble(Double::doubleValue).max().orElseThrow();
        System.out.printf("| %d devices, a cycle of 10 s, %d h in %.1f min | |%n|---|---|%n", devices, hours, hours * 60.0 / speed);
        System.out.printf("| reports seen by an application on MQTT | %d |%n", witness.received());
        for (Reason reason : Reason.values()) {
            System.out.printf("| missing: %s | %d |%n", reason.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '), witness.missing().getOrDefault(reason, 0L));
        }
        System.out.printf("| cycles that the gateway says it did not poll | %s |%n", metric("kelp_mapper_missed_polls_total"));
        System.out.printf("| resident memory after the first hours, at the end, largest | %.1f, %.1f, %.1f MiB (%+.1f %%, bar ± 3) |%n", first, end, most,
                100 * (end - first) / first);
        System.out.printf("| processor time for 1000 reports | %.0f ms |%n", 1000.0 * cpuMillis / witness.received());
        witness.unexplained().forEach(line -> System.out.println("unexplained: " + line));
    }

    private String metric(String name) {
        return gateway.kelp("metrics").orFail().lines().filter(l -> l.startsWith(name + " ")).map(l -> l.substring(name.length() + 1)).findFirst().orElse("?");
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }
}
