package io.kelp.itests.bundles;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertTrue;

import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.inject.Inject;
import org.junit.Before;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.metatype.MetaTypeService;

/** Everything that a gateway starts at boot, together in a real framework; not joined to any cloud. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class GatewayIT {

    private static final Duration SOON = Duration.ofSeconds(10);

    @Inject
    private BundleContext context;

    private Framework framework;

    @Configuration
    public Option[] configuration() {
        return GatewayFramework.withFeature("base", "workloads");
    }

    @Before
    public void everythingRuns() throws Exception {
        framework = new Framework(context);
        Framework.await(SOON, () -> framework.troubledComponents().isEmpty(), framework::troubledComponents);
    }

    @Test
    public void everyBundleResolvesAndStarts() {
        List<String> resting = new ArrayList<>();
        for (Bundle bundle : framework.ownBundles()) {
            if (bundle.getState() != Bundle.ACTIVE) {
                resting.add(bundle + " is in state " + bundle.getState());
            }
        }
        assertEquals(List.of(), resting);
        assertTrue("bundles found: " + framework.ownBundles(), framework.ownBundles().size() >= 8);
    }

    @Test
    public void everyBundleMayStopAndComesBackWithoutLeavingThreads() throws Exception {
        Map<String, Integer> before = settled();
        for (Bundle bundle : framework.ownBundles()) {
            for (int round = 0; round < 3; round++) {
                bundle.stop();
                bundle.start();
            }
            Framework.await(SOON, () -> framework.troubledComponents().isEmpty(),
                    () -> "after restart of " + bundle + ": " + framework.troubledComponents());
        }
        Framework.await(SOON, () -> noMoreThan(before), () -> "threads before " + before + ", after " + Framework.ownThreads());
    }

    @Test
    public void everyBundleCanBeUpdated() throws Exception {
        Map<String, Integer> before = settled();
        for (Bundle bundle : framework.ownBundles()) {
            try (InputStream jar = URI.create(bundle.getLocation()).toURL().openStream()) {
                bundle.update(jar);
            }
            refresh(bundle);
            Framework.await(SOON, () -> bundle.getState() == Bundle.ACTIVE && framework.troubledComponents().isEmpty(),
                    () -> "after update of " + bundle + ": " + framework.troubledComponents());
        }
        Framework.await(SOON, () -> noMoreThan(before), () -> "threads before " + before + ", after " + Framework.ownThreads());
    }

    @Test
    public void everyBundleCanBeRemovedAndInstalledAgain() throws Exception {
        Map<String, Integer> before = settled();
        for (Bundle old : framework.ownBundles()) {
            int level = old.adapt(BundleStartLevel.class).getStartLevel();
            String location = old.getLocation();
            old.uninstall();
            refresh(old);
            Bundle fresh = context.installBundle(location);
            fresh.adapt(BundleStartLevel.class).setStartLevel(level);
            fresh.start();
            for (Bundle dependent : framework.ownBundles()) {
                dependent.start(); // those that could not resolve meanwhile
            }
            Framework.await(SOON, () -> framework.troubledComponents().isEmpty(),
                    () -> "after " + fresh + " was installed again: " + framework.troubledComponents());
        }
        Framework.await(SOON, () -> noMoreThan(before), () -> "threads before " + before + ", after " + Framework.ownThreads());
    }

    @Test
    public void nothingOfOursRunsWhenAllBundlesAreStopped() throws Exception {
        assertTrue("the broker listens", Framework.listeners() > 0);
        List<Bundle> own = framework.ownBundles();
        for (Bundle bundle : own) {
            bundle.stop();
        }
        Framework.await(SOON, () -> Framework.ownThreads().isEmpty(), Framework::ownThreads);
        Framework.await(SOON, () -> Framework.listeners() == 0, () -> "ports open: " + Framework.listeners());
        Framework.await(SOON, () -> filesOfGateway().isEmpty(), () -> "files open: " + filesOfGateway());
        for (Bundle bundle : own) {
            assertNull(bundle + " still offers services", bundle.getRegisteredServices());
        }
        // In the other order than that of the features: nobody may depend on it.
        for (int i = own.size() - 1; i >= 0; i--) {
            own.get(i).start();
        }
        Framework.await(SOON, () -> framework.troubledComponents().isEmpty(), framework::troubledComponents);
    }

    @Test
    public void everyTunableHasAForm() {
        var reference = context.getServiceReference(MetaTypeService.class);
        MetaTypeService metatype = context.getService(reference);
        List<String> without = new ArrayList<>();
        for (String name : List.of("store", "control", "broker", "eventbus", "edgehub", "devicetwin", "mapper", "edged", "runtime.osgi")) {
            String pid = "io.kelp." + name;
            var information = metatype.getMetaTypeInformation(framework.bundle(pid.replace("runtime.osgi", "runtime-osgi")));
            if (information == null || !List.of(information.getPids()).contains(pid)) {
                without.add(pid);
            }
        }
        context.ungetService(reference);
        assertEquals(List.of(), without);
    }

    /** Open files of ours: under home, but for the jars in the framework's cache. */
    private List<String> filesOfGateway() throws Exception {
        String home = context.getProperty("kelp.home") + "/";
        return Framework.openFiles().stream().filter(f -> f.startsWith(home) && !f.startsWith(home + "run/cache/")).toList();
    }

    /** Refreshes and waits for the end, for the framework does it on a thread of its own. */
    private void refresh(Bundle bundle) throws Exception {
        var done = new CountDownLatch(1);
        context.getBundle(0).adapt(FrameworkWiring.class).refreshBundles(List.of(bundle), event -> done.countDown());
        assertTrue("refresh of " + bundle + " hangs", done.await(SOON.toMillis(), TimeUnit.MILLISECONDS));
    }

    /** Threads, once none has come or gone for a moment. */
    private static Map<String, Integer> settled() throws Exception {
        Map<String, Integer> last = Framework.ownThreads();
        for (int same = 0; same < 10; ) {
            Thread.sleep(30);
            Map<String, Integer> now = Framework.ownThreads();
            same = now.equals(last) ? same + 1 : 0;
            last = now;
        }
        return last;
    }

    private static boolean noMoreThan(Map<String, Integer> before) {
        return Framework.ownThreads().entrySet().stream()
                .allMatch(now -> now.getValue() <= before.getOrDefault(now.getKey(), 0));
    }
}
