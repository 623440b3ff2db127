package io.kelp.broker.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.kelp.broker.internal.packet.Packet;
import io.kelp.broker.internal.packet.PacketEncoder;
import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class HostileInputTest {

    private final BrokerUnderTest broker = new BrokerUnderTest(Map.of("maxPacketBytes", 100_000, "maxBufferedBytes", 1_048_576));

    @AfterEach
    void theBrokerStillServes() throws IOException {
        try (RawClient good = broker.connected("good").subscribe("a", 1)) {
            good.publish("a", "still there", 0, false);
            assertEquals("still there", good.text());
        }
        broker.close();
    }

    @Test
    void randomBytesAndMutatedPacketsOnlyCloseTheirOwnConnection() throws IOException {
        Random random = new Random(3);
        byte[] connect = PacketEncoder.encode(new Packet.Connect(4, "", true, 0, null, null, null));
        byte[][] seeds = {
            PacketEncoder.encode(new Packet.Publish("a/b", new byte[50], 1, true, false, 4)),
            PacketEncoder.encode(new Packet.Subscribe(3, List.of(new Packet.Request("a/#", 1), new Packet.Request("+/b", 2)))),
            PacketEncoder.encode(new Packet.Unsubscribe(3, List.of("a/#"))),
            PacketEncoder.encode(new Packet.PubRel(4)), PacketEncoder.encode(new Packet.PubRec(4)), connect,
        };
        for (int i = 0; i < 400; i++) {
            try (RawClient client = broker.client()) {
                if (i % 4 != 0) {
                    client.send(connect);
                }
                for (int n = 0; n < 20; n++) {
                    byte[] bytes = seeds[random.nextInt(seeds.length)].clone();
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                    client.send(bytes);
                }
            } catch (SocketException e) {
                assertTrue(true, "closed by the broker while we were sending");
            }
        }
    }

    @Test
    void aPacketLongerThanAllowedClosesTheConnectionBeforeItHasCome() throws IOException {
        try (RawClient client = broker.connected("c")) {
            client.send(new byte[] {0x30, -1, -1, 0x7f});
            client.expectClosed();
        }
    }

    @Test
    void anythingBeforeConnectClosesTheConnection() throws IOException {
        try (RawClient client = broker.client()) {
            client.send(PacketEncoder.encode(new Packet.PingReq()));
            client.expectClosed();
        }
        try (RawClient http = broker.client()) {
            http.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            http.expectClosed();
        }
    }

    @Test
    void packetsThatOnlyAServerSendsCloseTheConnection() throws IOException {
        for (Packet packet : List.of(new Packet.ConnAck(false, 0), new Packet.SubAck(1, new byte[] {0}), new Packet.UnsubAck(1),
                new Packet.PingResp())) {
            try (RawClient client = broker.connected("c")) {
                client.send(packet);
                client.expectClosed();
            }
        }
    }

    @Test
    void acknowledgementsOfNothingAreIgnoredOrAnswered() throws IOException {
        try (RawClient client = broker.connected("c")) {
            client.send(new Packet.PubAck(5));
            client.send(new Packet.PubComp(5));
            client.send(new Packet.PubRec(5));
            assertEquals(5, client.expect(Packet.PubRel.class).packetId());
            client.send(new Packet.PubRel(5));
            assertEquals(5, client.expect(Packet.PubComp.class).packetId());
            client.expectNothing();
        }
    }

    @Test
    void aPacketInManySmallPiecesIsReadAsOne() throws IOException {
        byte[] bytes = PacketEncoder.encode(new Packet.Publish("a", new byte[3_000], 0, false, false, 0));
        try (RawClient receiver = broker.connected("r").subscribe("a", 0); RawClient client = broker.connected("c")) {
            for (int at = 0; at < bytes.length; at += 7) {
                client.send(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 7)));
            }
            assertEquals(3_000, receiver.message().payload().length);
        }
    }

    @Test
    void packetsBegunAndNotFinishedCostBoundedMemory() throws IOException {
        byte[] bytes = PacketEncoder.encode(new Packet.Publish("a", new byte[90_000], 0, false, false, 0));
        List<RawClient> clients = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            RawClient client = broker.connected("c" + i);
            client.send(Arrays.copyOf(bytes, 80_000));
            clients.add(client);
        }
        BrokerUnderTest.await("some closed", () -> broker.metric("kelp_broker_connections") < 30);
        for (RawClient client : clients) {
            client.close();
        }
    }

    @Test
    void aClientThatAsksAndNeverReadsIsNotReadEither() throws IOException {
        try (RawClient client = broker.connected("c")) {
            client.send(new Packet.Publish("r", new byte[60_000], 0, true, false, 0));
            client.send(new Packet.Subscribe(1, List.of(new Packet.Request("r", 1))));
            byte[] pings = new byte[64 * 1024];
            for (int i = 0; i < pings.length; i += 2) {
                pings[i] = (byte) 0xc0;
            }
            Thread writer = new Thread(() -> { // ends when the connection does
                try {
                    for (int i = 0; i < 1_000; i++) {
                        client.send(pings);
                    }
                } catch (IOException e) {
                    assertTrue(true, "closed by the test");
                }
            });
            writer.start();
            BrokerUnderTest.await("backlog", () -> broker.metric("kelp_broker_buffered_bytes") > 100_000);
            assertTrue(broker.metric("kelp_broker_buffered_bytes") < 2_000_000);
            theRestIsServed();
        }
    }

    @Test
    void topicsWithTooManyLevelsAreRefused() throws IOException {
        try (RawClient client = broker.connected("c")) {
            client.send(new Packet.Publish("a/".repeat(64) + "a", new byte[0], 0, false, false, 0));
            client.expectClosed();
        }
    }

    @Test
    @Tag("slow")
    void aConnectionThatNeverSaysConnectIsClosed() throws IOException {
        try (RawClient client = broker.client()) {
            long start = System.nanoTime();
            assertThrows(RawClient.ConnectionEnd.class, () -> client.next(20_000));
            double seconds = (System.nanoTime() - start) / 1e9;
            assertTrue(seconds > 9 && seconds < 13, "after " + seconds + " s");
        }
    }

    private void theRestIsServed() throws IOException {
        try (RawClient other = broker.connected("other").subscribe("o", 0)) {
            other.publish("o", "x", 0, false);
            assertEquals("x", other.text());
        }
    }
}
