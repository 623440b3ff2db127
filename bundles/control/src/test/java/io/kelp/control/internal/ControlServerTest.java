package io.kelp.control.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.control.ControlCommand;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server with a real FIFO; the test plays the part of {@code bin/kelp}. */
class ControlServerTest {

    private static final AtomicInteger NUMBER = new AtomicInteger(1000);

    @TempDir
    private Path run;
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger inside = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private ControlServer server;

    private static ControlCommand command(String name, Function<List<String>, ControlCommand.Result> body) {
        return new ControlCommand() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public List<String> usage() {
                return List.of(name + " WORD     says it");
            }

            @Override
            public Result run(List<String> arguments) {
                return body.apply(arguments);
            }
        };
    }

    @BeforeEach
    void start() throws IOException {
        server = new ControlServer(run, Duration.ofMillis(300), List.of(
                command("echo", words -> ControlCommand.Result.ok(String.join("+", words))),
                command("serial", words -> {
                    most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    inside.decrementAndGet();
                    return ControlCommand.Result.ok();
                }),
                command("fails", words -> {
                    throw new IllegalStateException("broken");
                }),
                command("hangs", words -> {
                    try {
                        release.await(30, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return ControlCommand.Result.ok("late");
                })));
    }

    @AfterEach
    void stop() {
        release.countDown();
        server.stop();
    }

    private record Answer(int code, String text) {}

    private Answer ask(String... words) throws Exception {
        return askRaw(String.join("\0", words) + "\0");
    }

    private Answer askRaw(String request) throws Exception {
        String id = NUMBER.incrementAndGet() + ".12.34";
        Files.writeString(run.resolve(id + ".args"), request);
        assertEquals(0, new ProcessBuilder("mkfifo", run.resolve(id + ".done").toString()).start().waitFor());
        CompletableFuture<String> code = new CompletableFuture<>();
        var reader = Executors.newSingleThreadExecutor();
        try (FileChannel done = FileChannel.open(run.resolve(id + ".done"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            reader.execute(() -> {
                ByteBuffer buffer = ByteBuffer.allocate(16);
                try {
                    done.read(buffer);
                    code.complete(new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    code.completeExceptionally(e);
                }
            });
            write((id + "\n").getBytes(StandardCharsets.US_ASCII));
            int exit = Integer.parseInt(code.get(10, TimeUnit.SECONDS).strip());
            return new Answer(exit, Files.readString(run.resolve(id + ".out")));
        } finally {
            reader.shutdownNow();
        }
    }

    private void write(byte[] bytes) throws IOException {
        try (FileChannel control = FileChannel.open(run.resolve("control"), StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                control.write(buffer);
            }
        }
    }

    @Test
    void answersACommandWithBlanksAndOtherLettersInItsWords() throws Exception {
        assertEquals(new Answer(0, "a b+ü\\n+\n"), ask("echo", "a b", "ü\n", ""));
    }

    @Test
    void namesTheCommandsItKnowsWhenAskedForAnother() throws Exception {
        Answer answer = ask("frobnicate");
        assertEquals(2, answer.code);
        assertTrue(answer.text.contains("knows echo, fails, hangs, serial"), answer.text);
    }

    @Test
    void showsTheUsageOfACommand() throws Exception {
        assertEquals(new Answer(0, "kelp echo WORD     says it\n"), ask("echo", "--help"));
        assertTrue(ask("help").text.contains("  hangs WORD"));
    }

    @Test
    void aCommandThatFailsIsAnswered() throws Exception {
        assertEquals(new Answer(1, "kelp: 'fails' failed: java.lang.IllegalStateException: broken\n"), ask("fails"));
    }

    @Test
    void aCommandThatHangsIsAnsweredInTimeAndHoldsUpNoOther() throws Exception {
        Answer answer = ask("hangs");
        assertEquals(4, answer.code);
        assertTrue(answer.text.contains("has not finished within"), answer.text);
        assertEquals(4, ask("hangs").code);
        assertEquals(0, ask("echo", "x").code);
    }

    @Test
    void garbageAndOversizeLinesAreCountedAndTheNextRequestIsAnswered() throws Exception {
        Random random = new Random(7);
        byte[] garbage = new byte[20_000];
        random.nextBytes(garbage);
        write(garbage);
        write("\n../../etc/passwd\n1.2.3\n\n\n".getBytes(StandardCharsets.US_ASCII));
        write("x".repeat(500_000).getBytes(StandardCharsets.US_ASCII));
        write("\n".getBytes(StandardCharsets.US_ASCII));
        assertEquals(0, ask("echo", "x").code);
    }

    @Test
    void refusesTooManyOrTooLongWords() throws Exception {
        assertEquals(2, ask("echo", "x".repeat(4097)).code);
        assertEquals(2, askRaw("a\0".repeat(66)).code);
        assertEquals(2, askRaw("echo\0no end").code);
        assertEquals(2, askRaw("x".repeat(400_000)).code);
        assertEquals(2, askRaw("").code);
    }

    @Test
    void callsACommandOnceAtATimeAndAnswersEveryCallerOfAFlood() throws Exception {
        var callers = Executors.newFixedThreadPool(8);
        try {
            List<Future<Answer>> answers = new ArrayList<>();
            for (int i = 0; i < 80; i++) {
                answers.add(callers.submit(() -> ask("serial")));
            }
            for (var answer : answers) {
                int code = answer.get(30, TimeUnit.SECONDS).code;
                assertTrue(code == 0 || code == 4, "code " + code);
            }
        } finally {
            callers.shutdownNow();
        }
        assertEquals(1, most.get());
    }

    @Test
    void aCallerThatVanishedCostsNothing() throws Exception {
        for (int i = 0; i < 50; i++) {
            write((NUMBER.incrementAndGet() + ".1.1\n").getBytes(StandardCharsets.US_ASCII));
        }
        assertEquals(0, ask("echo", "x").code);
    }

    @Test
    void stopsWithinASecondAndLeavesNoThread() throws Exception {
        ask("echo", "x");
        long began = System.nanoTime();
        server.stop();
        assertTrue(System.nanoTime() - began < 1_000_000_000L);
        assertTrue(Thread.getAllStackTraces().keySet().stream().noneMatch(t -> t.getName().equals("kelp-control") && t.isAlive()));
        server.stop();
    }

    @Test
    void refusesAFileInPlaceOfTheFifo() throws IOException {
        Path other = Files.createDirectory(run.resolve("other"));
        Files.writeString(other.resolve("control"), "");
        assertTrue(assertThrows(IOException.class, () -> new ControlServer(other, Duration.ofSeconds(1), List.of()))
                .getMessage().endsWith("is no FIFO; remove it and restart the gateway"));
    }
}
