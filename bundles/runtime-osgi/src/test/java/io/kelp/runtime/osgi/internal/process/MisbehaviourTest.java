package io.kelp.runtime.osgi.internal.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What bad containers do to a Java machine of their own, with the options of the gateway's. */
@Tag("slow")
class MisbehaviourTest {

    private static final String END = "(end of output)";

    @TempDir
    Path folder;

    private Process machine;
    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();

    @AfterEach
    void end() {
        if (machine != null) {
            machine.destroyForcibly();
        }
    }

    @Test
    void aLeakIsEndedAsOutOfMemoryAndItsNeighbourLives() throws Exception {
        start("bad:Leaks:0:64 10", "good:Ticks:0:");
        assertTrue(await("ENDED bad").startsWith("ENDED bad OOMKilled the heap that all containers share is full"));
        assertNeighbourGoesOn("good");
    }

    @Test
    void aHeapExhaustedAtOnceEndsTheMachineAndTheNextRunKnowsWho() throws Exception {
        start("bad:Leaks:0:512", "good:Ticks:0:");
        String end = awaitAny("ENDED bad", END);
        if (end.equals(END)) { // else it was ended in time
            assertEquals(Restart.CODE, machine.waitFor());
            assertTrue(Files.exists(folder.resolve("oom")), "the mark of the exhausted heap");
            Files.move(folder.resolve("oom"), folder.resolve("oom.last"));
            start("bad:Ticks:0:", "good:Ticks:0:");
            assertTrue(await("LAST bad").contains("OOMKilled"));
        } else {
            assertTrue(end.contains("OOMKilled"), end);
        }
    }

    @Test
    void aLoopIsHeldToItsProcessorLimit() throws Exception {
        start("bad:Spins:200:");
        await("READY");
        Thread.sleep(3_000); // until it is measured and slowed down; what follows is measured, not awaited
        say("usage bad");
        long before = Long.parseLong(await("USAGE").split(" ")[1]);
        long began = System.nanoTime();
        Thread.sleep(5_000);
        say("usage bad");
        long used = Long.parseLong(await("USAGE").split(" ")[1]) - before;
        double share = used * 1e6 / (System.nanoTime() - began);
        assertTrue(share > 0.02 && share < 0.3, "share of a processor: " + share);
    }

    @Test
    void oneWithTooManyThreadsIsEnded() throws Exception {
        start("bad:ManyThreads:0:", "good:Ticks:0:");
        assertTrue(await("ENDED bad").contains("more than the 40 that a container may have"));
        assertNeighbourGoesOn("good");
    }

    @Test
    void oneThatHoldsFilesHasHalfOfThemAtMost() throws Exception {
        start("bad:HoldsFiles:0:", "good:Ticks:0:");
        await("READY");
        awaitLog("bad", "Too many open files: the container has half");
        assertNeighbourGoesOn("good");
        say("files");
        long open = Long.parseLong(await("FILES").split(" ")[1]);
        assertTrue(open >= 500 && open < 700, open + " files are open");
    }

    @Test
    void theOneThatHoldsMostFilesIsEndedAndTheyAreClosed() throws Exception {
        start("good:Ticks:0:", "bad:HoldsFiles:0:", "worse:HoldsFiles:0:");
        String end = await("ENDED");
        assertTrue(end.contains("files and sockets"), end);
        assertNeighbourGoesOn("good");
        say("files");
        long open = Long.parseLong(await("FILES").split(" ")[1]);
        assertTrue(open < 600, open + " files are open");
    }

    @Test
    void oneThatHoldsALockOfTheJdkIsEndedWhenTheGatewayNeedsIt() throws Exception {
        start("bad:HoldsLock:0:");
        awaitLog("bad", "locked");
        say("spawn");
        String one = awaitAny("ENDED bad", "SPAWNED"); // the lock is free a moment before the end is told
        String other = await(one.startsWith("SPAWNED") ? "ENDED bad" : "SPAWNED");
        assertTrue((one + other).contains("holds the lock of java.lang.Class"), one + other);
    }

    @Test
    void aThreadThatCannotBeEndedEndsTheMachineWithTheCulpritNamed() throws Exception {
        start("bad:Stuck:0:", "good:Ticks:0:");
        await("READY");
        awaitLog("bad", "stuck");
        say("stop bad");
        await("ENDED bad stuck");
        await(END);
        assertEquals(Restart.CODE, machine.waitFor());
        start("bad:Ticks:0:", "good:Ticks:0:");
        String last = await("LAST bad");
        assertTrue(last.contains("ContainerCannotStop") && last.contains("java.base"), last);
    }

    @Test
    void anExitByReflectionIsBlamedOnTheRightOne() throws Exception {
        start("good:Ticks:0:", "bad:Reflects:0:");
        await(END);
        assertEquals(0, machine.waitFor());
        start("bad:Ticks:0:", "good:Ticks:0:");
        assertTrue(await("LAST bad").contains("by reflection"));
    }

    private void start(String... containers) throws IOException {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", "ulimit -n 1000; exec \"$@\"", "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseSerialGC", "-Xmx64m", "-Xms20m",
                "-Xmn8m", "-Xss256k", "-XX:TieredStopAtLevel=1", "-XX:OnOutOfMemoryError=touch '" + folder.resolve("oom") + "'",
                "-cp", System.getProperty("java.class.path"), ProcessHarness.class.getName(), folder.toString()));
        command.addAll(List.of(containers));
        machine = new ProcessBuilder(command).redirectErrorStream(true).start();
        Process reading = machine;
        said.clear();
        Thread reader = new Thread(() -> {
            try (BufferedReader lines = reading.inputReader(StandardCharsets.UTF_8)) {
                lines.lines().forEach(said::add);
            } catch (IOException | java.io.UncheckedIOException e) {
                said.add("FAILED " + e);
            }
            said.add(END);
        });
        reader.setDaemon(true);
        reader.start();
    }

    private void say(String word) throws IOException {
        machine.getOutputStream().write((word + "\n").getBytes(StandardCharsets.US_ASCII));
        machine.getOutputStream().flush();
    }

    private String await(String beginning) throws InterruptedException {
        return awaitAny(beginning, beginning);
    }

    private String awaitAny(String beginning, String other) throws InterruptedException {
        List<String> seen = new ArrayList<>();
        while (true) {
            String line = said.poll(90, TimeUnit.SECONDS);
            if (line == null || line.equals(END) && !other.equals(END)) {
                throw new AssertionError("no '" + beginning + "' in " + seen);
            }
            if (line.startsWith(beginning) || line.startsWith(other)) {
                return line;
            }
            seen.add(line);
        }
    }

    private void awaitLog(String container, String text) throws Exception {
        Path log = folder.resolve(container).resolve("0.log");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!Files.exists(log) || Files.readAllLines(log).stream().noneMatch(line -> line.contains(text))) {
            assertTrue(System.nanoTime() < deadline, "'" + text + "' is not in the log of " + container);
            Thread.sleep(20);
        }
    }

    /** Its newest line is what counts: some between may be lost while there is no file descriptor to open the log with. */
    private void assertNeighbourGoesOn(String container) throws Exception {
        Path log = folder.resolve(container).resolve("0.log");
        long before = lastTick(log);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (lastTick(log) < before + 3) {
            assertTrue(System.nanoTime() < deadline, container + " has said nothing since tick " + before);
            Thread.sleep(20);
        }
    }

    private static long lastTick(Path log) throws IOException {
        List<String> ticks = Files.exists(log) ? Files.readAllLines(log).stream().filter(line -> line.contains(" tick ")).toList() : List.of();
        return ticks.isEmpty() ? 0 : Long.parseLong(ticks.get(ticks.size() - 1).replaceAll(".* ", ""));
    }
}
