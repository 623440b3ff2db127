package io.kelp.runtime.osgi.internal;

import aQute.bnd.osgi.Builder;
import aQute.bnd.osgi.EmbeddedResource;
import aQute.bnd.osgi.Jar;
import io.kelp.devicetwin.DeviceTwins;
import io.kelp.edged.ContainerSpec;
import io.kelp.edged.ContainerSpec.Mount;
import io.kelp.edged.ContainerSpec.PodRef;
import io.kelp.edged.ContainerSpec.Port;
import io.kelp.edged.WorkloadContainer;
import io.kelp.edged.WorkloadContainer.Exit;
import io.kelp.edged.WorkloadException;
import io.kelp.oci.ImageStore;
import io.kelp.oci.ImageStore.StoredImage;
import io.kelp.runtime.osgi.internal.process.ContainmentSettings;
import io.kelp.runtime.osgi.internal.process.ProcessContainment;
import io.kelp.runtime.osgi.internal.region.AllowList;
import io.kelp.runtime.osgi.internal.region.RegionHooks;
import io.kelp.runtime.osgi.internal.region.Regions;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.service.component.runtime.ServiceComponentRuntime;

/** A gateway in small: Felix, Declarative Services, Configuration Admin and the containers, behind a bundle that stands for the runtime's. */
final class TestGateway implements AutoCloseable {

    static final Duration GRACE = Duration.ofSeconds(3);
    private static final String SHARED = "io.kelp.runtime.osgi;version=1.0.0,io.kelp.store;version=1.1.0,io.kelp.control;version=1.0.0,"
            + "io.kelp.devicetwin;version=1.1.0,io.kelp.edged;version=1.1.0,org.slf4j;version=2.0.17,com.google.gson;version=2.15.0,"
            + "org.osgi.service.component;version=1.5.1,org.osgi.service.component.runtime;version=1.5.1,"
            + "org.osgi.util.promise;version=1.3.0,org.osgi.util.function;version=1.2.0,org.osgi.service.component.runtime.dto;version=1.5.1,org.osgi.service.cm;version=1.6.1";

    final Path home;
    final Framework framework;
    final BundleContext own;
    final Regions regions;
    final RegionHooks hooks;
    final Containers containers;
    final Containment containment;
    final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(r -> new Thread(r, "test-clock"));
    final ExecutorService work = Executors.newFixedThreadPool(2, r -> new Thread(r, "test-work"));
    volatile DeviceTwins twins;

    private Containers containersThere() {
        return containers;
    }

    TestGateway(Path home) throws Exception {
        this(home, Duration.ofSeconds(20));
    }

    TestGateway(Path home, Duration startLimit) throws Exception {
        this.home = home;
        containment = new ProcessContainment(ContainmentSettings.DEFAULT, InstantSource.system(), home, home,
                (threads, exit) -> containersThere().end(threads, exit), why -> {
                    throw new AssertionError("restart: " + why);
                });
        Map<String, String> settings = new HashMap<>();
        settings.put(Constants.FRAMEWORK_STORAGE, home.resolve("cache").toString());
        settings.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        settings.put(Constants.FRAMEWORK_BSNVERSION, Constants.FRAMEWORK_BSNVERSION_MULTIPLE);
        settings.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, SHARED);
        settings.put("ds.service.changecount.timeout", "200");
        framework = new FrameworkFactory().newFramework(settings);
        framework.start();
        for (String marker : new String[] {"org.apache.felix.cm.impl.ConfigurationManager", "org.apache.felix.scr.info.ScrInfo"}) {
            framework.getBundleContext().installBundle(jarOf(marker).toUri().toString()).start();
        }
        Bundle runtime = framework.getBundleContext().installBundle(bundle("io.kelp.runtime-osgi", "1.0.0", Map.of(), Map.of()).toUri().toString());
        runtime.start();
        own = runtime.getBundleContext();
        regions = new Regions(runtime);
        hooks = new RegionHooks(own, regions, new AllowList(containment.wovenImports(), List.of()));
        hooks.offerTwins(true);
        ServiceComponentRuntime components = own.getService(own.getServiceReference(ServiceComponentRuntime.class));
        containers = new Containers(own, regions, hooks, components, containment, () -> twins, new Containers.Limits(startLimit, false), clock, work);
    }

    static Path jarOf(String className) throws Exception {
        return Path.of(Class.forName(className, false, TestGateway.class.getClassLoader()).getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    /** Makes a bundle from packages of the test class path. */
    Path bundle(String name, String version, Map<String, String> headers, Map<String, String> resources) throws Exception {
        try (Builder builder = new Builder()) {
            for (String part : System.getProperty("java.class.path").split(File.pathSeparator)) {
                if (new File(part).isFile() || part.endsWith("classes")) {
                    builder.addClasspath(new File(part));
                }
            }
            builder.setBundleSymbolicName(name);
            builder.setBundleVersion(version);
            builder.setProperty("-dsannotations-options", "norequirements");
            builder.setProperty("-noextraheaders", "true");
            builder.setProperty("-resourceonly", "true");
            headers.forEach(builder::setProperty);
            Jar jar = builder.build();
            if (!builder.getErrors().isEmpty()) {
                throw new IllegalStateException("bnd: " + builder.getErrors());
            }
            resources.forEach((path, text) -> jar.putResource(path, new EmbeddedResource(text.getBytes(StandardCharsets.UTF_8), 0)));
            Path file = home.resolve("store").resolve(name + "-" + version + "-" + Math.abs((headers + "" + resources).hashCode()) + ".jar");
            Files.createDirectories(file.getParent());
            jar.write(file.toFile());
            return file;
        }
    }

    /** A bundle with the classes of one package under {@code testbundles}. */
    Path classes(String name, String version, String part, Map<String, String> more) throws Exception {
        Map<String, String> headers = new HashMap<>(more);
        headers.putIfAbsent("Private-Package", "io.kelp.runtime.osgi.internal.testbundles." + part);
        return bundle(name, version, headers, Map.of());
    }

    static StoredImage image(Path... jars) {
        return new StoredImage("sha256:" + "0".repeat(64), List.of("test/image:1"), "", 1,
                java.util.stream.Stream.of(jars).map(j -> new ImageStore.Jar(j.getFileName().toString(), "sha256:1", j)).toList(),
                List.of(), List.of("from-image"), Map.of("FROM_IMAGE", "yes", "BOTH", "image"), Map.of());
    }

    ContainerSpec spec(String pod, int attempt, Map<String, String> env, List<Mount> mounts, Port... ports) throws Exception {
        Path folder = home.resolve("pods").resolve(pod);
        Files.createDirectories(folder);
        return new ContainerSpec(new PodRef("default", pod, "uid-" + pod, "127.0.0.1", Map.of("app", pod), Map.of(), folder), "main", attempt,
                "sha256:" + "0".repeat(64), List.of(), List.of(), env, mounts, List.of(ports), 0, 0, 0, folder.resolve("log"), folder.resolve("termination"));
    }

    WorkloadContainer start(String pod, Path... jars) throws Exception {
        return start(spec(pod, 0, Map.of(), List.of()), jars);
    }

    WorkloadContainer start(ContainerSpec spec, Path... jars) throws Exception {
        try {
            return containers.start(spec, image(jars)).toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof WorkloadException refused) {
                throw refused;
            }
            throw e;
        }
    }

    static Exit stop(WorkloadContainer container) throws Exception {
        return container.stop(GRACE).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    /** Bundles of pods, as nobody but the runtime sees them. */
    List<Bundle> podBundles() {
        return java.util.stream.Stream.of(own.getBundles()).filter(b -> regions.of(b) != null).toList();
    }

    static void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError(what + " did not come within 20 s");
            }
            Thread.sleep(5);
        }
    }

    @Override
    public void close() throws BundleException {
        containers.stopAll(Duration.ofSeconds(1), Duration.ofSeconds(5));
        containers.close();
        hooks.close();
        framework.stop();
        try {
            framework.waitForStop(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        clock.shutdownNow();
        work.shutdownNow();
        containment.close();
    }
}
