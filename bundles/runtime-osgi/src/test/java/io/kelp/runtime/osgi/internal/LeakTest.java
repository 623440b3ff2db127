package io.kelp.runtime.osgi.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.edged.WorkloadContainer;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWiring;

/** Containers that come and go leave no class, thread, group, listener or bundle behind. */
@Tag("slow")
class LeakTest {

    private static final int CYCLES = Integer.getInteger("kelp.test.cycles", 40);

    @TempDir Path home;

    @Test
    void classesOfContainersThatHaveEndedAreUnloaded() throws Exception {
        try (TestGateway gateway = new TestGateway(home)) {
            Path component = gateway.classes("com.example.app", "1.0.0", "component", Map.of("-dsannotations", "*"));
            Path service = gateway.classes("com.example.service", "1.0.0", "service",
                    Map.of("Bundle-Activator", "io.kelp.runtime.osgi.internal.testbundles.service.Activator"));
            int attempt = 0;
            for (; attempt < 5; attempt++) { // until all that is made once is made
                cycle(gateway, attempt, component, service);
            }
            System.gc();
            int bundles = gateway.own.getBundles().length;
            int services = gateway.own.getAllServiceReferences(null, null).length;
            int groups = root().activeGroupCount();
            int loaded = ManagementFactory.getClassLoadingMXBean().getLoadedClassCount();
            List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
            for (int end = attempt + CYCLES; attempt < end; attempt++) {
                loaders.addAll(cycle(gateway, attempt, component, service));
            }

            TestGateway.await("the last bundle to go", () -> gateway.podBundles().isEmpty());
            assertEquals(bundles, gateway.own.getBundles().length);
            assertEquals(services, gateway.own.getAllServiceReferences(null, null).length);
            // The framework may still hold the very last ones, as the last event, for example.
            TestGateway.await("the class loaders to go, " + loaders.size() + " were made", () -> {
                System.gc();
                return loaders.stream().filter(l -> l.get() != null).count() <= 4;
            });
            // From Java 19 on groups go with the garbage, before with their last thread.
            TestGateway.await("the thread groups to go", () -> {
                System.gc();
                return root().activeGroupCount() <= groups + 2;
            });
            int growth = ManagementFactory.getClassLoadingMXBean().getLoadedClassCount() - loaded;
            assertTrue(growth < 100, "loaded classes grew by " + growth + " over " + CYCLES + " starts");
        }
    }

    private static ThreadGroup root() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        return group;
    }

    private List<WeakReference<ClassLoader>> cycle(TestGateway gateway, int attempt, Path... jars) throws Exception {
        WorkloadContainer container = gateway.start(gateway.spec("a", attempt, Map.of("GREETING", "hello"), List.of()), jars);
        assertTrue(container.readiness().ready(), container.readiness().message());
        assertEquals(0, container.exec(List.of("show", "GREETING"), Duration.ofSeconds(5)).toCompletableFuture().get(10, TimeUnit.SECONDS).code());
        List<WeakReference<ClassLoader>> loaders = new ArrayList<>();
        for (Bundle bundle : gateway.podBundles()) {
            loaders.add(new WeakReference<>(bundle.adapt(BundleWiring.class).getClassLoader()));
        }
        assertEquals("Completed", TestGateway.stop(container).reason());
        return loaders;
    }
}
