package io.kelp.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import io.kelp.load.SimulatedGateway;
import io.kelp.load.SimulatedGateway.Identity;
import io.kelp.message.Message;
import io.kelp.message.MessageCodec;
import io.kelp.testkit.Await;
import io.kelp.testkit.CloudProcess;
import io.kelp.testkit.ControlPlane;
import io.kelp.testkit.GatewayProcess;
import io.kelp.testkit.cloud.TestAuthority;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Attacks on a running installation. After each, a well-behaved gateway brings a new value to the API
 * within two seconds, and the cloud's log names the attacker and the reason in a few lines at most.
 */
@Tag("slow")
@ExtendWith(Installation.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileGatewayTest {

    private static final int MEBIBYTE = 1 << 20;
    private static final int GATEWAYS = 20;
    private static final int MOST_LINES = 25;
    private static final Duration PROMPT = Duration.ofSeconds(2);
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final ControlPlane plane;
    private final CloudProcess cloud;
    private final GatewayProcess good;
    private final String device;
    private final ExecutorService pool = Executors.newCachedThreadPool();
    private String token;
    private Reporter reporter;
    private int value;

    HostileGatewayTest(ControlPlane plane, CloudProcess cloud, Installation.Gateways gateways) {
        this.plane = plane;
        this.cloud = cloud;
        this.good = gateways.joined("good");
        this.device = good.node() + "-d";
    }

    @BeforeAll
    void start() throws Exception {
        token = cloud.token();
        good.start();
        plane.apply(Devices.counterModel(device));
        plane.apply(Devices.plain(device, device, good.node(), "x"));
        Await.until("the gateway has its device", SOON, () -> good.kelp("device", "list").orFail().contains(device));
        reporter = new Reporter(good.mqttPort());
        reporter.report(device, ++value);
        Await.until("its value is in the API", SOON, () -> inApi().equals(String.valueOf(value)));
    }

    @AfterAll
    void stop() throws Exception {
        pool.shutdownNow();
        reporter.close();
        good.close();
    }

    private String inApi() {
        return Devices.reported(plane, device, "value");
    }

    /** The other gateway still does its job. */
    private void goodStillWorks() throws Exception {
        reporter.report(device, ++value);
        Await.until("value " + value + " is in the API", PROMPT, () -> inApi().equals(String.valueOf(value)));
        assertEquals("CONNECTED", good.linkState());
    }

    /** The cloud has written why, naming the culprit, and has not filled the disk with it. */
    private void logSays(String culprit, String reason) {
        logSays(culprit, reason, MOST_LINES);
    }

    private void logSays(String culprit, String reason, int most) {
        Await.until("the log names " + culprit + " and \"" + reason + "\"", Duration.ofSeconds(5),
                () -> lines(culprit).stream().anyMatch(l -> l.contains(reason)));
        assertTrue(lines(culprit).size() <= most, () -> "too much in the log:\n" + String.join("\n", lines(culprit)));
    }

    private List<String> lines(String culprit) {
        try {
            return Files.readAllLines(cloud.log()).stream().filter(l -> l.contains(culprit)).toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String fresh(String prefix) {
        return prefix + "-" + ProcessHandle.current().pid() % 1000 + "-" + COUNT.incrementAndGet();
    }

    private Identity join(String node) throws Exception {
        return new SimulatedGateway(node, pool).join(token, cloud.joinPort());
    }

    private HostileLink connected(String node) throws Exception {
        HostileLink link = new HostileLink(cloud.hubPort(), join(node), node);
        assertEquals("HTTP/1.1 101 Switching Protocols", link.status());
        return link;
    }

    private static Message echo(String resource) {
        return Message.create("websocket", "resource", "ping", resource, new JsonPrimitive("ping"));
    }

    @Test
    void aForeignNodeNameIsRefused() throws Exception {
        String node = fresh("thief");
        try (HostileLink link = new HostileLink(cloud.hubPort(), join(node), good.node())) {
            assertTrue(link.status().contains(" 403 "), link.status());
        }
        logSays(node, "the header node_id says " + good.node());
        goodStillWorks();
    }

    @Test
    void aCertificateOfAnotherAuthorityIsRefused() throws Exception {
        String claimed = fresh("forged");
        Instant now = Instant.now();
        KeyPair keys = TestAuthority.newKeyPair();
        Identity forged = new Identity(join(fresh("any")).ca(), keys.getPrivate(),
                new TestAuthority(now.minusSeconds(60), now.plusSeconds(3600)).edge(claimed, keys.getPublic(), now.minusSeconds(60), now.plusSeconds(3600)));
        assertThrows(IOException.class, () -> new HostileLink(cloud.hubPort(), forged, claimed).close());
        logSays(claimed, "unknown authority");
        goodStillWorks();
    }

    @Test
    void whoShowsNoCertificateIsRefused() throws Exception {
        Identity own = join(fresh("own"));
        // With TLS 1.3 the refusal comes after the handshake: as an alert, or as a connection that is gone.
        assertThrows(IOException.class, () -> {
            try (Socket plain = io.kelp.load.Tls.trusting(own.ca()).getSocketFactory().createSocket("127.0.0.1", cloud.hubPort())) {
                plain.setSoTimeout(5000);
                plain.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                if (plain.getInputStream().read() < 0) {
                    throw new SSLException("closed");
                }
            }
        });
        logSays("hub port refused", "Empty client certificate chain");
        goodStillWorks();
    }

    @Test
    void aHugeMessageEndsItsLinkOnly() throws Exception {
        String node = fresh("huge");
        try (HostileLink link = connected(node)) {
            pool.submit((Callable<Void>) () -> {
                link.frame(HostileLink.TEXT, true, new byte[40 * MEBIBYTE]);
                return null;
            });
            int code = link.closeCode();
            assertTrue(code == 1009 || code == 0, "code " + code);
        }
        logSays(node, "larger than");
        goodStillWorks();
    }

    @Test
    void aFrameThatAnnouncesExabytesEndsItsLinkOnly() throws Exception {
        String node = fresh("liar");
        try (HostileLink link = connected(node)) {
            link.bytes(new byte[] {(byte) 0x81, (byte) 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
            link.closeCode();
        }
        logSays(node, "disconnected");
        goodStillWorks();
    }

    @Test
    void fragmentsWithoutEndAreCutOff() throws Exception {
        String node = fresh("parts");
        try (HostileLink link = connected(node)) {
            assertThrows(IOException.class, () -> {
                link.frame(HostileLink.TEXT, false, new byte[60_000]);
                for (int i = 0; i < 2000; i++) {
                    link.frame(HostileLink.CONTINUATION, false, new byte[60_000]);
                }
            });
        }
        logSays(node, "larger than");
        goodStillWorks();
    }

    @Test
    void manyUnfinishedMessagesDoNotFillTheMemory() throws Exception {
        List<HostileLink> links = new ArrayList<>();
        String prefix = fresh("half");
        try {
            for (int i = 0; i < GATEWAYS; i++) {
                HostileLink link = connected(prefix + "-" + i);
                links.add(link);
                for (int part = 0; part < 60; part++) {
                    link.frame(part == 0 ? HostileLink.TEXT : HostileLink.CONTINUATION, false, new byte[60_000]);
                }
            }
        } catch (IOException e) {
            assertTrue(links.size() > 3, "cut off already with " + links.size() + " unfinished messages: " + e);
        } finally {
            for (HostileLink link : links) {
                link.close();
            }
        }
        logSays(prefix, "too many unfinished messages", 3 * GATEWAYS); // signed, connected, disconnected
        goodStillWorks();
    }

    @Test
    void aMessageThatIsSmallAsTextAndHugeInMemoryIsRefused() throws Exception {
        String node = fresh("bomb");
        try (HostileLink link = connected(node)) {
            String head = "{\"header\":{\"msg_id\":\"1\",\"timestamp\":1},\"route\":{\"source\":\"edged\",\"group\":\"meta\","
                    + "\"operation\":\"update\",\"resource\":\"default/podstatus/x\"},\"content\":[";
            link.frame(HostileLink.TEXT, true, (head + "1,".repeat(3 * MEBIBYTE / 2) + "1]}").getBytes(StandardCharsets.US_ASCII));
            assertEquals(1009, link.closeCode());
        }
        logSays(node, "values");
        goodStillWorks();
    }

    @Test
    void malformedMessagesEndTheirLinkOnly() throws Exception {
        String node = fresh("broken");
        Identity identity = join(node);
        Random random = new Random(7);
        byte[] whole = MessageCodec.encode(echo("node")).getBytes(StandardCharsets.UTF_8);
        List<byte[]> texts = new ArrayList<>();
        texts.add("{".repeat(5000).getBytes(StandardCharsets.US_ASCII));
        texts.add("[1,2".getBytes(StandardCharsets.US_ASCII));
        texts.add(new byte[] {(byte) 0xc3, 0x28});
        byte[] noise = new byte[200];
        random.nextBytes(noise);
        texts.add(noise);
        texts.add(java.util.Arrays.copyOf(whole, whole.length / 2));
        for (byte[] text : texts) {
            try (HostileLink link = new HostileLink(cloud.hubPort(), identity, node)) {
                assertEquals("HTTP/1.1 101 Switching Protocols", link.status());
                link.frame(HostileLink.TEXT, true, text);
                assertEquals(1007, link.closeCode());
            }
        }
        logSays(node, "malformed message");
        goodStillWorks();
    }

    @Test
    void aReportForTheDeviceOfAnotherNodeDoesNotChangeTheApi() throws Exception {
        String node = fresh("liar");
        try (HostileLink link = connected(node)) {
            for (String resource : List.of("device/default/" + device + "/twin/edge_updated", "device/" + device + "/twin/edge_updated")) {
                link.send(report(resource, "forged"));
            }
            link.send(Message.create("twin", "resource", "update", "device/default/" + device + "/state/update",
                    JsonParser.parseString("{\"device\":{\"state\":\"forged\"}}")));
            link.send(echo("node"));
            link.read(1);
            goodStillWorks();
            assertFalse(plane.get("default", "devicestatuses.devices.kubeedge.io", device).orElseThrow().toString().contains("forged"));
        }
        logSays(node, "belongs to another node");
    }

    private static Message report(String resource, String value) {
        JsonObject content = JsonParser.parseString("{\"event_id\":\"1\",\"timestamp\":1,\"twin\":{\"value\":{\"actual\":{\"value\":\"" + value
                + "\",\"metadata\":{\"timestamp\":1}},\"optional\":false,\"metadata\":{\"type\":\"string\"}}}}").getAsJsonObject();
        return Message.create("twin", "resource", "update", resource, content);
    }

    @Test
    void tricksInResourcesReachNothingOfOthers() throws Exception {
        String node = fresh("tricks");
        String secret = fresh("treasure");
        plane.kubectl("", "-n", "default", "create", "secret", "generic", secret, "--from-literal=key=do-not-tell").orFail();
        String before = plane.get("default", "node", good.node()).orElseThrow().getAsJsonObject("metadata").get("labels").toString();
        JsonObject hacked = JsonParser.parseString("{\"metadata\":{\"name\":\"" + good.node() + "\",\"labels\":{\"hacked\":\"yes\"}}}").getAsJsonObject();
        List<Message> attacks = new ArrayList<>();
        for (String resource : List.of("default/secret/" + secret, "default/secret/../secrets/" + secret, "default/configmap/..%2fsecrets%2f" + secret,
                "default%2fsecrets%2f" + secret + "%3f/configmap/x", "default/configmap/x?../../secrets/" + secret, "../default/secret/" + secret,
                "default/configmap/x\\..\\..\\secrets\\" + secret, "kubeedge/secret/casecret", "kubeedge/secret/tokensecret",
                "node/" + good.node() + "/default/secret/" + secret, "default/serviceaccounttoken/default", "null/persistentvolume/..",
                "null/node/" + good.node(), "null/node/" + node + "/../" + good.node(), "kube-node-lease/lease/" + good.node())) {
            attacks.add(Message.create("edged", "meta", "query", resource, new JsonObject()));
        }
        for (String resource : List.of("null/node/" + good.node(), "null/node/" + node + "/../" + good.node(), "null/node/..%2f" + good.node(),
                "null/nodestatus/" + good.node())) {
            attacks.add(Message.create("edged", "meta", "update", resource, hacked));
        }
        attacks.add(Message.create("edged", "meta", "patch", "null/nodepatch/" + good.node(), new JsonPrimitive("{\"metadata\":{\"labels\":{\"hacked\":\"yes\"}}}")));
        attacks.add(Message.create("edged", "meta", "insert", "null/node/" + node, hacked));
        try (HostileLink link = connected(node)) {
            StringBuilder answers = new StringBuilder();
            for (Message attack : attacks) {
                link.send(attack);
                Message end = echo("node");
                link.send(end);
                for (String answer = ""; !answer.contains(end.id()); ) {
                    answer = link.read(1).get(0);
                    answers.append(answer);
                }
            }
            goodStillWorks(); // by now the answers of the API server are there, too
            Message end = echo("node");
            link.send(end);
            for (String answer = ""; !answer.contains(end.id()); ) {
                answer = link.read(1).get(0);
                answers.append(answer);
            }
            assertFalse(answers.toString().contains("ZG8tbm90LXRlbGw"), "the secret was told: " + answers);
            assertFalse(answers.toString().contains("tokendata"), "the join token was told");
            assertFalse(answers.toString().contains("cakeydata"), "the key of the authority was told");
        }
        assertEquals(before, plane.get("default", "node", good.node()).orElseThrow().getAsJsonObject("metadata").get("labels").toString());
        logSays(node, "refused: a gateway may use only its own node");
    }

    @Test
    void aFloodIsSlowedDownAndTheOthersDoNotNotice() throws Exception {
        String node = fresh("flood");
        byte[] query = MessageCodec.encode(Message.create("edged", "meta", "query", "default/configmap/none", null)).getBytes(StandardCharsets.UTF_8);
        try (HostileLink link = connected(node)) {
            Future<?> sending = pool.submit((Callable<Void>) () -> {
                while (!Thread.currentThread().isInterrupted()) {
                    link.frame(HostileLink.TEXT, true, query);
                }
                return null;
            });
            Future<?> reading = pool.submit((Callable<Void>) () -> {
                while (true) {
                    link.read(1);
                }
            });
            for (int i = 0; i < 4; i++) {
                goodStillWorks();
            }
            logSays(node, "messages/s");
            sending.cancel(true);
            reading.cancel(true);
        }
        goodStillWorks();
    }

    @Test
    void aGatewayThatStopsReadingIsCutOffAndTheOthersDoNotNotice() throws Exception {
        String node = fresh("deaf");
        try (HostileLink link = connected(node)) {
            Future<?> asking = pool.submit((Callable<Void>) () -> {
                while (true) {
                    link.send(echo("x".repeat(50_000)));
                }
            });
            Await.until("the link is cut", Duration.ofSeconds(60), () -> {
                goodStillWorks();
                return lines(node).stream().anyMatch(l -> l.contains("disconnected"));
            });
            assertThrows(java.util.concurrent.ExecutionException.class, () -> asking.get(10, TimeUnit.SECONDS));
        }
        logSays(node, "disconnected: it reads too slowly");
        goodStillWorks();
    }

    @Test
    void fiveHundredHalfOpenConnectionsKeepNobodyOut() throws Exception {
        List<Socket> open = new ArrayList<>();
        try {
            for (int i = 0; i < 500; i++) {
                Socket socket = new Socket("127.0.0.1", cloud.hubPort());
                socket.setSoTimeout(30_000);
                open.add(socket);
                if (i % 2 == 0) {
                    // The beginning of a ClientHello of 512 bytes, and no more.
                    socket.getOutputStream().write(new byte[] {0x16, 3, 1, 2, 0, 1, 0, 1, (byte) 0xfc, 3, 3});
                }
            }
            goodStillWorks();
            long before = System.nanoTime();
            try (HostileLink another = connected(fresh("late"))) {
                another.send(echo("node"));
                another.read(1);
            }
            long millis = (System.nanoTime() - before) / 1_000_000;
            assertTrue(millis < 2000, "joining and connecting took " + millis + " ms");
            for (Socket socket : open) {
                try {
                    while (socket.getInputStream().read() >= 0) {
                        continue; // an alert
                    }
                } catch (java.net.SocketException e) {
                    continue; // reset is closed, too
                }
            }
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
        goodStillWorks();
    }

    @Test
    void malformedMqttEndsItsConnectionOnly() throws Exception {
        Random random = new Random(11);
        byte[] connect = {0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 1, 'h'};
        for (int round = 0; round < 300; round++) {
            try (Socket socket = new Socket("127.0.0.1", good.mqttPort())) {
                byte[] noise = new byte[1 + random.nextInt(400)];
                random.nextBytes(noise);
                switch (round % 5) {
                    case 0 -> socket.getOutputStream().write(noise);
                    case 1 -> socket.getOutputStream().write(new byte[] {0x10, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 1});
                    case 2 -> {
                        socket.getOutputStream().write(connect);
                        socket.getOutputStream().write(noise);
                    }
                    case 3 -> {
                        socket.getOutputStream().write(connect);
                        socket.getOutputStream().write(new byte[] {0x32, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f}); // 256 MiB announced
                    }
                    default -> {
                        byte[] damaged = connect.clone();
                        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
                        socket.getOutputStream().write(damaged);
                    }
                }
            } catch (java.net.SocketException e) {
                continue; // the broker was faster in closing
            }
            if (round % 50 == 0) {
                goodStillWorks();
            }
        }
        goodStillWorks();
    }

    @Test
    void theNewerOfTwoSessionsWinsAtOnceAndTwoThatFightDoNotStarveEachOther() throws Exception {
        String node = fresh("twin");
        Identity identity = join(node);
        try (HostileLink older = new HostileLink(cloud.hubPort(), identity, node)) {
            long before = System.nanoTime();
            try (HostileLink newer = new HostileLink(cloud.hubPort(), identity, node)) {
                assertEquals(1001, older.closeCode());
                newer.send(echo("node"));
                newer.read(1);
                long millis = (System.nanoTime() - before) / 1_000_000;
                assertTrue(millis < 1000, "taking over took " + millis + " ms");
            }
        }
        AtomicInteger sessions = new AtomicInteger();
        AtomicInteger answers = new AtomicInteger();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        List<Future<?>> fighters = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            fighters.add(pool.submit((Callable<Void>) () -> {
                while (System.nanoTime() < end) {
                    try (HostileLink link = new HostileLink(cloud.hubPort(), identity, node)) {
                        if (link.status().contains(" 101 ")) {
                            sessions.incrementAndGet();
                            while (System.nanoTime() < end) {
                                link.send(echo("node"));
                                link.read(1);
                                answers.incrementAndGet();
                            }
                        }
                    } catch (IOException e) {
                        continue; // taken over by the other
                    }
                }
                return null;
            }));
        }
        for (Future<?> fighter : fighters) {
            fighter.get(30, TimeUnit.SECONDS);
        }
        assertTrue(sessions.get() <= 15, sessions + " sessions in 15 s");
        assertTrue(answers.get() > 1000, "only " + answers + " answers in 15 s");
        logSays(node, "two gateways may use the same certificate");
        goodStillWorks();
    }
}
