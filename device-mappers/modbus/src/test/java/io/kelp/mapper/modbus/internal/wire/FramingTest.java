package io.kelp.mapper.modbus.internal.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FramingTest {

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.ofDelimiter(" ").withUpperCase().formatHex(bytes);
    }

    /** Examples of the standard, V1.1b3: 6.1, 6.3, 6.4, 6.5, 6.6, 6.11, 6.12, 6.16. */
    @Test
    void requestsAreThoseOfTheStandard() {
        assertEquals("01 00 13 00 13", hex(Pdu.read(Table.COIL, 0x13, 0x13)));
        assertEquals("02 00 C4 00 16", hex(Pdu.read(Table.DISCRETE_INPUT, 0xC4, 0x16)));
        assertEquals("03 00 6B 00 03", hex(Pdu.read(Table.HOLDING_REGISTER, 0x6B, 3)));
        assertEquals("04 00 08 00 01", hex(Pdu.read(Table.INPUT_REGISTER, 8, 1)));
        assertEquals("05 00 AC FF 00", hex(Pdu.writeCoil(0xAC, true)));
        assertEquals("06 00 01 00 03", hex(Pdu.writeRegister(1, 3)));
        assertEquals("0F 00 13 00 0A 02 CD 01", hex(Pdu.writeCoils(0x13, 10, hex("CD 01"))));
        assertEquals("10 00 01 00 02 04 00 0A 01 02", hex(Pdu.writeRegisters(1, hex("00 0A 01 02"))));
        assertEquals("16 00 04 00 F2 00 25", hex(Pdu.maskWrite(4, 0xF2, 0x25)));
    }

    /** The frame of the serial line guide's 6.2.2 procedure, and two that devices send. */
    @ParameterizedTest
    @ValueSource(strings = {"02 07 41 12", "01 03 00 00 00 0A C5 CD", "11 03 06 AE 41 56 52 43 40 49 AD"})
    void checksumsAreThoseOfTheStandard(String frame) {
        byte[] bytes = hex(frame);
        assertTrue(Crc16.fits(bytes, 0, bytes.length));
        bytes[1] ^= 1;
        assertTrue(!Crc16.fits(bytes, 0, bytes.length));
    }

    private static final byte[] READ_TWO = Pdu.read(Table.HOLDING_REGISTER, 0, 2);
    private static final byte[] ANSWER = {3, 4, 1, 2, 3, 4};

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** Fed byte by byte, as a serial line does; the answer must come with its last byte and not before. */
    private static byte[] feed(Framing framing, Received received, int unit, byte[] request, byte[] bytes) throws IOException {
        byte[] found = null;
        for (byte b : bytes) {
            received.add(new byte[] {b}, 1);
            byte[] answer = framing.answer(received, unit, request);
            if (answer != null) {
                assertNull(found, "two answers to one request");
                found = answer;
            }
        }
        return found;
    }

    @Test
    void anRtuAnswerIsFoundBehindWhateverIsNotIt() throws IOException {
        byte[] good = RtuFraming.frame(17, ANSWER);
        byte[] wrongChecksum = good.clone();
        wrongChecksum[8] ^= 1;
        byte[][] before = {
            {},
            {0},
            hex("FF FE 11"),
            RtuFraming.frame(17, READ_TWO), // echo of the request
            RtuFraming.frame(18, ANSWER), // late answer of another unit
            RtuFraming.frame(17, new byte[] {3, 2, 9, 9}), // of another request to the same unit
            RtuFraming.frame(17, new byte[] {6, 0, 1, 0, 3}),
            wrongChecksum,
            java.util.Arrays.copyOf(good, 5), // cut short, then sent again
        };
        for (byte[] noise : before) {
            RtuFraming framing = new RtuFraming();
            framing.request(17, READ_TWO);
            assertArrayEquals(ANSWER, feed(framing, new Received(), 17, READ_TWO, join(noise, good)), "behind " + hex(noise));
        }
    }

    @Test
    void whatIsNoAnswerIsSaidInTheError() throws IOException {
        RtuFraming framing = new RtuFraming();
        framing.request(17, READ_TWO);
        Received received = new Received();
        byte[] bad = RtuFraming.frame(17, ANSWER);
        bad[4] ^= 1;
        assertNull(feed(framing, received, 17, READ_TWO, bad));
        assertEquals("an answer came with a wrong checksum", framing.discarded());
        framing.request(17, READ_TWO);
        received.clear();
        assertNull(feed(framing, received, 17, READ_TWO, new byte[] {1, 2}));
        assertEquals("2 bytes came that are not the answer: 01 02", framing.discarded());
    }

    @Test
    void exceptionsComeThroughBothFramings() throws IOException {
        byte[] exception = {(byte) 0x83, 2};
        RtuFraming rtu = new RtuFraming();
        rtu.request(1, READ_TWO);
        assertArrayEquals(exception, feed(rtu, new Received(), 1, READ_TWO, RtuFraming.frame(1, exception)));
        assertEquals("exception 2 (illegal data address)",
                assertThrows(ExceptionAnswer.class, () -> Pdu.payload(READ_TWO, exception)).getMessage());
        TcpFraming tcp = new TcpFraming();
        tcp.request(1, READ_TWO);
        assertArrayEquals(exception, feed(tcp, new Received(), 1, READ_TWO, TcpFraming.frame(1, 1, exception)));
    }

    @Test
    void aTcpAnswerIsKnownByTransactionAndUnit() throws IOException {
        TcpFraming framing = new TcpFraming();
        Received received = new Received();
        for (int i = 1; i <= 70_000; i++) {
            byte[] request = framing.request(5, READ_TWO);
            int transaction = Pdu.word(request, 0);
            assertEquals(i & 0xFFFF, transaction);
            if (i % 1000 == 0) {
                byte[] bytes = join(TcpFraming.frame(transaction - 1 & 0xFFFF, 5, new byte[] {3, 4, 9, 9, 9, 9}), TcpFraming.frame(transaction, 6, ANSWER),
                        TcpFraming.frame(transaction, 5, ANSWER));
                assertArrayEquals(ANSWER, feed(framing, received, 5, READ_TWO, bytes));
                assertEquals("unit 6 answered in the place of 5", framing.discarded());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"00 01 00 01 00 06 01 03", "00 01 00 00 00 01 01 03", "00 01 00 00 01 00 01 03", "48 54 54 50 2F 31 2E 31"})
    void whatIsNotModbusTcpIsAnErrorAtOnce(String bytes) {
        TcpFraming framing = new TcpFraming();
        framing.request(1, READ_TWO);
        assertThrows(GarbledException.class, () -> feed(framing, new Received(), 1, READ_TWO, hex(bytes)));
    }

    @ParameterizedTest
    @CsvSource({"03 02 01 02, answer does not fit", "04 04 01 02 03 04, answer does not fit", "03 03 01 02 03 04, says it has 3 bytes",
            "84 02, answer does not fit", "03, answer does not fit"})
    void answersThatDoNotFitTheQuestionAreErrors(String answer, String words) {
        String message = assertThrows(GarbledException.class, () -> Pdu.payload(READ_TWO, hex(answer))).getMessage();
        assertTrue(message.contains(words), message);
    }

    @Test
    void aConfirmationOfAnotherWriteIsAnError() throws IOException {
        byte[] request = Pdu.writeRegister(1, 3);
        assertEquals(0, Pdu.payload(request, hex("06 00 01 00 03")).length);
        assertThrows(GarbledException.class, () -> Pdu.payload(request, hex("06 00 01 00 04")));
        assertThrows(GarbledException.class, () -> Pdu.payload(Pdu.writeRegisters(1, new byte[4]), hex("10 00 01 00 01")));
        assertEquals(0, Pdu.payload(Pdu.writeRegisters(1, new byte[4]), hex("10 00 01 00 02")).length);
    }

    /** Whatever arrives: no exception but that of the framing, and the line is good again for the next answer. */
    static void check(byte[] bytes) {
        for (Framing framing : new Framing[] {new RtuFraming(), new TcpFraming()}) {
            for (byte[] request : new byte[][] {READ_TWO, Pdu.read(Table.COIL, 7, 2000), Pdu.writeRegister(1, 3), Pdu.maskWrite(1, 2, 3)}) {
                Received received = new Received();
                framing.request(1, request);
                try {
                    for (int i = 0; i < bytes.length; i += 7) {
                        byte[] part = java.util.Arrays.copyOfRange(bytes, i, Math.min(bytes.length, i + 7));
                        received.add(part, part.length);
                        byte[] answer = framing.answer(received, 1, request);
                        if (answer != null) {
                            Pdu.payload(request, answer);
                        }
                        assertTrue(received.size() <= 1024);
                    }
                    framing.discarded();
                } catch (ExceptionAnswer | GarbledException e) {
                    assertTrue(!e.getMessage().isEmpty());
                } catch (IOException e) {
                    throw new AssertionError("not one of ours", e);
                }
            }
        }
    }

    @Test
    void mutatedAndRandomBytesDoNoHarm() {
        Random random = new Random(11);
        for (int turn = 0; turn < 20_000; turn++) {
            byte[] bytes = turn % 3 == 0 ? new byte[random.nextInt(300)]
                    : turn % 3 == 1 ? join(RtuFraming.frame(1, ANSWER), RtuFraming.frame(1, new byte[] {6, 0, 1, 0, 3}))
                    : join(TcpFraming.frame(1, 1, ANSWER), TcpFraming.frame(2, 1, ANSWER));
            if (turn % 3 == 0) {
                random.nextBytes(bytes);
            } else {
                for (int i = random.nextInt(4); i > 0; i--) {
                    bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                }
            }
            check(bytes);
        }
    }
}
