package io.kelp.runtime.osgi.internal.process;

import io.kelp.edged.ContainerSpec;
import io.kelp.edged.WorkloadContainer.Exit;
import io.kelp.oci.ImageStore.Jar;
import io.kelp.oci.ImageStore.StoredImage;
import io.kelp.runtime.osgi.internal.ContainerGroup;
import io.kelp.runtime.osgi.internal.ContainerProcess;
import io.kelp.runtime.osgi.internal.output.LogSettings;
import io.kelp.runtime.osgi.internal.process.programs.Programs;
import io.kelp.runtime.osgi.internal.usage.WatchSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A Java machine of its own with some programs in containers, for tests that may end it. Arguments: folder, then per
 * container {@code NAME:PROGRAM:CPULIMIT:ARGUMENTS}, separated by blanks. Writes a line per event to standard output.
 */
public final class ProcessHarness {

    private ProcessHarness() {}

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        Map<ContainerGroup, MainJar> running = new ConcurrentHashMap<>();
        WatchSettings watch = new WatchSettings(1, 40, 80, 1_000, 5);
        ProcessContainment containment = new ProcessContainment(new ContainmentSettings(LogSettings.DEFAULT, watch), InstantSource.system(),
                folder, folder, (threads, exit) -> {
                    threads.watched().condemn();
                    threads.interrupt();
                    new Thread(() -> end(threads, running.get(threads), exit)).start();
                }, new Restart());
        for (String container : List.of(args).subList(1, args.length)) {
            String[] words = container.split(":", 4);
            containment.lastEnd("uid-" + words[0], "main").ifPresent(exit -> System.out.println("LAST " + words[0] + " " + exit.reason() + " " + exit.message()));
        }
        System.out.println("READY");
        for (String container : List.of(args).subList(1, args.length)) {
            String[] words = container.split(":", 4);
            Path log = Files.createDirectories(folder.resolve(words[0])).resolve("0.log");
            List<String> arguments = words[3].isEmpty() ? List.of() : List.of(words[3].split(" "));
            ContainerSpec spec = new ContainerSpec(new ContainerSpec.PodRef("test", words[0], "uid-" + words[0], "127.0.0.1", Map.of(), Map.of(), folder),
                    "main", 0, "sha256:0", List.of(), arguments, Map.of(), List.of(), List.of(), 0, 0, Long.parseLong(words[2]), log, folder.resolve("message"));
            ContainerGroup group = new ContainerGroup(Thread.currentThread().getThreadGroup(), spec, code -> System.out.println("EXIT " + words[0] + " " + code));
            containment.watch(group);
            Path jar = ProgramRun.jar(log.resolveSibling("app.jar"), Class.forName(Programs.class.getName() + "$" + words[1]));
            StoredImage image = new StoredImage("sha256:0", List.of(), "", 0, List.of(new Jar("app.jar", "", jar)), List.of(), List.of(), Map.of(), Map.of());
            ContainerProcess process = containment.plainJars().create(new ContainerProcess.Run(spec, image, new TestContext(Map.of(), arguments, group::exit), group));
            running.put(group, (MainJar) process);
            process.start();
        }
        while (true) { // a word of the test on standard input
            byte[] word = new byte[100];
            int length = System.in.read(word);
            String said = length < 0 ? "end" : new String(word, 0, length, java.nio.charset.StandardCharsets.US_ASCII).strip();
            if (said.equals("end")) {
                Runtime.getRuntime().halt(0);
            }
            if (said.equals("spawn")) {
                Thread spawned = new Thread(() -> System.out.println("SPAWNED"));
                spawned.start();
            }
            if (said.equals("files")) {
                System.out.println("FILES " + java.util.Objects.requireNonNull(Path.of("/proc/self/fd").toFile().list()).length);
            }
            for (Map.Entry<ContainerGroup, MainJar> one : List.copyOf(running.entrySet())) {
                if (said.equals("stop " + one.getKey().spec().pod().name())) {
                    end(one.getKey(), one.getValue(), null);
                } else if (said.equals("usage " + one.getKey().spec().pod().name())) {
                    System.out.println("USAGE " + one.getKey().watched().usage().cpuNanos() / 1_000_000);
                }
            }
        }
    }

    private static void end(ContainerGroup threads, MainJar process, Exit exit) {
        try {
            Exit how = exit;
            List<Thread> stuck = new ArrayList<>(threads.watched().end(Duration.ofMillis(500)).toCompletableFuture().join());
            process.close();
            how = how == null ? new Exit(143, "Error", "", Instant.now()) : how;
            System.out.println("ENDED " + threads.spec().pod().name() + " " + (stuck.isEmpty() ? how.reason() + " " + how.message() : "stuck " + stuck));
            threads.watched().close();
        } catch (RuntimeException e) {
            System.out.println("FAILED " + e);
        }
    }
}
