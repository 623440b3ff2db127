package io.kelp.broker.internal.packet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PacketCodecTest {

    private static final int MAX = 1 << 20;
    private final PacketDecoder decoder = new PacketDecoder(MAX);

    static Stream<Packet> packets() {
        byte[] payload = "päyload".getBytes(StandardCharsets.UTF_8);
        return Stream.of(
                new Packet.Connect(4, "id", true, 60, null, null, null),
                new Packet.Connect(3, "old", false, 0, null, "user", null),
                new Packet.Connect(4, "", true, 65_535, new Packet.Will("w/ü", payload, 2, true), "u", payload),
                new Packet.ConnAck(true, 0), new Packet.ConnAck(false, 5),
                new Packet.Publish("a/b", payload, 0, true, false, 0),
                new Packet.Publish("$hw/x", new byte[0], 1, false, true, 65_535),
                new Packet.Publish("x", new byte[20_000], 2, true, true, 1),
                new Packet.PubAck(1), new Packet.PubRec(2), new Packet.PubRel(3), new Packet.PubComp(65_535),
                new Packet.Subscribe(7, List.of(new Packet.Request("a/#", 0), new Packet.Request("+", 2))),
                new Packet.SubAck(7, new byte[] {0, 1, 2, (byte) 0x80}),
                new Packet.Unsubscribe(8, List.of("a", "b/+")), new Packet.UnsubAck(8),
                new Packet.PingReq(), new Packet.PingResp(), new Packet.Disconnect());
    }

    @ParameterizedTest
    @MethodSource("packets")
    void readsWhatItWrites(Packet packet) throws MalformedPacketException {
        byte[] bytes = PacketEncoder.encode(packet);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        Packet read = decoder.decode(in);
        assertEquals(0, in.remaining());
        assertEquals(packet.getClass(), read.getClass());
        assertArrayEquals(bytes, PacketEncoder.encode(read));
    }

    @ParameterizedTest
    @MethodSource("packets")
    void waitsForTheRestOfAPacketWhereverItIsCut(Packet packet) throws MalformedPacketException {
        byte[] bytes = PacketEncoder.encode(packet);
        for (int i = 0; i < Math.min(bytes.length, 300); i++) {
            ByteBuffer in = ByteBuffer.wrap(bytes, 0, i);
            assertNull(decoder.decode(in));
            assertEquals(0, in.position());
        }
    }

    @Test
    void readsTheExampleOfTheSpecification() throws MalformedPacketException {
        // Table 3.11: PUBLISH to a/b with packet id 10
        Packet.Publish publish = assertInstanceOf(Packet.Publish.class,
                decoder.decode(ByteBuffer.wrap(HexFormat.of().parseHex("32070003612f62000a"))));
        assertEquals("a/b", publish.topic());
        assertEquals(10, publish.packetId());
    }

    @ParameterizedTest
    @CsvSource({
        "00 00, type 0",
        "f0 00, type 15",
        "11 00, flags of CONNECT",
        "36 05 0001 61 0001, QoS 3",
        "38 03 0001 61, duplicate with QoS 0",
        "32 05 0001 61 0000, packet id 0",
        "32 03 0001 61, no packet id",
        "30 01 00, half a topic length",
        "30 05 0009 616161, topic longer than packet",
        "30 04 0002 6100, NUL in a topic",
        "30 05 0003 eda080, surrogate in UTF-8",
        "30 04 0002 c080, overlong UTF-8",
        "30 04 0002 ff61, no UTF-8",
        "60 02 0001, flags of PUBREL",
        "80 05 0001 0000 00, flags of SUBSCRIBE",
        "82 02 0001, SUBSCRIBE without filter",
        "82 06 0001 0001 61 03, requested QoS 3",
        "82 05 0001 0001 61, no requested QoS",
        "a2 02 0001, UNSUBSCRIBE without filter",
        "40 03 0001 00, PUBACK too long",
        "40 01 00, PUBACK too short",
        "c0 01 00, PINGREQ with a body",
        "e0 01 00, DISCONNECT with a body",
        "10 0c 0004 4d515454 04 03 0000 0000, reserved connect flag",
        "10 0c 0004 4d515454 04 42 0000 0000, password without user name",
        "10 0c 0004 4d515454 04 1c 0000 0000, will QoS 3",
        "10 0c 0004 4d515454 04 22 0000 0000, will retain without will",
        "10 0d 0004 4d515454 04 02 0000 0000 00, CONNECT too long",
        "10 ff ff ff ff 01, remaining length of five bytes",
        "30 ff ff ff 7f, longer than allowed",
    })
    void refuses(String hex, String why) {
        byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
        assertThrows(MalformedPacketException.class, () -> decoder.decode(ByteBuffer.wrap(bytes)), why);
    }

    @Test
    void refusesAPacketThatAnnouncesTooMuchBeforeItHasCome() {
        assertThrows(MalformedPacketException.class, () -> decoder.decode(ByteBuffer.wrap(new byte[] {0x30, -1, -1, 0x7f})));
    }

    @Test
    void neverFailsOtherwiseOnMutatedPackets() {
        Random random = new Random(42);
        List<byte[]> seeds = packets().map(PacketEncoder::encode).toList();
        int refused = 0;
        for (int i = 0; i < 60_000; i++) {
            byte[] bytes = seeds.get(random.nextInt(seeds.size())).clone();
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                bytes[random.nextInt(Math.min(bytes.length, 40))] = (byte) random.nextInt();
            }
            refused += check(decoder, bytes) ? 0 : 1;
        }
        assertTrue(refused > 5_000, "the mutations hardly hit anything");
    }

    /** @return false when the bytes are refused; throws on anything that the decoder must not do */
    static boolean check(PacketDecoder decoder, byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            while (in.hasRemaining()) {
                int before = in.position();
                Packet packet = decoder.decode(in);
                if (packet == null) {
                    assertEquals(before, in.position());
                    return true;
                }
                assertEquals(in.capacity(), in.limit());
                assertTrue(in.position() > before);
                if (!(packet instanceof Packet.Connect connect && connect.level() != 4 && connect.level() != 3)) {
                    assertInstanceOf(packet.getClass(), decoder.decode(ByteBuffer.wrap(PacketEncoder.encode(packet))));
                }
            }
            return true;
        } catch (MalformedPacketException e) {
            return false;
        }
    }
}
