package io.kelp.runtime.osgi.internal.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.edged.WorkloadContainer.Exit;
import io.kelp.edged.WorkloadException;
import io.kelp.runtime.osgi.internal.process.programs.Programs;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.net.ProxySelector;
import java.security.Security;
import java.util.List;
import java.util.Locale;
import java.util.TimeZone;
import java.util.logging.Logger;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainJarTest {

    @TempDir
    Path folder;

    @Test
    void runsMainWithArgumentsEnvironmentResourcesAndItsOwnLog() throws Exception {
        try (ProgramRun run = new ProgramRun(folder, Programs.Hello.class, "dear", "old")) {
            assertExit(0, "Completed", run.exit());
            assertEquals(List.of("stdout F hello dear old world 1", "stdout F a note", "stdout F 6", "stderr F pod/test/pod/main"), run.output());
            assertEquals(List.of(), run.stuck());
        }
    }

    @Test
    void anExceptionInMainIsCodeOneWithItsTraceInTheLog() throws Exception {
        try (ProgramRun run = new ProgramRun(folder, Programs.Throws.class)) {
            assertExit(1, "Error", run.exit());
            assertEquals("stderr F Exception in thread \"main\" java.lang.IllegalStateException: no luck", run.output().get(0));
        }
    }

    @Test
    void livesAsLongAsAThreadThatIsNoDaemonAndEndsTheDaemons() throws Exception {
        try (ProgramRun run = new ProgramRun(folder, Programs.Threads.class)) {
            assertExit(0, "Completed", run.exit());
            assertEquals(List.of("stdout F thread 0", "stdout F thread 1", "stdout F thread 2", "stdout F daemon interrupted"), run.output());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"system", "runtime", "reference", "bound", "thread"})
    void exitEndsTheContainerOnlyAndRunsItsHooks(String way) throws Exception {
        try (ProgramRun run = new ProgramRun(folder, Programs.Exits.class, way, "42")) {
            assertExit(42, "Error", run.exit());
            assertEquals(List.of("stdout F hook of " + way), run.output());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"halt", "halt-reference"})
    void haltEndsTheContainerWithoutHooks(String way) throws Exception {
        try (ProgramRun run = new ProgramRun(folder, Programs.Exits.class, way, "0")) {
            assertExit(0, "Completed", run.exit());
            assertEquals(List.of(), run.output());
        }
    }

    @Test
    @Tag("slow")
    void oneThatGoesOnAfterExitIsEndedAllTheSame() throws Exception {
        try (ProgramRun run = new ProgramRun(folder, Programs.Exits.class, "caught", "3")) {
            assertExit(3, "Error", run.exit());
            assertEquals(List.of(), run.stuck());
        }
    }

    @Test
    void stopInterruptsAndRunsHooks() throws Exception {
        try (ProgramRun run = new ProgramRun(folder, Programs.Sleeps.class).awaitOutput("sleeping")) {
            Exit exit = run.stop(Duration.ofSeconds(10));
            assertExit(143, "Error", exit);
            assertTrue(run.output().contains("stdout F tidied up"));
        }
    }

    @Test
    void aLoopThatListensToNothingIsEndedAfterTheGracePeriod() throws Exception {
        try (ProgramRun run = new ProgramRun(folder, Programs.Spins.class).awaitOutput("spinning")) {
            Exit exit = run.stop(Duration.ofMillis(300));
            assertExit(137, "Error", exit);
            assertEquals(List.of(), run.stuck());
            assertFalse(run.output().stream().anyMatch(line -> line.contains("ContainerExit")), () -> "quietly");
        }
    }

    @Test
    void whatWasLeftOpenIsClosed() throws Exception {
        try (ProgramRun run = new ProgramRun(folder, Programs.LeavesOpen.class).awaitOutput("ports ")) {
            String[] ports = run.output().stream().filter(line -> line.contains("ports")).findFirst().orElseThrow().split(" ");
            Exit exit = run.stop(Duration.ofSeconds(5));
            assertExit(143, "Error", exit);
            assertEquals(List.of(), run.stuck());
            for (String port : List.of(ports[3], ports[4])) {
                new ServerSocket(Integer.parseInt(port), 1, InetAddress.getLoopbackAddress()).close();
            }
            assertTrue(run.output().contains("stdout F accept ended"));
        }
    }

    @Test
    void streamsAndDefaultsOfTheJavaMachineStayAsTheyAre() throws Exception {
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        try (ProgramRun run = new ProgramRun(folder, Programs.Meddles.class)) {
            assertExit(0, "Completed", run.exit());
            assertEquals(List.of("stdout F false", "stdout F yes null yes", "stdout F null", "stdout F handled here", "stdout F world null"), run.output());
        }
        assertEquals(before, Thread.getDefaultUncaughtExceptionHandler());
        assertEquals(null, System.getProperty("own"));
        assertNotNull(System.getProperty("user.dir"));
    }

    @Test
    void programsThatItStartedEndWithItAndStandardFilesStayOpen() throws Exception {
        try (ProgramRun run = new ProgramRun(folder, Programs.Execs.class)) {
            assertExit(0, "Completed", run.exit());
            long pid = Long.parseLong(run.output().get(0).split(" ")[2]);
            ProcessHandle left = ProcessHandle.of(pid).orElse(null);
            if (left != null) {
                left.onExit().get(5, java.util.concurrent.TimeUnit.SECONDS);
            }
        }
        try (java.io.FileOutputStream error = new java.io.FileOutputStream("/proc/self/fd/2", true)) {
            error.flush();
        }
    }

    @Test
    void whatTheWholeJavaMachineUsesIsNotReplaced() throws Exception {
        List<Object> before = defaults();
        try (ProgramRun run = new ProgramRun(folder, Programs.Replaces.class)) {
            assertExit(0, "Completed", run.exit());
            List<String> out = run.output().stream().filter(line -> line.startsWith("stdout")).toList();
            assertEquals(List.of("stdout F refused", "stdout F refused", "stdout F refused", "stdout F refused", "stdout F refused", "stdout F Mine true"), out);
            assertTrue(run.output().contains("stderr F the default locale belongs to the whole gateway and stays as it is"), run.output().toString());
        }
        assertEquals(before, defaults(), "also the provider that was added is gone");
    }

    private static List<Object> defaults() throws Exception {
        return List.of(Locale.getDefault(), TimeZone.getDefault(), Security.getProperty("jdk.tls.disabledAlgorithms"), List.of(Security.getProviders()),
                List.of(Logger.getLogger("").getHandlers()), String.valueOf(Logger.getLogger("").getLevel()), String.valueOf(ProxySelector.getDefault()),
                SSLContext.getDefault(), HttpsURLConnection.getDefaultHostnameVerifier());
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void aVirtualThreadIsTheContainersToo() throws Exception {
        try (ProgramRun run = new ProgramRun(folder, Programs.Virtual.class)) {
            assertExit(5, "Error", run.exit());
            assertEquals("stdout F from a virtual thread, world", run.output().get(0));
        }
    }

    @Test
    void aJarWithoutMainIsRefusedWithTheReason() {
        WorkloadException refused = assertThrows(WorkloadException.class, () -> new ProgramRun(folder, Programs.class));
        assertEquals("RunContainerError", refused.reason());
        assertTrue(refused.getMessage().contains("public static void main"), refused.getMessage());
    }

    private static void assertExit(int code, String reason, Exit exit) {
        assertEquals(code + " " + reason + " ", exit.code() + " " + exit.reason() + " " + (exit.code() == 137 ? "" : exit.message()));
    }
}
