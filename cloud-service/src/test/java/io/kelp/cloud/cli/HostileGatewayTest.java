package io.kelp.cloud.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonPrimitive;
import io.kelp.cloud.cli.TestCloud.Identity;
import io.kelp.cloud.hub.HubSettings;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Gateways that do what they should not, and what the others notice of it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileGatewayTest {

    private TestCloud cloud;

    @BeforeAll
    void start() throws Exception {
        HubSettings d = HubSettings.defaults();
        cloud = new TestCloud(new FakeKube(), true, new HubSettings(6, 1000, Duration.ofSeconds(5), d.ackTimeout(), d.sends(), d.window(),
                d.scan(), 100_000, d.messagesPerSecond(), d.inboundBytes(), 200_000, Duration.ofSeconds(2), Duration.ofSeconds(2), d.workers()));
    }

    @AfterAll
    void stop() {
        cloud.close();
    }

    private static byte[] echo(String text) {
        Message ping = Message.create("websocket", "resource", "ping", text, new JsonPrimitive("ping"));
        return MessageCodec.encode(ping).getBytes(StandardCharsets.UTF_8);
    }

    private static void requireAnswers(TestEdge edge) throws IOException {
        edge.frame(TestEdge.TEXT, true, echo("node"));
        edge.await(3000, m -> m.isAnswer() && m.content().equals(new JsonPrimitive("ack")));
    }

    @Test
    void aMessageAboveTheLimitEndsTheLinkWithTheReason() throws Exception {
        try (TestEdge edge = cloud.connect(cloud.join("big"), "big")) {
            edge.frame(TestEdge.TEXT, true, new byte[150_000]);
            assertEquals(1009, edge.awaitClose(3000).closeCode());
        }
    }

    @Test
    void aKelpGatewayMayWriteSeveralMessagesInOneText() throws Exception {
        byte[] two = (new String(echo("node"), StandardCharsets.UTF_8) + new String(echo("again"), StandardCharsets.UTF_8))
                .getBytes(StandardCharsets.UTF_8);
        try (TestEdge edge = cloud.connectKelp(cloud.join("lines"), "lines")) {
            edge.frame(TestEdge.TEXT, true, two);
            edge.await(3000, m -> m.isAnswer() && m.resource().equals("node"));
            edge.await(3000, m -> m.isAnswer() && m.resource().equals("again"));
        }
        try (TestEdge edge = cloud.connect(cloud.join("single"), "single")) {
            edge.frame(TestEdge.TEXT, true, two);
            edge.await(3000, m -> m.isAnswer() && m.resource().equals("node"));
            edge.expectNone(300, m -> m.isAnswer() && m.resource().equals("again")); // as stock clouds read
        }
    }

    @Test
    void fragmentsWithoutEndAreCountedTogether() throws Exception {
        try (TestEdge edge = cloud.connect(cloud.join("parts"), "parts")) {
            edge.frame(TestEdge.TEXT, false, new byte[40_000]);
            edge.frame(0, false, new byte[40_000]);
            edge.frame(0, false, new byte[40_000]);
            assertEquals(1009, edge.awaitClose(3000).closeCode());
        }
    }

    @Test
    void aFrameThatPromisesTooMuchCostsNothing() throws Exception {
        try (TestEdge edge = cloud.connect(cloud.join("liar"), "liar")) {
            // 2^62 bytes announced, none sent
            edge.socket().getOutputStream().write(new byte[] {(byte) 0x81, (byte) 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
            edge.socket().getOutputStream().flush();
            TestEdge.Frame end = edge.awaitClose(8000);
            assertTrue(end.isEnd() || end.closeCode() >= 1002, "code " + end.closeCode());
        }
        try (TestEdge other = cloud.connect(cloud.join("other"), "other")) {
            requireAnswers(other);
        }
    }

    @Test
    @Tag("slow")
    void noiseEndsOnlyTheLinkThatMakesIt() throws Exception {
        Identity noisy = cloud.join("noisy");
        Random random = new Random(42);
        try (TestEdge quiet = cloud.connect(cloud.join("quiet"), "quiet")) {
            for (int i = 0; i < 60; i++) {
                try (TestEdge edge = cloud.connect(noisy, "noisy")) {
                    byte[] text = echo("node");
                    byte[] noise = new byte[1 + random.nextInt(60)];
                    random.nextBytes(noise);
                    switch (i % 3) {
                        case 0 -> edge.socket().getOutputStream().write(noise);
                        case 1 -> edge.frame(TestEdge.TEXT, true, noise);
                        default -> {
                            text[random.nextInt(text.length)] = noise[0];
                            edge.frame(TestEdge.TEXT, true, text);
                        }
                    }
                } catch (IOException e) {
                    continue; // the cloud was faster in closing
                }
                if (i % 10 == 0) {
                    requireAnswers(quiet);
                }
                quiet.keepalive();
            }
            requireAnswers(quiet);
        }
    }

    @Test
    @Tag("slow")
    void aGatewayThatDoesNotReadIsCutOffAndTheOthersDoNotNotice() throws Exception {
        try (TestEdge deaf = cloud.connect(cloud.join("deaf"), "deaf"); TestEdge other = cloud.connect(cloud.join("hearing"), "hearing")) {
            byte[] request = echo("x".repeat(20_000));
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            boolean cut = false;
            deaf.socket().setSoTimeout(1000);
            try {
                while (System.nanoTime() < deadline) {
                    deaf.frame(TestEdge.TEXT, true, request);
                    other.keepalive();
                }
            } catch (IOException e) {
                cut = true;
            }
            assertTrue(cut, "the link of the deaf gateway is still open");
            requireAnswers(other);
        }
    }

    @Test
    void aFloodOfOneGatewayDelaysTheOthersLittle() throws Exception {
        ExecutorService flooder = Executors.newSingleThreadExecutor();
        try (TestEdge loud = cloud.connect(cloud.join("loud"), "loud"); TestEdge quiet = cloud.connect(cloud.join("calm"), "calm")) {
            byte[] message = MessageCodec.encode(Message.create("edged", "meta", "query", "default/unknowntype/x", null)).getBytes(StandardCharsets.UTF_8);
            Future<?> flood = flooder.submit((Callable<Void>) () -> {
                for (int i = 0; i < 5000; i++) {
                    loud.frame(TestEdge.TEXT, true, message);
                }
                return null;
            });
            long worst = 0;
            for (int i = 0; i < 30; i++) {
                long before = System.nanoTime();
                requireAnswers(quiet);
                worst = Math.max(worst, (System.nanoTime() - before) / 1_000_000);
            }
            assertTrue(worst < 1000, worst + " ms");
            flood.cancel(true);
        } finally {
            flooder.shutdownNow();
        }
    }

    @Test
    void aNewerSessionOfTheSameNodeTakesOverAtOnce() throws Exception {
        Identity twice = cloud.join("twice");
        try (TestEdge first = cloud.connect(twice, "twice")) {
            first.keepalive();
            try (TestEdge second = cloud.connect(twice, "twice")) {
                assertEquals(1001, first.awaitClose(2000).closeCode());
                requireAnswers(second);
            }
        }
    }

    @Test
    void ofManySessionsAtOnceOneSurvives() throws Exception {
        Identity racer = cloud.join("racer");
        ExecutorService pool = Executors.newFixedThreadPool(8);
        List<TestEdge> edges = new ArrayList<>();
        try {
            for (int round = 0; round < 5; round++) {
                List<Future<TestEdge>> opening = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    opening.add(pool.submit(() -> cloud.connect(racer, "racer")));
                }
                for (Future<TestEdge> one : opening) {
                    edges.add(one.get(10, TimeUnit.SECONDS));
                }
            }
            int alive = 0;
            for (TestEdge edge : edges) {
                try {
                    requireAnswers(edge);
                    alive++;
                } catch (IOException | AssertionError e) {
                    continue; // replaced
                }
            }
            assertEquals(1, alive);
        } finally {
            pool.shutdownNow();
            for (TestEdge edge : edges) {
                edge.close();
            }
        }
    }

    @Test
    void twoThatTakeEachOthersPlaceAreSlowedDown() throws Exception {
        Identity shared = cloud.join("shared");
        TestEdge current = cloud.connect(shared, "shared");
        int tries = 0;
        while (tries < 50) {
            TestEdge next = cloud.connect(shared, "shared");
            tries++;
            if (!next.isOpen()) {
                assertEquals("HTTP/1.1 503 Service Unavailable", next.status());
                assertTrue(Integer.parseInt(next.header("retry-after")) >= 1);
                assertTrue(next.body().contains("same certificate"), next.body());
                next.close();
                break;
            }
            current.close();
            current = next;
        }
        assertTrue(tries > 3 && tries < 50, tries + " connections until one was refused");
        requireAnswers(current);
        current.close();
    }

    @Test
    void framesThatCompleteNoMessageAreLimitedToo() throws Exception {
        ExecutorService pinging = Executors.newSingleThreadExecutor();
        try (TestEdge edge = cloud.connect(cloud.join("pinger"), "pinger")) {
            Future<?> pings = pinging.submit((Callable<Void>) () -> {
                for (int i = 0; i < 4000; i++) {
                    edge.frame(TestEdge.PING, true, new byte[0]);
                }
                return null;
            });
            long before = System.nanoTime();
            for (int pongs = 0; pongs < 4000; ) {
                pongs += edge.read().opcode() == TestEdge.PONG ? 1 : 0;
            }
            pings.get(5, TimeUnit.SECONDS);
            long millis = (System.nanoTime() - before) / 1_000_000;
            assertTrue(millis > 1000, "4000 pings at 1000/s with 2000 at once took only " + millis + " ms");
        } finally {
            pinging.shutdownNow();
        }
    }

    @Test
    @Tag("slow")
    void whoSendsNoKeepaliveIsDisconnected() throws Exception {
        try (TestEdge silent = cloud.connect(cloud.join("silent"), "silent")) {
            long before = System.nanoTime();
            assertEquals(1008, silent.awaitClose(8000).closeCode());
            long millis = (System.nanoTime() - before) / 1_000_000;
            assertTrue(millis > 4000 && millis < 6500, millis + " ms");
        }
    }

    @Test
    void aKelpGatewayWithoutInventoryIsDisconnected() throws Exception {
        try (TestEdge mute = cloud.connectKelp(cloud.join("mute"), "mute")) {
            mute.keepalive();
            assertEquals(1008, mute.awaitClose(5000).closeCode());
        }
    }

    @Test
    void theLimitOfGatewaysIsKeptWithAnAnswerThatSaysWhenToComeBack() throws Exception {
        List<TestEdge> edges = new ArrayList<>();
        try {
            TestEdge last = null;
            for (int i = 0; i < 7; i++) {
                last = cloud.connect(cloud.join("many-" + i), "many-" + i);
                edges.add(last);
            }
            assertEquals("HTTP/1.1 503 Service Unavailable", last.status());
            assertTrue(Integer.parseInt(last.header("retry-after")) >= 1);
        } finally {
            for (TestEdge edge : edges) {
                edge.close();
            }
        }
    }

    @Test
    void aLegacyKeyBelongsToTheFirstNameThatItUsed() throws Exception {
        KeyPair keys = TestCloud.newKeys();
        byte[] der = cloud.get("/edge.crt", null, TestCloud.csr(keys, "O=kubeEdge,CN=kubeedge.io"),
                List.of(new String[] {"Authorization", "Bearer " + cloud.jwt()}, new String[] {"NodeName", "old-1"})).body();
        Identity legacy = new Identity(keys, TestCloud.certificate(der));
        try (TestEdge edge = cloud.connect(legacy, "old-1")) {
            requireAnswers(edge);
        }
        try (TestEdge edge = cloud.connect(legacy, "old-2")) {
            assertEquals("HTTP/1.1 403 Forbidden", edge.status());
            assertTrue(edge.body().contains("belongs to node old-1"), edge.body());
        }
        try (TestEdge edge = cloud.connect(legacy, "../x")) {
            assertFalse(edge.isOpen());
        }
        try (TestCloud strict = new TestCloud(cloud.kube(), false); TestEdge edge = strict.connect(legacy, "old-1")) {
            assertTrue(edge.body().contains("--legacy-edges"), edge.body());
        }
    }

    @Test
    void plainRequestsAndForeignProtocolsGetAnAnswerNotAThread() throws Exception {
        Identity known = cloud.join("known");
        try (Socket socket = cloud.tls(known).getSocketFactory().createSocket("127.0.0.1", cloud.hubPort())) {
            socket.setSoTimeout(5000);
            socket.getOutputStream().write("GET /../../etc HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
            assertEquals("HTTP/1.1 400", answer);
        }
    }
}
