package io.kelp.runtime.osgi.internal.process;

import io.kelp.edged.ContainerSpec;
import io.kelp.edged.WorkloadContainer.Exit;
import io.kelp.edged.WorkloadException;
import io.kelp.oci.ImageStore.Jar;
import io.kelp.oci.ImageStore.StoredImage;
import io.kelp.runtime.osgi.internal.ContainerGroup;
import io.kelp.runtime.osgi.internal.ContainerProcess;
import io.kelp.runtime.osgi.internal.Containment.Watched;
import io.kelp.runtime.osgi.internal.process.programs.Programs;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/** One of {@link Programs} in a container, with its log; ended as the runtime does. */
final class ProgramRun implements AutoCloseable {

    private static final Duration FORCE = Duration.ofMillis(500);

    final ContainerGroup group;
    private final ProcessContainment containment;
    private final Watched watched;
    private final ContainerProcess process;
    private final Path log;
    private final CompletableFuture<Exit> ended = new CompletableFuture<>();
    final CompletableFuture<String> restarted = new CompletableFuture<>();
    private List<Thread> stuck = List.of();

    ProgramRun(Path folder, Class<?> program, String... args) throws Exception {
        log = folder.resolve("0.log");
        containment = new ProcessContainment(ContainmentSettings.DEFAULT, InstantSource.system(), folder, folder,
                (threads, exit) -> ended.complete(exit), why -> restarted.complete(why));
        ContainerSpec spec = spec(folder, List.of(args));
        group = new ContainerGroup(Thread.currentThread().getThreadGroup(), spec,
                code -> ended.complete(new Exit(code, code == 0 ? "Completed" : "Error", "", Instant.now())));
        watched = containment.watch(group);
        Path jar = jar(folder.resolve("app.jar"), program);
        StoredImage image = new StoredImage("sha256:0", List.of(), "", 0, List.of(new Jar("app.jar", "", jar)), List.of(), List.of(), Map.of(), Map.of());
        process = containment.plainJars().create(new ContainerProcess.Run(spec, image,
                new TestContext(Map.of("WHO", "world"), List.of(args), group::exit), group));
        try {
            process.start();
            process.exit().thenAccept(ended::complete);
        } catch (WorkloadException e) {
            close();
            throw e;
        }
    }

    static ContainerSpec spec(Path folder, List<String> args) {
        return new ContainerSpec(new ContainerSpec.PodRef("test", "pod", "uid", "127.0.0.1", Map.of(), Map.of(), folder), "main", 0, "sha256:0",
                List.of(), args, Map.of(), List.of(), List.of(), 0, 0, 0, folder.resolve("0.log"), folder.resolve("message"));
    }

    /** Waits for the end that it comes to by itself, and tidies up after it. */
    Exit exit() throws Exception {
        Exit exit = ended.get(60, TimeUnit.SECONDS);
        stop(Duration.ofSeconds(2));
        return exit;
    }

    /** As the runtime stops a container; sets {@link #stuck}. */
    Exit stop(Duration grace) throws Exception {
        CompletableFuture<Exit> stopped = new CompletableFuture<>();
        Thread stopping = new Thread(group, () -> {
            try {
                stopped.complete(process.stop(grace));
            } catch (InterruptedException e) {
                stopped.complete(new Exit(137, "Error", "", Instant.now()));
            }
        }, "stop");
        stopping.start();
        Exit exit = stopped.get(grace.toSeconds() + 20, TimeUnit.SECONDS);
        stuck = watched.end(FORCE).toCompletableFuture().get(20, TimeUnit.SECONDS);
        process.close();
        return exit;
    }

    List<Thread> stuck() {
        return stuck;
    }

    /** A jar with all programs, of which this one is the main class. */
    static Path jar(Path file, Class<?> main) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, main.getName());
        try (OutputStream out = Files.newOutputStream(file); JarOutputStream jar = new JarOutputStream(out, manifest)) {
            Path classes = Path.of(Programs.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            String folder = Programs.class.getPackageName().replace('.', '/');
            try (var files = Files.list(classes.resolve(folder))) {
                for (Path each : files.toList()) {
                    jar.putNextEntry(new ZipEntry(folder + "/" + each.getFileName()));
                    Files.copy(each, jar);
                }
            }
            jar.putNextEntry(new ZipEntry("note.txt"));
            jar.write("a note".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
        return file;
    }

    /** What it wrote, without times. */
    List<String> output() throws IOException {
        ((WatchedContainer) watched).log().flush();
        return !Files.exists(log) ? List.of() : Files.readAllLines(log).stream().map(line -> line.substring(line.indexOf(' ') + 1)).toList();
    }

    ProgramRun awaitOutput(String text) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (output().stream().noneMatch(line -> line.contains(text))) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("no '" + text + "' in " + output());
            }
            Thread.onSpinWait();
        }
        return this;
    }

    @Override
    public void close() {
        watched.close();
        containment.close();
    }

    static byte[] classFile(Class<?> type) throws IOException {
        try (InputStream in = type.getResourceAsStream(type.getName().substring(type.getPackageName().length() + 1) + ".class")) {
            return in.readAllBytes();
        }
    }
}
