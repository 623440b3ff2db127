package io.kelp.runtime.osgi.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.edged.WorkloadContainer;
import io.kelp.edged.WorkloadContainer.ExecResult;
import io.kelp.edged.WorkloadContainer.Exit;
import io.kelp.edged.WorkloadException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.Bundle;

/** Bundles that mean harm, or were written without thinking, do it to their own pod only. */
class HostileBundleTest {

    private static final String PACKAGE = "io.kelp.runtime.osgi.internal.testbundles.";

    @TempDir Path home;
    private TestGateway gateway;

    @BeforeEach
    void begin() throws Exception {
        gateway = new TestGateway(home, Duration.ofSeconds(1));
    }

    @AfterEach
    void end() throws Exception {
        gateway.close();
    }

    private Path jar(String part, String... more) throws Exception {
        Map<String, String> headers = new HashMap<>(Map.of("Bundle-Activator", PACKAGE + part + ".Activator"));
        for (int i = 0; i < more.length; i += 2) {
            headers.put(more[i], more[i + 1]);
        }
        return gateway.classes("com.example." + part, "1.0.0", part, headers);
    }

    private static ExecResult exec(WorkloadContainer container, String... command) throws Exception {
        return container.exec(List.of(command), Duration.ofSeconds(5)).toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "bundle-0 | 0 | null",
        "system-bundle | 0 | null",
        "bundles | 0 | 1",
        "load | 0 | ''",
        "context-of-provider | 1 | does not belong to this pod",
        "stop-provider | 1 | does not belong to this pod",
        "install | 1 | must not install bundles",
    })
    void waysOutOfThePodAreClosed(String way, int code, String says) throws Exception {
        WorkloadContainer a = gateway.start("a", jar("hostile", "DynamicImport-Package", "*"));
        ExecResult result = exec(a, way);
        assertEquals(code, result.code(), result.output());
        assertTrue(code == 0 ? result.output().equals(says) : result.output().contains(says), result.output());
    }

    @Test
    void whatHappensOutsideIsNotToldAndWhatItRegistersIsUsedByNobody() throws Exception {
        WorkloadContainer a = gateway.start("a", jar("hostile"));
        Bundle other = gateway.framework.getBundleContext().installBundle(gateway.bundle("com.example.gateway", "1.0.0", Map.of(), Map.of()).toUri().toString());
        other.start();
        other.getBundleContext().registerService(Runnable.class, () -> { }, null);
        WorkloadContainer b = gateway.start("b", jar("hostile"));

        String events = exec(a, "events").output();
        assertFalse(events.contains("com.example.gateway") || events.contains("java.lang.Runnable"), events);
        assertFalse(events.contains("got by org.apache.felix.configadmin") || events.contains("got by com.example.gateway"), events);
        assertNull(other.getBundleContext().getServiceReference("io.kelp.control.ControlCommand"));
        assertNull(other.getBundleContext().getAllServiceReferences(null, "(hostile=yes)"));
        assertEquals("1", exec(b, "bundles").output());
    }

    @Test
    void exitEndsTheContainerAndNotTheGateway() throws Exception {
        WorkloadContainer a = gateway.start("a", jar("hostile"));
        a.exec(List.of("exit"), Duration.ofSeconds(5));
        assertEquals(7, a.exit().toCompletableFuture().get(10, TimeUnit.SECONDS).code());
        assertEquals(Bundle.ACTIVE, gateway.framework.getState());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "Fragment-Host: system.bundle; extension:=framework | is a fragment of the framework",
        "Fragment-Host: org.apache.felix.framework | is a fragment of the framework",
        "Fragment-Host: org.apache.felix.scr | fragments, none can be started",
        "Require-Bundle: org.apache.felix.scr | cannot be resolved",
        "Require-Bundle: system.bundle | cannot be resolved",
        "Import-Package: io.kelp.store | needs package io.kelp.store [1.",
        "Import-Package: org.osgi.framework.hooks.service | needs package org.osgi.framework.hooks.service",
        "Bundle-NativeCode: lib/x.so;osname=Linux | set nativeCode of io.kelp.runtime.osgi",
        "Require-Capability: com.example.none;filter:=\"(a=b)\" | cannot be resolved",
    })
    void whatWantsIntoTheGatewayIsRefusedAndLeavesNothing(String header, String says) throws Exception {
        int colon = header.indexOf(':');
        Path jar = gateway.bundle("com.example.intruder", "1.0.0", Map.of(header.substring(0, colon), header.substring(colon + 1).strip()),
                Map.of("lib/x.so", "none"));
        var refused = assertThrows(WorkloadException.class, () -> gateway.start("a", jar));
        assertEquals("CreateContainerError", refused.reason());
        assertTrue(refused.getMessage().contains(says), refused.getMessage());
        assertEquals(List.of(), gateway.podBundles());
        assertEquals(0, gateway.containers.count());
    }

    @Test
    void aFragmentInTheImageAttachesToItsHostInTheImageOnly() throws Exception {
        Path host = jar("hostile");
        Path fragment = gateway.bundle("com.example.fragment", "1.0.0", Map.of("Fragment-Host", "com.example.hostile"), Map.of("found.txt", "yes"));
        gateway.start("a", host, fragment);
        gateway.start("b", host);
        List<Bundle> hosts = gateway.podBundles().stream().filter(b -> b.getSymbolicName().equals("com.example.hostile")).toList();
        assertEquals(2, hosts.size());
        assertEquals(1, hosts.stream().filter(b -> b.getResource("found.txt") != null).count());
    }

    @Test
    void aPackageThatIsExchangedWithTheGatewayIsTheGatewaysEvenIfTheImageBringsIt() throws Exception {
        Path copy = gateway.bundle("com.example.copy", "1.0.0", Map.of("Export-Package", "io.kelp.runtime.osgi;version=1.0.0;-noimport:=true",
                "Import-Package", "!io.kelp.runtime.osgi.internal.*,*"), Map.of());
        WorkloadContainer a = gateway.start("a", jar("hostile"), copy);
        assertEquals("2", exec(a, "bundles").output()); // its commands are found: their class is ours
    }

    @Test
    @Tag("slow")
    void threadsLeftBehindAreEndedEvenIfTheyDoNotListen() throws Exception {
        WorkloadContainer a = gateway.start("a", jar("threads"));
        Exit exit = TestGateway.stop(a);
        assertEquals("Completed", exit.reason(), exit.message());
        assertTrue(Thread.getAllStackTraces().keySet().stream().noneMatch(t -> t.getName().equals("spinner") || t.getName().equals("sleeper")));
    }

    @Test
    void anActivatorThatThrowsIsAnExitWithCodeOneAndItsTraceIsInTheLog() throws Exception {
        var spec = gateway.spec("a", 0, Map.of(), List.of());
        WorkloadContainer a = gateway.start(spec, jar("thrower"));
        Exit exit = a.exit().toCompletableFuture().get(10, TimeUnit.SECONDS);
        assertEquals(1, exit.code());
        assertEquals("bundle com.example.thrower 1.0.0 does not start: java.lang.IllegalStateException: no database", exit.message());
        assertTrue(Files.readString(spec.log()).contains(PACKAGE + "thrower.Activator.start"), Files.readString(spec.log()));
        assertEquals(List.of(), gateway.podBundles());
    }

    @Test
    @Tag("slow")
    void anActivatorThatDoesNotReturnIsInterruptedAtItsDeadline() throws Exception {
        var late = assertThrows(WorkloadException.class, () -> gateway.start("a", jar("blocker", "Blocks", "start")));
        assertEquals("RunContainerError", late.reason());
        assertTrue(late.getMessage().contains("a start must return"), late.getMessage());
        assertEquals(List.of(), gateway.podBundles());
    }

    @Test
    void aStartThatDoesNotReturnCanBeCancelled() throws Exception {
        gateway.close();
        gateway = new TestGateway(home, Duration.ofMinutes(5));
        var starting = gateway.containers.start(gateway.spec("a", 0, Map.of(), List.of()), TestGateway.image(jar("blocker", "Blocks", "start")));
        TestGateway.await("the activator", () -> Thread.getAllStackTraces().entrySet().stream().anyMatch(t -> t.getKey().getName().equals("start")
                && List.of(t.getValue()).stream().anyMatch(f -> f.getClassName().endsWith("blocker.Activator"))));
        gateway.containers.cancel("uid-a", "other");
        gateway.containers.cancel("uid-a", "main");
        var ended = assertThrows(ExecutionException.class, () -> starting.toCompletableFuture().get(10, TimeUnit.SECONDS));
        assertEquals("it was stopped before it was started", ended.getCause().getMessage());
        assertEquals(List.of(), gateway.podBundles());
    }

    @Test
    @Tag("slow")
    void aStopThatDoesNotReturnIsInterruptedAfterTheGracePeriod() throws Exception {
        WorkloadContainer a = gateway.start("a", jar("blocker", "Blocks", "stop"));
        Exit exit = a.stop(Duration.ofMillis(300)).toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertEquals(137, exit.code());
        assertEquals(List.of(), gateway.podBundles());
    }
}
