package io.kelp.itests.bundles;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotSame;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertSame;
import static org.junit.Assert.assertTrue;

import io.kelp.control.StatusSource;
import io.kelp.store.Durability;
import io.kelp.store.RecordCodec;
import io.kelp.store.Store;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Hashtable;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.inject.Inject;
import org.junit.After;
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
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.util.tracker.ServiceTracker;

/** The store alone with Config Admin and Declarative Services. */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public class StoreIT {

    private static final Duration SOON = Duration.ofSeconds(10);

    @Inject
    private BundleContext context;

    private ServiceTracker<Store, Store> stores;
    private Bundle bundle;

    @Configuration
    public Option[] configuration() {
        return GatewayFramework.withOnly("base", "control", "store");
    }

    @Before
    public void open() throws Exception {
        stores = new ServiceTracker<>(context, Store.class, null);
        stores.open();
        assertTrue(stores.waitForService(SOON.toMillis()) != null);
        bundle = new Framework(context).bundle("io.kelp.store");
    }

    @After
    public void close() throws Exception {
        if (bundle.getState() != Bundle.ACTIVE) {
            bundle.start();
        }
        stores.close();
    }

    @Test
    public void recordsOutliveTheBundle() throws Exception {
        put("power", Durability.POWER, "a");
        put("process", Durability.PROCESS, "b");
        bundle.stop();
        assertNull(stores.getService());
        bundle.start();
        assertTrue(stores.waitForService(SOON.toMillis()) != null);
        assertEquals(Optional.of("a"), collection("power", Durability.POWER).get("k"));
        assertEquals(Optional.of("b"), collection("process", Durability.PROCESS).get("k"));
    }

    @Test
    public void stoppingLeavesNoThreadNorOpenFile() throws Exception {
        put("power", Durability.POWER, "x");
        assertEquals(Map.of("kelp-store-meta", 1, "kelp-store-journal", 1, "kelp-store-series", 1), storeThreads());
        bundle.stop();
        Framework.await(SOON, () -> storeThreads().isEmpty(), StoreIT::storeThreads);
        Path data = Path.of(context.getProperty("kelp.data"));
        assertTrue("the log was taken over", Files.notExists(data.resolve("meta.db-wal")));
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            assertEquals(0, open.filter(fd -> target(fd).startsWith(data.toString())).count());
        }
    }

    @Test
    public void aConfigurationArrivesWithoutARestart() throws Exception {
        Store before = stores.getService();
        var reference = context.getServiceReference(ConfigurationAdmin.class);
        var configuration = context.getService(reference).getConfiguration("io.kelp.store", "?");
        configuration.update(new Hashtable<>(Map.of("recordKibibytes", 16)));
        String large = "x".repeat(17 * 1024);
        Framework.await(SOON, () -> {
            var stage = collection("power", Durability.POWER).put("k", large).toCompletableFuture();
            return stage.handle((done, failure) -> failure != null).get(5, TimeUnit.SECONDS);
        }, () -> "17 KiB are still taken");
        assertSame(before, stores.getService());
        configuration.delete();
        Framework.await(SOON, () -> {
            var stage = collection("power", Durability.POWER).put("k", large + System.nanoTime()).toCompletableFuture();
            return stage.handle((done, failure) -> failure == null).get(5, TimeUnit.SECONDS);
        }, () -> "the default does not come back");
        context.ungetService(reference);
    }

    @Test
    public void statusNamesTheStore() throws Exception {
        for (ServiceReference<StatusSource> reference : context.getServiceReferences(StatusSource.class, null)) {
            var status = context.getService(reference).status();
            context.ungetService(reference);
            if (status.has("store")) {
                assertTrue(status.toString(), status.getAsJsonObject("store").has("journalBytes"));
                return;
            }
        }
        throw new AssertionError("no status of the store");
    }

    @Test
    public void theServiceIsAnotherObjectAfterARestart() throws Exception {
        Store before = stores.getService();
        long id = (Long) stores.getServiceReference().getProperty(Constants.SERVICE_ID);
        bundle.stop();
        bundle.start();
        assertNotSame(before, stores.waitForService(SOON.toMillis()));
        assertTrue((Long) stores.getServiceReference().getProperty(Constants.SERVICE_ID) > id);
    }

    private io.kelp.store.RecordCollection<String> collection(String name, Durability durability) {
        return stores.getService().collection("it." + name, RecordCodec.text(), durability);
    }

    private void put(String name, Durability durability, String value) throws Exception {
        collection(name, durability).put("k", value).toCompletableFuture().get(5, TimeUnit.SECONDS);
    }

    private static Map<String, Integer> storeThreads() {
        Map<String, Integer> threads = Framework.ownThreads();
        threads.keySet().removeIf(name -> !name.startsWith("kelp-store"));
        return threads;
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (java.io.IOException e) {
            return ""; // closed meanwhile
        }
    }
}
