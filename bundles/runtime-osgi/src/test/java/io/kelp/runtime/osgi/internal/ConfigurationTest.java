package io.kelp.runtime.osgi.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.edged.ContainerSpec.Mount;
import io.kelp.edged.WorkloadContainer;
import io.kelp.edged.WorkloadException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.service.cm.ConfigurationAdmin;

class ConfigurationTest {

    private static final Map<String, String> COMPONENTS = Map.of("-dsannotations", "*");

    @TempDir Path home;
    private TestGateway gateway;

    @BeforeEach
    void begin() throws Exception {
        gateway = new TestGateway(home);
    }

    @AfterEach
    void end() throws Exception {
        gateway.close();
    }

    private Path app() throws Exception {
        return gateway.classes("com.example.app", "1.0.0", "component", COMPONENTS);
    }

    private static String exec(WorkloadContainer container, String... command) throws Exception {
        return container.exec(List.of(command), Duration.ofSeconds(5)).toCompletableFuture().get(10, TimeUnit.SECONDS).output();
    }

    private void settingOfGateway(String pid, String key, String value) throws Exception {
        ConfigurationAdmin admin = gateway.framework.getBundleContext().getService(
                gateway.framework.getBundleContext().getServiceReference(ConfigurationAdmin.class));
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(key, value);
        admin.getConfiguration(pid, "?").update(properties);
    }

    @Test
    void eachReplicaIsConfiguredByItsOwnEnvironmentAndNothingOfItReachesTheGateway() throws Exception {
        settingOfGateway("com.example.greeter", "GREETING", "the gateway's");
        WorkloadContainer a = gateway.start(gateway.spec("a", 0, Map.of("GREETING", "hello"), List.of()), app());
        WorkloadContainer b = gateway.start(gateway.spec("b", 0, Map.of("GREETING", "bonjour"), List.of()), app());

        assertTrue(a.readiness().ready(), a.readiness().message());
        assertEquals("String hello, modified 0", exec(a, "show", "GREETING"));
        assertEquals("String bonjour, modified 0", exec(b, "show", "GREETING"));
        assertEquals("String com.example.greeter, modified 0", exec(a, "show", "service.pid"));
        assertEquals("hello", awaited(a, "old", "GREETING", "hello"));

        settingOfGateway("com.example.greeter", "GREETING", "the gateway's, changed");
        settingOfGateway("io.kelp.edgehub", "GREETING", "secret");
        ConfigurationAdmin admin = gateway.framework.getBundleContext().getService(
                gateway.framework.getBundleContext().getServiceReference(ConfigurationAdmin.class));
        assertEquals(2, admin.listConfigurations(null).length);
        Thread.sleep(200); // nothing is to happen: there is nothing to wait for
        assertEquals("String hello, modified 0", exec(a, "show", "GREETING"));
        assertEquals("hello", exec(a, "old", "GREETING"));
    }

    private static String awaited(WorkloadContainer container, String command, String key, String wanted) throws Exception {
        String[] last = new String[1];
        TestGateway.await(wanted, () -> {
            try {
                last[0] = exec(container, command, key);
                return last[0].equals(wanted);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        return last[0];
    }

    private static void write(Path folder, String name, String text) throws Exception {
        Path part = Files.writeString(folder.resolve(name + ".part"), text);
        Files.move(part, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void aFileOverridesTheEnvironmentAndIsFollowedWhileItRuns() throws Exception {
        Path config = Files.createDirectories(home.resolve("config"));
        write(config, "com.example.greeter.json", "{\"GREETING\":\"from file\",\"count\":3}");
        WorkloadContainer a = gateway.start(gateway.spec("a", 0, Map.of("GREETING", "hello", "OTHER", "stays"),
                List.of(new Mount("/config", config, true))), app());

        assertEquals("String from file, modified 0", exec(a, "show", "GREETING"));
        assertEquals("Long 3, modified 0", exec(a, "show", "count"));
        write(config, "com.example.greeter.json", "{\"GREETING\":\"changed\"}");
        assertEquals("String changed, modified 1", awaited(a, "show", "GREETING", "String changed, modified 1"));
        assertEquals("String stays, modified 1", exec(a, "show", "OTHER"));
        assertEquals("nothing, modified 1", exec(a, "show", "count"));

        write(config, "com.example.greeter.json", "{\"GREETING\":");
        Files.delete(config.resolve("com.example.greeter.json"));
        assertEquals("String hello, modified 2", awaited(a, "show", "GREETING", "String hello, modified 2"));
    }

    @Test
    void aFileThatIsWrongChangesNothingAndTheLogSaysWhy() throws Exception {
        Path config = Files.createDirectories(home.resolve("config"));
        write(config, "com.example.greeter.json", "{\"GREETING\":\"good\"}");
        var spec = gateway.spec("a", 0, Map.of(), List.of(new Mount("/config", config, true)));
        WorkloadContainer a = gateway.start(spec, app());
        write(config, "com.example.greeter.json", "{\"GREETING\": nothing}");
        TestGateway.await("the complaint", () -> {
            try {
                return Files.exists(spec.log()) && Files.readString(spec.log()).contains("com.example.greeter.json is not used: it is not JSON");
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        assertEquals("String good, modified 0", exec(a, "show", "GREETING"));
    }

    @Test
    void filesOfAFactoryMakeInstancesThatComeAndGo() throws Exception {
        Path config = Files.createDirectories(home.resolve("config"));
        write(config, "com.example.instance~one.json", "{\"command\":\"one\"}");
        WorkloadContainer a = gateway.start(gateway.spec("a", 0, Map.of("GREETING", "hello"), List.of(new Mount("/config", config, true))), app());
        WorkloadContainer b = gateway.start(gateway.spec("b", 0, Map.of("GREETING", "bonjour"), List.of(new Mount("/config", config, true))), app());
        assertEquals("com.example.instance~one hello", exec(a, "one"));

        write(config, "com.example.instance~two.json", "{\"command\":\"two\"}");
        TestGateway.await("the second", () -> has(a, "two") && has(b, "two"));
        assertEquals("com.example.instance~two bonjour", exec(b, "two"));
        Files.delete(config.resolve("com.example.instance~one.json"));
        TestGateway.await("the end of the first", () -> !has(a, "one") && !has(b, "one"));
        assertTrue(has(a, "two"));
    }

    private static boolean has(WorkloadContainer container, String command) {
        try {
            exec(container, command);
            return true;
        } catch (ExecutionException e) {
            assertEquals("CommandNotFound", ((WorkloadException) e.getCause()).reason());
            return false;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void readinessSaysWhichReferenceIsMissingAndIsToldWhenItComes() throws Exception {
        gateway.hooks.offerTwins(false);
        Path waiting = gateway.classes("com.example.waiting", "1.0.0", "waiting", COMPONENTS);
        WorkloadContainer a = gateway.start("a", waiting);
        AtomicInteger told = new AtomicInteger();
        assertTrue(a.onReadiness(told::incrementAndGet));

        assertFalse(a.readiness().ready());
        assertEquals("component io.kelp.runtime.osgi.internal.testbundles.waiting.Waiting waits for reference needed (java.util.function.Supplier); "
                + "component io.kelp.runtime.osgi.internal.testbundles.waiting.Waiting waits for reference twins (io.kelp.devicetwin.DeviceTwins)",
                a.readiness().message());
        var inside = gateway.podBundles().get(0).getBundleContext();
        assertNotNull(inside.registerService(Supplier.class, () -> "given", null));
        gateway.framework.getBundleContext().registerService(Supplier.class, () -> "the gateway's", null);
        TestGateway.await("the first word", () -> told.get() > 0);
        assertEquals("component io.kelp.runtime.osgi.internal.testbundles.waiting.Waiting waits for reference twins (io.kelp.devicetwin.DeviceTwins)",
                a.readiness().message());
        int before = told.get();
        gateway.hooks.offerTwins(true);
        TestGateway.await("readiness", () -> told.get() > before && a.readiness().ready());
    }
}
