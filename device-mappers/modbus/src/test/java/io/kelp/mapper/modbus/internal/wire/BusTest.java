package io.kelp.mapper.modbus.internal.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A bus on a line that does as the test says. */
class BusTest {

    private static final byte[] READ = Pdu.read(Table.HOLDING_REGISTER, 0, 1);
    private static final byte[] WRITE = Pdu.writeRegister(0, 1);
    private static final Duration SOON = Duration.ofMillis(50);
    private static final Line TCP = new Line.Tcp("device", 502, false);
    private static final Line RTU = new Line.Tcp("device", 502, true);

    private final Deque<Function<byte[], byte[]>> script = new ArrayDeque<>();
    private final List<byte[]> sent = new ArrayList<>();
    private int opened;

    private static final byte[] CLOSED = {};

    /** Answers each frame by the next line of the script; {@link #CLOSED} closes, {@code null} is silence. */
    private final class ScriptedLink implements Link {

        private final Deque<byte[]> waiting = new ArrayDeque<>();
        private boolean closed;

        @Override
        public void write(byte[] bytes) throws IOException {
            if (closed) {
                throw new IOException("broken pipe");
            }
            sent.add(bytes);
            byte[] answer = script.isEmpty() ? null : script.poll().apply(bytes);
            if (answer == CLOSED) {
                closed = true;
            } else if (answer != null) {
                waiting.add(answer);
            }
        }

        @Override
        public int read(byte[] into, long nanos) throws InterruptedException {
            byte[] next = waiting.poll();
            if (next == null) {
                if (nanos > 0 && !closed) {
                    Thread.sleep(Math.min(nanos / 1_000_000, 20));
                }
                return closed ? -1 : 0;
            }
            System.arraycopy(next, 0, into, 0, next.length);
            return next.length;
        }

        @Override
        public void close() {
            closed = true;
        }
    }

    private ScriptedLink current;

    private Bus bus(Line line) {
        return new Bus(line, () -> {
            opened++;
            current = new ScriptedLink();
            return current;
        });
    }

    private static byte[] good(byte[] request) {
        return TcpFraming.frame(Pdu.word(request, 0), request[6], request[7] == 3 ? new byte[] {3, 2, 0, 42} : java.util.Arrays.copyOfRange(request, 7, 12));
    }

    @Test
    void twoSilencesInARowMeanTheConnectionIsDead() throws Exception {
        Bus bus = bus(TCP);
        for (int i = 0; i < 4; i++) {
            String message = assertThrows(SocketTimeoutException.class, () -> bus.ask(1, READ, SOON)).getMessage();
            assertEquals("unit 1 at device:502 did not answer within 50 ms", message);
        }
        assertEquals(2, opened);
        script.add(BusTest::good);
        assertArrayEquals(new byte[] {0, 42}, bus.ask(1, READ, SOON));
        assertEquals(3, opened);
    }

    @Test
    void aSilenceBetweenAnswersLeavesTheConnectionAlone() throws Exception {
        Bus bus = bus(TCP);
        for (int i = 0; i < 5; i++) {
            script.add(BusTest::good);
            script.add(bytes -> null);
            bus.ask(1, READ, SOON);
            assertThrows(SocketTimeoutException.class, () -> bus.ask(2, READ, SOON));
        }
        assertEquals(1, opened);
    }

    @ParameterizedTest
    @CsvSource({"true", "false"})
    void aConnectionClosedWhileIdleIsReplacedBeforeAnythingIsSent(boolean read) throws Exception {
        Bus bus = bus(TCP);
        bus.connect();
        current.closed = true;
        script.add(BusTest::good);
        bus.ask(1, read ? READ : WRITE, SOON);
        assertEquals(2, opened);
        assertEquals(1, sent.size());
    }

    @Test
    void aWriteWhoseAnswerIsLostIsNotSentAgainButAReadIs() throws Exception {
        Bus bus = bus(TCP);
        bus.connect();
        script.add(bytes -> CLOSED);
        script.add(BusTest::good);
        bus.ask(1, READ, SOON);
        assertEquals(2, sent.size());
        script.add(bytes -> CLOSED);
        script.add(BusTest::good);
        assertThrows(IOException.class, () -> bus.ask(1, WRITE, SOON));
        assertEquals(3, sent.size());
    }

    @Test
    void garbageMakesANewConnection() throws Exception {
        Bus bus = bus(TCP);
        script.add(bytes -> "HTTP/1.1 400 Bad Request".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        script.add(BusTest::good);
        assertThrows(GarbledException.class, () -> bus.ask(1, READ, SOON));
        assertArrayEquals(new byte[] {0, 42}, bus.ask(1, READ, SOON));
        assertEquals(2, opened);
    }

    @Test
    void aLateRtuAnswerOfTheSameShapeIsNotTakenForTheNext() throws Exception {
        Bus bus = bus(RTU);
        script.add(bytes -> null);
        assertThrows(SocketTimeoutException.class, () -> bus.ask(1, READ, SOON));
        current.waiting.add(RtuFraming.frame(1, new byte[] {3, 2, 6, 6}));
        script.add(bytes -> RtuFraming.frame(1, new byte[] {3, 2, 0, 42}));
        assertArrayEquals(new byte[] {0, 42}, bus.ask(1, READ, SOON));
    }

    @Test
    void anInterruptEndsAWaitAtOnce() throws Exception {
        Bus bus = bus(TCP);
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> bus.ask(1, READ, Duration.ofSeconds(30)));
    }

    @Test
    void aBroadcastWaitsForNobodyAndGivesTheLineTimeAfterwards() throws Exception {
        Bus bus = bus(RTU);
        bus.tellAll(WRITE);
        assertEquals(0, sent.get(0)[0]);
        long before = System.nanoTime();
        script.add(bytes -> RtuFraming.frame(1, new byte[] {3, 2, 0, 42}));
        bus.ask(1, READ, SOON);
        assertTrue(System.nanoTime() - before > 50_000_000, "the turnaround delay");
    }

    @Test
    void aClosedBusStaysClosed() throws Exception {
        Bus bus = bus(TCP);
        bus.connect();
        bus.close();
        assertTrue(current.closed);
        assertThrows(IOException.class, () -> bus.ask(1, READ, SOON));
        assertEquals(1, opened);
    }
}
