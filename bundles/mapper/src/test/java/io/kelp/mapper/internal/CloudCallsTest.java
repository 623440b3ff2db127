package io.kelp.mapper.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import io.kelp.edgehub.CloudLink;
import io.kelp.mapper.DeviceCalls;
import io.kelp.mapper.RequestRefusedException;
import io.kelp.mapper.SuggestedProperty;
import io.kelp.mapper.internal.install.FileStore;
import io.kelp.message.Message;
import io.kelp.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Methods called by the cloud: each at most once, each outcome until it is confirmed. */
class CloudCallsTest {

    private static final String RESOURCE = "default/device/pump/method/start";

    @TempDir
    private Path folder;

    private final Devices devices = new Devices();
    private final Link link = new Link();
    private CloudCalls calls;

    @AfterEach
    void stop() {
        if (calls != null) {
            calls.stop();
        }
    }

    /** Devices whose answer the test gives. */
    private static class Devices implements DeviceCalls {
        final List<String> called = Collections.synchronizedList(new ArrayList<>());
        final Map<String, CompletableFuture<Map<String, String>>> answers = new ConcurrentHashMap<>();

        @Override
        public CompletionStage<Map<String, String>> call(String namespace, String device, String method, Map<String, String> arguments, Duration deadline) {
            called.add(namespace + "/" + device + " " + method + arguments + " " + deadline.toSeconds() + " s");
            return answers.computeIfAbsent(method, m -> new CompletableFuture<>());
        }

        @Override
        public CompletionStage<List<SuggestedProperty>> discover(String namespace, String device, Duration deadline) {
            throw new UnsupportedOperationException("not asked here");
        }
    }

    private static final class Link implements CloudLink {
        final List<Message> sent = Collections.synchronizedList(new ArrayList<>());
        volatile boolean up = true;

        @Override
        public Status status() {
            return new Status(up ? State.CONNECTED : State.DISCONNECTED, Instant.EPOCH, up ? Peer.KELP : null, "");
        }

        @Override
        public boolean send(Message message) {
            return up && sent.add(message);
        }

        @Override
        public CompletionStage<Message> request(Message message, Duration timeout) {
            throw new UnsupportedOperationException("calls are not requests");
        }

        List<String> phases() {
            synchronized (sent) {
                return sent.stream().map(m -> Json.text(Json.object(m.content()), "phase") + " " + Json.text(Json.object(m.content()), "reason")).toList();
            }
        }
    }

    private Duration patience = Duration.ZERO;

    private void start() {
        stop();
        calls = new CloudCalls(new FileStore(folder), devices, InstantSource.fixed(Instant.ofEpochMilli(1_700_000_000_000L)), Duration.ofMillis(200), patience);
        calls.setLink(link);
    }

    private static Message call(String id, String method, long timeoutMillis) {
        JsonObject content = new JsonObject();
        content.addProperty("id", id);
        content.add("arguments", FakeTwins.json("{'speed':'5'}"));
        content.addProperty("deadline", 1_700_000_060_000L);
        content.addProperty("timeoutMillis", timeoutMillis);
        return Message.create("kelp", "device", "call", "default/device/pump/method/" + method, content);
    }

    private void take(Message message) {
        try {
            calls.handle(message).toCompletableFuture().get(5, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void confirm(String id) {
        JsonObject content = new JsonObject();
        content.addProperty("id", id);
        take(Message.create("kelp", "device", "confirmed", RESOURCE, content));
    }

    private void awaitPhase(String phase) {
        Await.until(phase, Duration.ofSeconds(5), () -> link.phases().contains(phase));
    }

    @Test
    void aCallRunsOnceHoweverOftenTheCloudAsks() {
        start();
        take(call("1", "start", 500_000));
        take(call("1", "start", 500_000));
        awaitPhase("Running ");
        assertEquals(List.of("default/pump start{speed=5} 60 s"), devices.called);
        devices.answers.get("start").complete(Map.of("rpm", "300"));
        awaitPhase("Succeeded ");
        Message outcome = link.sent.get(link.sent.size() - 1);
        assertEquals(RESOURCE, outcome.resource());
        assertEquals("kelp device called", outcome.source() + " " + outcome.group() + " " + outcome.operation());
        assertEquals("{\"id\":\"1\",\"phase\":\"Succeeded\",\"reason\":\"\",\"message\":\"\",\"values\":{\"rpm\":\"300\"},"
                + "\"startedAt\":1700000000000,\"completedAt\":1700000000000}", outcome.content().toString());
        take(call("1", "start", 500_000));
        assertEquals(1, devices.called.size());
    }

    @Test
    void anOutcomeIsRepeatedUntilItIsConfirmed() throws InterruptedException {
        start();
        devices.answers.put("start", CompletableFuture.completedFuture(Map.of()));
        take(call("1", "start", 1_000));
        Await.until("told three times", Duration.ofSeconds(5), () -> link.phases().stream().filter("Succeeded "::equals).count() >= 3);
        confirm("1");
        int told = link.sent.size();
        Thread.sleep(500); // two and a half repetitions in which nothing must come
        assertTrue(link.sent.size() <= told + 1, "one may have been under way");
        start();
        calls.connected(CloudLink.Peer.KELP);
        confirm("1");
        assertTrue(link.sent.size() <= told + 1, "also after a restart");
    }

    @Test
    void anOutcomeWithoutLinkIsToldWhenThereIsOneAlsoAfterARestart() {
        link.up = false;
        start();
        devices.answers.put("start", CompletableFuture.failedFuture(new RequestRefusedException("it is locked")));
        take(call("1", "start", 1_000));
        Await.until("called", Duration.ofSeconds(5), () -> devices.called.size() == 1);
        confirm("unknown"); // begun before this was taken
        confirm("unknown"); // and ended before this
        start();
        link.up = true;
        calls.connected(CloudLink.Peer.KELP);
        awaitPhase("Failed Refused");
        assertEquals(1, devices.called.size());
    }

    @Test
    void whatRanWhenTheGatewayEndedHasAnUnknownOutcomeAndIsNeverRunAgain() {
        start();
        take(call("1", "start", 1_000));
        Await.until("called", Duration.ofSeconds(5), () -> devices.called.size() == 1);
        start();
        calls.connected(CloudLink.Peer.KELP);
        awaitPhase("Failed Interrupted");
        take(call("1", "start", 1_000));
        assertEquals(1, devices.called.size());
    }

    @Test
    void whatHadNotBegunWhenTheGatewayStoppedRunsAfterTheStart() {
        patience = Duration.ofSeconds(10);
        start();
        devices.answers.put("early", CompletableFuture.failedFuture(new NotReadyException("the mapper has gone")));
        take(call("1", "queued", 60_000));
        take(call("2", "early", 60_000));
        Await.until("called", Duration.ofSeconds(5), () -> devices.called.size() >= 2);
        calls.stop(); // the runtime follows, and says of each call whether it was begun
        devices.answers.get("queued").completeExceptionally(new NotReadyException("being closed"));
        devices.answers.clear();
        devices.called.clear();
        link.sent.clear();
        start();
        calls.connected(CloudLink.Peer.KELP);
        take(call("1", "queued", 50_000)); // the cloud asks until it has the outcome
        take(call("2", "early", 50_000));
        Await.until("both are called", Duration.ofSeconds(5), () -> devices.called.size() == 2);
        devices.answers.values().forEach(answer -> answer.complete(Map.of()));
        Await.until("both are done", Duration.ofSeconds(5), () -> link.phases().stream().filter("Succeeded "::equals).count() >= 2);
        assertFalse(link.phases().contains("Failed Interrupted"), () -> link.phases().toString());
        take(call("1", "queued", 40_000));
        assertEquals(2, devices.called.size());
    }

    @Test
    void whatHadBegunWhenTheGatewayStoppedIsNotRunAgainAlthoughItsEndIsToldLate() {
        start();
        take(call("1", "start", 60_000));
        Await.until("called", Duration.ofSeconds(5), () -> devices.called.size() == 1);
        calls.stop();
        devices.answers.get("start").completeExceptionally(new IOException("being closed"));
        start();
        calls.connected(CloudLink.Peer.KELP);
        awaitPhase("Failed Interrupted");
        take(call("1", "start", 50_000));
        assertEquals(1, devices.called.size());
    }

    @Test
    void aMapperThatIsSwappedIsWaitedForHoweverLongTheCallHasWaitedBefore() throws InterruptedException {
        patience = Duration.ofSeconds(1);
        start();
        take(call("1", "start", 60_000));
        Await.until("called", Duration.ofSeconds(5), () -> devices.called.size() == 1);
        Thread.sleep(1_200); // in the queue of the device, for longer than the patience
        CompletableFuture<Map<String, String>> first = devices.answers.remove("start");
        first.completeExceptionally(new NotReadyException("being closed, because its mapper changes"));
        Await.until("called again", Duration.ofSeconds(5), () -> devices.called.size() == 2);
        devices.answers.get("start").complete(Map.of());
        awaitPhase("Succeeded ");
    }

    @Test
    void whatCannotBeNotedIsNotRun() {
        FileStore store = new FileStore(folder);
        store.broken = true;
        calls = new CloudCalls(store, devices, InstantSource.system(), Duration.ofSeconds(10), Duration.ZERO);
        assertThrows(ExecutionException.class, () -> calls.handle(call("1", "start", 1_000)).toCompletableFuture().get(5, TimeUnit.SECONDS));
        assertEquals(List.of(), devices.called);
        store.broken = false;
        take(call("1", "start", 1_000));
        Await.until("called", Duration.ofSeconds(5), () -> devices.called.size() == 1);
    }

    @Test
    void failuresHaveTheReasonsOfTheCloudsObject() {
        start();
        Map<String, Throwable> failures = new LinkedHashMap<>();
        failures.put("DeviceUnknown", new CallRefusal(CallRefusal.Reason.DEVICE_UNKNOWN, "no device"));
        failures.put("MethodUnknown", new CallRefusal(CallRefusal.Reason.METHOD_UNKNOWN, "no method"));
        failures.put("ArgumentInvalid", new CallRefusal(CallRefusal.Reason.ARGUMENT_INVALID, "no value"));
        failures.put("Refused", new RequestRefusedException("no"));
        failures.put("DeadlineExceeded", new CallTimeoutException("late"));
        failures.put("Unreachable", new IOException("gone"));
        failures.forEach((reason, cause) -> {
            devices.answers.put(reason, CompletableFuture.failedFuture(cause));
            take(call("id " + reason, reason, 1_000));
            awaitPhase("Failed " + reason);
        });
        take(call("late", "late", 0));
        Await.until("late", Duration.ofSeconds(5), () -> link.sent.stream().anyMatch(m -> m.resource().endsWith("/late")));
        assertEquals(failures.size(), devices.called.size(), "what is too late already is not run");
    }

    @Test
    void aDeviceThatIsJustComingIsWaitedFor() {
        patience = Duration.ofSeconds(10);
        start();
        for (Throwable notYet : List.of(new CallRefusal(CallRefusal.Reason.DEVICE_UNKNOWN, "no device"),
                new CallRefusal(CallRefusal.Reason.METHOD_UNKNOWN, "no method"), new NotReadyException("no mapper"))) {
            link.sent.clear();
            int before = devices.called.size();
            devices.answers.put("start", CompletableFuture.failedFuture(notYet));
            take(call(notYet.getMessage(), "start", 60_000));
            Await.until("asked twice", Duration.ofSeconds(5), () -> devices.called.size() >= before + 2);
            assertEquals(List.of("Running "), link.phases());
            devices.answers.put("start", CompletableFuture.completedFuture(Map.of()));
            awaitPhase("Succeeded ");
            confirm(notYet.getMessage()); // else it would be told again among what comes next
        }
    }

    @Test
    void aDeviceThatDoesNotComeIsWaitedForNoLongerThanTheCall() {
        patience = Duration.ofSeconds(60);
        start();
        devices.answers.put("start", CompletableFuture.failedFuture(new NotReadyException("no mapper")));
        take(call("1", "start", 600));
        awaitPhase("Failed Unreachable");
    }

    @Test
    void callsBeyondWhatMayWaitForADeviceAreTakenLaterAndKeepNoOtherDeviceWaiting() {
        start();
        for (int i = 0; i < 40; i++) {
            take(call("id" + i, "m" + i, 60_000));
        }
        Message other = call("other", "m", 60_000);
        take(Message.create("kelp", "device", "call", "default/device/pump2/method/m", other.content()));
        Await.until("the other device is called", Duration.ofSeconds(5), () -> devices.called.stream().anyMatch(c -> c.startsWith("default/pump2 ")));
        assertEquals(32 + 1, devices.called.size());
        assertEquals(List.of("Running "), link.phases().stream().distinct().toList(), "none is refused");
        devices.answers.values().forEach(a -> a.complete(Map.of()));
        Await.until("all have ended", Duration.ofSeconds(5), () -> link.phases().stream().filter("Succeeded "::equals).count() >= 33);
        for (int i = 0; i < 40; i++) {
            take(call("id" + i, "m" + i, 50_000)); // as the cloud does
        }
        Await.until("those left over are called", Duration.ofSeconds(5), () -> devices.called.size() == 40 + 1);
    }

    @Test
    void malformedCallsAreRefused() {
        start();
        for (String resource : List.of("default/device/pump", "default/pod/pump/method/x", "a/device/b/call/c", "")) {
            Message bad = Message.create("kelp", "device", "call", resource, call("1", "x", 1).content());
            assertThrows(ExecutionException.class, () -> calls.handle(bad).toCompletableFuture().get(5, TimeUnit.SECONDS), resource);
        }
        assertFalse(calls.claims(Message.create("kelp", "device", "history", "default/device/pump", new JsonObject())));
        assertFalse(calls.claims(Message.create("other", "device", "call", RESOURCE, new JsonObject())));
        assertTrue(calls.claims(call("1", "x", 1)));
    }

    @Test
    void theLedgerKeepsItsBoundAndForgetsOnlyWhatTheCloudKnows() {
        FileStore store = new FileStore(folder);
        CallLedger ledger = new CallLedger(store, 0);
        ledger.begin("running", "r", 0);
        int unconfirmed = 0;
        int calls = 0;
        for (; !ledger.isFull("r"); calls++) {
            assertTrue(calls < 5 * CallLedger.KEPT, "never full");
            String id = "id" + calls;
            ledger.begin(id, "r", 0);
            ledger.put(id, ledger.get(id).orElseThrow().succeeded(Map.of(), 0));
            if (calls % 3 != 0) {
                ledger.put(id, ledger.get(id).orElseThrow().known());
            } else {
                unconfirmed++;
            }
        }
        assertEquals(CallLedger.KEPT - 1, unconfirmed, "beside the one that runs");
        CallLedger again = new CallLedger(store, 0);
        assertEquals("Interrupted", again.get("running").orElseThrow().reason());
        for (int i = 0; i < calls; i++) {
            assertEquals(i % 3 == 0, again.get("id" + i).isPresent(), "id" + i);
        }
    }

    /** The gateway that dies: each call leaves a line in a file when the device hears of it. */
    public static final class Victim {

        private Victim() {}

        public static void main(String[] args) throws Exception {
            Path folder = Path.of(args[0]);
            Random random = new Random(Long.parseLong(args[1]));
            CloudCalls calls = new CloudCalls(new FileStore(folder.resolve("store")), new Devices() {
                @Override
                public CompletionStage<Map<String, String>> call(String ns, String device, String method, Map<String, String> arguments, Duration deadline) {
                    heard(folder, method);
                    return CompletableFuture.supplyAsync(Map::of, CompletableFuture.delayedExecutor(random.nextInt(20), TimeUnit.MILLISECONDS));
                }
            }, InstantSource.system(), Duration.ofSeconds(10), Duration.ZERO);
            for (int i = 0; true; i++) {
                // The cloud asks for new calls and again for earlier ones, in this life and the last.
                int number = random.nextInt(3) == 0 ? random.nextInt(Integer.parseInt(args[2]) + i + 1) : Integer.parseInt(args[2]) + i;
                calls.handle(CloudCallsTest.call("id" + number, "m" + number, 1_000)).toCompletableFuture().get(5, TimeUnit.SECONDS);
            }
        }

        static void heard(Path folder, String method) {
            try {
                Files.writeString(folder.resolve("heard"), method + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    @Test
    @Tag("slow")
    void noCallRunsTwiceAlthoughTheGatewayIsKilledAtAnyMoment() throws Exception {
        Random random = new Random(7);
        int first = 0;
        for (int kill = 0; kill < 6; kill++) {
            Process victim = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                    System.getProperty("java.class.path"), "-Xmx64m", "-XX:TieredStopAtLevel=1", Victim.class.getName(),
                    folder.toString(), String.valueOf(kill), String.valueOf(first))
                    .redirectErrorStream(true).redirectOutput(folder.resolve("victim.log").toFile()).start();
            int before = heard().size();
            try {
                Await.until("the victim works", Duration.ofSeconds(30), () -> heard().size() > before || !victim.isAlive());
                assertTrue(victim.isAlive(), () -> log());
                Thread.sleep(random.nextInt(100)); // the moment of death is the point of this test
            } finally {
                victim.destroyForcibly();
            }
            assertTrue(victim.waitFor(10, TimeUnit.SECONDS));
            List<String> heard = heard();
            assertEquals(heard.size(), heard.stream().distinct().count(), "heard twice: " + heard);
            first = heard.stream().mapToInt(m -> Integer.parseInt(m.substring(1))).max().orElse(0) + 1;
            if (first > CallLedger.KEPT / 2) {
                break; // beyond what the ledger promises to remember
            }
        }
        CallLedger ledger = new CallLedger(new FileStore(folder.resolve("store")), 0);
        heard().forEach(m -> assertTrue(ledger.get("id" + m.substring(1)).isPresent(), m + " was noted before the device heard of it"));
    }

    private List<String> heard() {
        try {
            Path file = folder.resolve("heard");
            return Files.exists(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("victim.log"));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
