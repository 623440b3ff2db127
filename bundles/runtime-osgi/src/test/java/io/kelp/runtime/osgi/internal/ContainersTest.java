package io.kelp.runtime.osgi.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.edged.ContainerSpec.Mount;
import io.kelp.edged.ContainerSpec.Port;
import io.kelp.edged.WorkloadContainer;
import io.kelp.edged.WorkloadContainer.ExecResult;
import io.kelp.edged.WorkloadContainer.Exit;
import io.kelp.edged.WorkloadException;
import io.kelp.store.Store;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainersTest {

    private static final Map<String, String> ACTIVATOR = Map.of("Bundle-Activator", "io.kelp.runtime.osgi.internal.testbundles.service.Activator");

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

    private Path app(String version) throws Exception {
        return gateway.classes("com.example.app", version, "service", ACTIVATOR);
    }

    private static String exec(WorkloadContainer container, String... command) throws Exception {
        ExecResult result = container.exec(List.of(command), Duration.ofSeconds(5)).toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertEquals(0, result.code(), result.output());
        return result.output();
    }

    @Test
    void twoVersionsAndTwoReplicasOfABundleRunSideBySideAndDoNotSeeEachOther() throws Exception {
        Path one = app("1.0.0");
        Path two = app("2.0.0");
        WorkloadContainer a = gateway.start("a", one);
        WorkloadContainer b = gateway.start("b", one);
        WorkloadContainer c = gateway.start("c", two);

        assertEquals(3, gateway.podBundles().size());
        for (WorkloadContainer each : List.of(a, b, c)) {
            assertTrue(each.readiness().ready(), each.readiness().message());
        }
        assertEquals("[com.example.app 1.0.0]", exec(a, "bundles"));
        assertEquals("[com.example.app 2.0.0]", exec(c, "bundles"));
        assertEquals("[java.util.function.Supplier@b]", exec(b, "services", "java.util.function.Supplier"));
        assertEquals("pod/default/b/main", exec(b, "group"));
        assertNull(gateway.framework.getBundleContext().getBundle(0).getBundleContext().getServiceReference("none"));
    }

    @Test
    void stoppedContainersLeaveNothingBehind() throws Exception {
        int services = gateway.own.getAllServiceReferences(null, null).length;
        WorkloadContainer a = gateway.start("a", app("1.0.0"));
        assertEquals(new Exit(0, "Completed", "", null), withoutTime(TestGateway.stop(a)));

        assertEquals(List.of(), gateway.podBundles());
        assertEquals(services, gateway.own.getAllServiceReferences(null, null).length);
        assertFalse(Files.exists(home.resolve("pods/a/containers/main/0")));
        assertEquals(0, gateway.containers.count());
        assertTrue(Files.exists(app("1.0.0")), "the store's jar stays");
    }

    private static Exit withoutTime(Exit exit) {
        return new Exit(exit.code(), exit.reason(), exit.message(), null);
    }

    @Test
    void theGatewaySeesNothingOfAPodAndThePodOnlyWhatIsAllowed() throws Exception {
        gateway.framework.getBundleContext().registerService(Supplier.class, () -> "the gateway's", null);
        WorkloadContainer a = gateway.start("a", app("1.0.0"));

        var gatewayBundle = gateway.framework.getBundleContext().installBundle(
                gateway.bundle("com.example.gateway", "1.0.0", Map.of(), Map.of()).toUri().toString());
        gatewayBundle.start();
        assertEquals(1, gatewayBundle.getBundleContext().getAllServiceReferences(Supplier.class.getName(), null).length);
        assertNull(gatewayBundle.getBundleContext().getServiceReference("io.kelp.runtime.osgi.PodContext"));
        assertTrue(List.of(gatewayBundle.getBundleContext().getBundles()).stream().noneMatch(x -> "com.example.app".equals(x.getSymbolicName())));

        String seen = exec(a, "services");
        assertFalse(seen.contains(Store.class.getPackageName()), seen);
        assertEquals("[io.kelp.devicetwin.DeviceTwins, io.kelp.runtime.osgi.ContainerCommand, io.kelp.runtime.osgi.PodContext, java.util.function.Supplier@a, "
                + "org.osgi.service.cm.ConfigurationAdmin, org.osgi.service.condition.Condition]", seen.replace("org.osgi.service.cm.ManagedService, ", ""));
    }

    @Test
    void environmentArgumentsPathsAndPortsAreThePodsAboveTheImages() throws Exception {
        Path volume = Files.createDirectories(home.resolve("volume"));
        var spec = gateway.spec("a", 0, Map.of("BOTH", "pod"), List.of(new Mount("/etc/config", volume, true), new Mount("/etc", home, true)),
                new Port("web-ui", 8080, false, "TCP"), new Port("", 9000, false, "UDP"));
        WorkloadContainer a = gateway.start(spec, app("1.0.0"));

        assertEquals("pod", exec(a, "env", "BOTH"));
        assertEquals("yes", exec(a, "env", "FROM_IMAGE"));
        assertEquals("from-image", exec(a, "args"));
        assertEquals(volume.resolve("a/b").toString(), exec(a, "path", "/etc/config/a/b"));
        assertEquals(home.resolve("hosts").toString(), exec(a, "path", "/etc/hosts"));
        assertEquals(home.resolve("pods/a/containers/main/0/root/tmp/x").toString(), exec(a, "path", "/tmp/x"));
        int port = a.ports().get(8080);
        assertEquals(String.valueOf(port), exec(a, "env", "PORT"));
        assertEquals(String.valueOf(port), exec(a, "env", "PORT_WEB_UI"));
        assertEquals(String.valueOf(a.ports().get(9000)), exec(a, "env", "PORT_9000"));
        assertEquals("OptionalInt[" + port + "]", exec(a, "port", "web-ui"));
        assertEquals("OptionalInt[" + port + "]", exec(a, "port", "8080"));
        ExecResult out = a.exec(List.of("path", "/etc/../x"), Duration.ofSeconds(5)).toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertEquals(1, out.code());
        assertTrue(out.output().contains("without . and .."), out.output());

        TestGateway.stop(a);
        WorkloadContainer again = gateway.start(gateway.spec("a", 1, Map.of(), List.of(), new Port("web-ui", 8080, false, "TCP")), app("1.0.0"));
        assertEquals(port, again.ports().get(8080), "the number stays over a restart");
    }

    @Test
    void aFixedPortIsTakenOnceAndAClashNamesBothPods() throws Exception {
        int number;
        try (ServerSocket free = new ServerSocket(0)) {
            number = free.getLocalPort();
        }
        gateway.start(gateway.spec("a", 0, Map.of(), List.of(), new Port("", number, true, "TCP")), app("1.0.0"));
        var clash = assertThrows(WorkloadException.class, () -> gateway.start(
                gateway.spec("b", 0, Map.of(), List.of(), new Port("", number, true, "TCP")), app("1.0.0")));
        assertEquals("HostPortConflict", clash.reason());
        assertTrue(clash.getMessage().contains("default/a") && clash.getMessage().contains("default/b") && clash.getMessage().contains("maxSurge: 0"), clash.getMessage());

        try (ServerSocket foreign = new ServerSocket()) {
            foreign.bind(new InetSocketAddress(0));
            var other = assertThrows(WorkloadException.class, () -> gateway.start(
                    gateway.spec("c", 0, Map.of(), List.of(), new Port("", foreign.getLocalPort(), true, "TCP")), app("1.0.0")));
            assertTrue(other.getMessage().contains("another process"), other.getMessage());
        }
    }

    @Test
    void commandsHaveADeadlineAndTellWhatThereIs() throws Exception {
        WorkloadContainer a = gateway.start("a", app("1.0.0"));

        var late = assertThrows(ExecutionException.class, () -> a.exec(List.of("hang"), Duration.ofMillis(100)).toCompletableFuture().get(10, TimeUnit.SECONDS));
        assertEquals("ExecTimeout", ((WorkloadException) late.getCause()).reason());
        TestGateway.await("the interrupt", () -> Thread.getAllStackTraces().keySet().stream().noneMatch(t -> t.getName().equals("exec")));
        var unknown = assertThrows(ExecutionException.class, () -> a.exec(List.of("ls"), Duration.ofSeconds(5)).toCompletableFuture().get(10, TimeUnit.SECONDS));
        assertTrue(unknown.getCause().getMessage().contains("[args, bundles, env"), unknown.getCause().getMessage());
        ExecResult failed = a.exec(List.of("fail"), Duration.ofSeconds(5)).toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertEquals(new ExecResult(1, "no luck"), failed);
    }

    @Test
    void aContainerEndsWithTheCodeThatItAsksFor() throws Exception {
        WorkloadContainer a = gateway.start("a", app("1.0.0"));
        a.exec(List.of("exit", "3"), Duration.ofSeconds(5));
        Exit exit = a.exit().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertEquals(3, exit.code());
        assertEquals("Error", exit.reason());
        assertEquals(List.of(), gateway.podBundles());
    }

    @Test
    void allBundlesStoppedIsTheEndOfTheContainer() throws Exception {
        WorkloadContainer a = gateway.start("a", app("1.0.0"));
        gateway.podBundles().get(0).stop();
        Exit exit = a.exit().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertEquals(1, exit.code());
        assertEquals("all of its bundles have stopped", exit.message());
    }
}
