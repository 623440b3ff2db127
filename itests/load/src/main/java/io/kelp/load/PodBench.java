package io.kelp.load;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.kelp.testkit.Await;
import io.kelp.testkit.GatewayProcess;
import io.kelp.testkit.Shell;
import io.kelp.workloads.SampleImage;
import io.kelp.workloads.SampleJars;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Pods of runtime class {@code osgi} on one gateway, by a real control plane, with their images on the gateway. */
final class PodBench {

    private static final Duration LONG = Duration.ofSeconds(120);
    private static final String DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
    private static final String STATE = "gateway's RSS MiB | live heap KB | metaspace MiB | code MiB | classes | threads | files open | "
            + "files in the data and log folders | cloud service's RSS MiB | live heap KB";

    private final Rig rig;
    private final boolean quick;

    private PodBench(Rig rig, boolean quick) {
        this.rig = rig;
        this.quick = quick;
    }

    /** Arguments: {@code quick}; {@code --only ten,hundred,power,idle,rolls}; {@code --rolls N}. */
    static void run(Path work, String... arguments) throws Exception {
        List<String> given = List.of(arguments);
        boolean quick = given.contains("quick");
        String only = value(given, "--only", "ten,power,idle,hundred,rolls");
        int rolls = Integer.parseInt(value(given, "--rolls", quick ? "20" : "50"));
        try (Rig rig = new Rig(work)) {
            SampleJars jars = new SampleJars(work.resolve("jars"));
            for (String name : SampleJars.TEN) {
                load(rig.gateway, work, jars, name, "1.0.0");
            }
            load(rig.gateway, work, jars, SampleJars.TEN.get(0), "2.0.0");
            PodBench bench = new PodBench(rig, quick);
            System.out.printf("| pods on one gateway | |%n|---|---|%n");
            for (String part : only.split(",")) {
                switch (part) {
                    case "ten" -> bench.ten();
                    case "power" -> bench.powerCut();
                    case "idle" -> bench.idle();
                    case "hundred" -> bench.hundred();
                    case "rolls" -> bench.rolls(rolls);
                    default -> throw new IllegalArgumentException("no part " + part);
                }
            }
        }
    }

    private static String value(List<String> given, String option, String otherwise) {
        int at = given.indexOf(option);
        return at < 0 ? otherwise : given.get(at + 1);
    }

    private static void load(GatewayProcess gateway, Path work, SampleJars jars, String name, String version) {
        Path file = work.resolve(name + "-" + version + ".tar");
        new SampleImage(jars.web(name, version)).save(file, image(name, version));
        gateway.kelp("image", "load", file.toString()).orFail();
    }

    private static String image(String name, String version) {
        return "example.com/" + name + ":" + version;
    }

    private static String deployment(String name, String image, int replicas) {
        return """
                {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"%s"},"spec":{"replicas":%d,"selector":{"matchLabels":{"app":"%s"}},
                "strategy":{"rollingUpdate":{"maxSurge":1,"maxUnavailable":0}},
                "template":{"metadata":{"labels":{"app":"%s"}},"spec":{"runtimeClassName":"osgi","terminationGracePeriodSeconds":5,
                "containers":[{"name":"web","image":"%s","imagePullPolicy":"IfNotPresent","ports":[{"containerPort":8080}]}]}}}}"""
                .formatted(name, replicas, name, name, image);
    }

    private void createTen() throws Exception {
        for (String name : SampleJars.TEN) {
            rig.api.create(DEPLOYMENTS, deployment(name, image(name, "1.0.0"), 1));
        }
    }

    /** Replicas that are ready, over all Deployments. */
    private int ready() throws Exception {
        int ready = 0;
        for (JsonElement each : rig.api.get(DEPLOYMENTS).getAsJsonArray("items")) {
            JsonObject status = each.getAsJsonObject().getAsJsonObject("status");
            ready += status.has("readyReplicas") ? status.get("readyReplicas").getAsInt() : 0;
        }
        return ready;
    }

    private void deleteAll() throws Exception {
        for (JsonElement each : rig.api.get(DEPLOYMENTS).getAsJsonArray("items")) {
            rig.api.delete(DEPLOYMENTS + "/" + each.getAsJsonObject().getAsJsonObject("metadata").get("name").getAsString());
        }
        Await.until("all pods are gone", LONG, () -> rig.api.get("/api/v1/namespaces/default/pods?limit=1").getAsJsonArray("items").isEmpty());
    }

    /** The gateway anew, settled. */
    private void restart() throws Exception {
        rig.gateway.kelp("stop").orFail();
        rig.gateway.start();
        Await.until("the Node is Ready", Duration.ofSeconds(60), () -> rig.plane.readiness(rig.gateway.node()).equals("True"));
        TimeUnit.SECONDS.sleep(quick ? 10 : 20);
    }

    private double resident() throws Exception {
        long[] kib = new long[5];
        for (int i = 0; i < kib.length; i++) {
            kib[i] = (long) (Machine.residentMib(rig.gateway.pid()) * 1024);
            TimeUnit.SECONDS.sleep(1);
        }
        return Machine.percentile(kib, 0.5) / 1024.0;
    }

    private void ten() throws Exception {
        int rounds = quick ? 1 : 5;
        double[] seconds = new double[rounds];
        double[] added = new double[rounds];
        double[] cpu = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            restart();
            double before = resident();
            long used = Machine.cpuMillis(rig.gateway.pid());
            long start = System.nanoTime();
            createTen();
            Await.until("ten are ready", LONG, () -> ready() == SampleJars.TEN.size());
            seconds[i] = (System.nanoTime() - start) / 1e9;
            cpu[i] = (Machine.cpuMillis(rig.gateway.pid()) - used) / 1e3;
            TimeUnit.SECONDS.sleep(quick ? 10 : 30);
            added[i] = resident() - before;
            deleteAll();
        }
        System.out.printf("| ten Deployments of ten images created until all are ready | %s s (bar 3) |%n", Machine.medianOf(seconds, "%.2f"));
        System.out.printf("| processor time of the gateway for that | %s s |%n", Machine.medianOf(cpu, "%.2f"));
        System.out.printf("| resident memory added by them | %s MiB (bar 20) |%n", Machine.medianOf(added, "%.1f"));
    }

    private void hundred() throws Exception {
        int rounds = quick ? 1 : 3;
        double[] seconds = new double[rounds];
        double[] added = new double[rounds];
        double[] gateway = new double[rounds];
        double[] cloud = new double[rounds];
        for (int i = 0; i < rounds; i++) {
            restart();
            double before = resident();
            long used = Machine.cpuMillis(rig.gateway.pid());
            long usedByCloud = Machine.cpuMillis(rig.cloud.pid());
            long start = System.nanoTime();
            rig.api.create(DEPLOYMENTS, deployment("hundred", image(SampleJars.TEN.get(0), "1.0.0"), 100));
            Await.until("a hundred are ready", LONG, () -> ready() == 100);
            seconds[i] = (System.nanoTime() - start) / 1e9;
            gateway[i] = (Machine.cpuMillis(rig.gateway.pid()) - used) / 1e3;
            cloud[i] = (Machine.cpuMillis(rig.cloud.pid()) - usedByCloud) / 1e3;
            added[i] = resident() - before;
            deleteAll();
        }
        System.out.printf("| a Deployment of 100 created until all are ready | %s s (bar 8) |%n", Machine.medianOf(seconds, "%.2f"));
        System.out.printf("| processor time of the gateway for that | %s s |%n", Machine.medianOf(gateway, "%.2f"));
        System.out.printf("| processor time of the cloud service for that | %s s |%n", Machine.medianOf(cloud, "%.2f"));
        System.out.printf("| resident memory added by them | %s MiB |%n", Machine.medianOf(added, "%.1f"));
    }

    /** The machine goes down and comes up without its cloud. */
    private void powerCut() throws Exception {
        int rounds = quick ? 1 : 5;
        double[] seconds = new double[rounds];
        createTen();
        Await.until("ten are ready", LONG, () -> ready() == SampleJars.TEN.size());
        TimeUnit.SECONDS.sleep(5);
        rig.cloud.kill();
        for (int i = 0; i < rounds; i++) {
            rig.gateway.kill();
            rig.gateway.kelp("start").orFail();
            Await.until("ten are ready without the cloud", LONG, () -> readyHere() == SampleJars.TEN.size());
            seconds[i] = Machine.ageSeconds(rig.gateway.pid());
            TimeUnit.SECONDS.sleep(5);
        }
        rig.cloud.start();
        Await.until("the link is back", LONG, () -> rig.gateway.linkState().equals("CONNECTED"));
        deleteAll();
        System.out.printf("| killed and without cloud: start of the process until ten are ready | %s s (bar 6) |%n", Machine.medianOf(seconds, "%.2f"));
    }

    /** Pods that are ready by the gateway's own word. */
    private long readyHere() throws InterruptedException {
        Shell.Output out = rig.gateway.kelp("pod", "list");
        TimeUnit.MILLISECONDS.sleep(50);
        return out.out().lines().filter(l -> l.contains(" 1/1 ")).count();
    }

    private void idle() throws Exception {
        int minutes = quick ? 1 : 3;
        createTen();
        Await.until("ten are ready", LONG, () -> ready() == SampleJars.TEN.size());
        TimeUnit.SECONDS.sleep(quick ? 60 : 130); // what the start leaves is noted and folded within that time
        long pid = rig.gateway.pid();
        long cpu = Machine.cpuMillis(pid);
        long written = Machine.writtenBytes(pid);
        long device = Machine.deviceBytes(rig.gateway.home());
        TimeUnit.MINUTES.sleep(minutes);
        System.out.printf("| processor use with ten pods at rest | %.2f %% (bar 0.5) |%n", (Machine.cpuMillis(pid) - cpu) / (600.0 * minutes));
        System.out.printf("| written with ten pods at rest, by the process | %.1f KB/min (bar 5) |%n", (Machine.writtenBytes(pid) - written) / 1024.0 / minutes);
        System.out.printf("| written meanwhile to the block device by everybody | %.1f KB/min |%n", (Machine.deviceBytes(rig.gateway.home()) - device) / 1024.0 / minutes);
        deleteAll();
    }

    /** One Deployment is rolled to and fro; what remains of a roll would add up. */
    private void rolls(int count) throws Exception {
        String name = SampleJars.TEN.get(0);
        restart();
        rig.api.create(DEPLOYMENTS, deployment(name, image(name, "1.0.0"), 1));
        Await.until("it is ready", LONG, () -> ready() == 1);
        List<String> samples = new ArrayList<>();
        double[] seconds = new double[count];
        long[] resident = new long[count];
        Set<Integer> sampled = new HashSet<>(List.of(1, count / 20, count / 4, count / 2, count * 3 / 4, count));
        for (int i = 0; i < count; i++) {
            long start = System.nanoTime();
            JsonObject patched = rig.api.mergePatch(DEPLOYMENTS + "/" + name, """
                    {"spec":{"template":{"spec":{"containers":[{"name":"web","image":"%s","imagePullPolicy":"IfNotPresent","ports":[{"containerPort":8080}]}]}}}}"""
                    .formatted(image(name, i % 2 == 0 ? "2.0.0" : "1.0.0")));
            long generation = patched.getAsJsonObject("metadata").get("generation").getAsLong();
            Await.until("roll " + i + " is complete", LONG, () -> isRolled(name, generation));
            seconds[i] = (System.nanoTime() - start) / 1e9;
            resident[i] = (long) (Machine.residentMib(rig.gateway.pid()) * 1024);
            if (sampled.contains(i + 1)) {
                samples.add("| %d | %s |".formatted(i + 1, state()));
            }
        }
        System.out.printf("| seconds for a rolling update, median of %d | %.2f |%n", count, Machine.percentile(java.util.Arrays.stream(seconds).mapToLong(s -> (long) (s * 1000)).toArray(), 0.5) / 1e3);
        System.out.printf("| resident memory, median of the second fifth and of the last | %.1f, %.1f MiB |%n",
                Machine.percentile(java.util.Arrays.copyOfRange(resident, count / 5, count * 2 / 5), 0.5) / 1024.0,
                Machine.percentile(java.util.Arrays.copyOfRange(resident, count * 4 / 5, count), 0.5) / 1024.0);
        deleteAll();
        TimeUnit.SECONDS.sleep(5);
        System.out.printf("%n| after update | %s |%n|%s%n%s%n| last pod deleted | %s |%n", STATE, "---|".repeat(STATE.split("\\|").length + 1),
                String.join("\n", samples), state());
    }

    private boolean isRolled(String name, long generation) throws Exception {
        JsonObject status = rig.api.get(DEPLOYMENTS + "/" + name).getAsJsonObject("status");
        return status.has("observedGeneration") && status.get("observedGeneration").getAsLong() >= generation && status.has("readyReplicas")
                && status.get("replicas").getAsInt() == 1 && status.has("updatedReplicas") && status.get("updatedReplicas").getAsInt() == 1
                && status.get("readyReplicas").getAsInt() == 1;
    }

    /** In the columns of {@link #STATE}; resident memory as it is before the collections that the rest takes. */
    private String state() throws IOException {
        long pid = rig.gateway.pid();
        double resident = Machine.residentMib(pid);
        double cloud = Machine.residentMib(rig.cloud.pid());
        JavaMemory memory = JavaMemory.of(pid);
        return "%.0f | %d | %.1f | %.1f | %d | %d | %d | %d | %.0f | %d".formatted(resident, memory.liveBytes() / 1000, memory.metaspaceMib(),
                memory.codeMib(), memory.classes(), count(Path.of("/proc/" + pid + "/task")), count(Path.of("/proc/" + pid + "/fd")),
                tree(rig.gateway.home().resolve("data")) + tree(rig.gateway.home().resolve("log")), cloud, JavaMemory.of(rig.cloud.pid()).liveBytes() / 1000);
    }

    private static long count(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.count();
        }
    }

    private static long tree(Path folder) {
        String out = Shell.run(Duration.ofSeconds(20), folder, Map.of(), List.of("sh", "-c", "find . 2>/dev/null | wc -l")).orFail();
        return Long.parseLong(out.strip());
    }
}
