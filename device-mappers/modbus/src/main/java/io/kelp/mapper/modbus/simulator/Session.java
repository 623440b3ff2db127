package io.kelp.mapper.modbus.simulator;

import io.kelp.mapper.modbus.internal.wire.Crc16;
import io.kelp.mapper.modbus.internal.wire.Link;
import io.kelp.mapper.modbus.internal.wire.RtuFraming;
import io.kelp.mapper.modbus.internal.wire.TcpFraming;
import io.kelp.mapper.modbus.simulator.Faults.Kind;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** One client at one line: takes requests, answers them, with faults. Runs until the line is closed. */
final class Session {

    private static final long POLL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Link link;
    private final boolean rtu;
    private final Map<Integer, UnaryOperator<byte[]>> units;
    private final Faults faults;
    private final byte[] chunk = new byte[512];
    private byte[] bytes = new byte[0];

    Session(Link link, boolean rtu, Map<Integer, UnaryOperator<byte[]>> units, Faults faults) {
        this.link = link;
        this.rtu = rtu;
        this.units = units;
        this.faults = faults;
    }

    void run() throws IOException, InterruptedException {
        while (true) {
            int count = link.read(chunk, POLL_NANOS);
            if (count < 0) {
                return;
            }
            bytes = Arrays.copyOf(bytes, bytes.length + count);
            System.arraycopy(chunk, 0, bytes, bytes.length - count, count);
            while (rtu ? takeRtu() : takeTcp()) {
                // until there is no whole request any more
            }
            if (bytes.length > 600) {
                bytes = new byte[0]; // noise
            }
        }
    }

    private boolean takeTcp() throws IOException, InterruptedException {
        if (bytes.length < 8) {
            return false;
        }
        int end = 6 + word(4);
        if (word(2) != 0 || end > 260 || end < 8) {
            throw new IOException("a client sent what is not Modbus TCP");
        }
        if (bytes.length < end) {
            return false;
        }
        int transaction = word(0);
        int unit = bytes[6] & 0xFF;
        byte[] request = Arrays.copyOfRange(bytes, 7, end);
        bytes = Arrays.copyOfRange(bytes, end, bytes.length);
        UnaryOperator<byte[]> answers = units.get(unit);
        byte[] answer = answers != null ? answers.apply(request) : Answers.exception(request[0] & 0xFF, 11);
        if (faults.strikes(Kind.FOREIGN)) {
            link.write(TcpFraming.frame(transaction - 1 & 0xFFFF, unit, answer));
        }
        send(TcpFraming.frame(transaction, unit, broken(request, answer)));
        return true;
    }

    /** Requests are found by their checksum, behind whatever noise. */
    private boolean takeRtu() throws IOException, InterruptedException {
        for (int at = 0; at + 4 <= bytes.length; at++) {
            int length = requestLength(at);
            if (length > 0 && at + length <= bytes.length && Crc16.fits(bytes, at, at + length)) {
                int unit = bytes[at] & 0xFF;
                byte[] request = Arrays.copyOfRange(bytes, at + 1, at + length - 2);
                bytes = Arrays.copyOfRange(bytes, at + length, bytes.length);
                serve(unit, request);
                return true;
            }
        }
        return false;
    }

    private void serve(int unit, byte[] request) throws IOException, InterruptedException {
        if (unit == 0) {
            units.values().forEach(answers -> answers.apply(request));
            return;
        }
        UnaryOperator<byte[]> answers = units.get(unit);
        if (answers != null) {
            byte[] answer = answers.apply(request);
            if (faults.strikes(Kind.FOREIGN)) {
                link.write(RtuFraming.frame(unit ^ 0x40, answer));
            }
            send(RtuFraming.frame(unit, broken(request, answer)));
        }
    }

    private int requestLength(int at) {
        return switch (bytes[at + 1]) {
            case 1, 2, 3, 4, 5, 6 -> 8;
            case 15, 16 -> at + 7 <= bytes.length ? 9 + (bytes[at + 6] & 0xFF) : 0;
            case 22 -> 10;
            default -> 4;
        };
    }

    private byte[] broken(byte[] request, byte[] answer) {
        return faults.strikes(Kind.EXCEPTION) ? Answers.exception(request[0] & 0xFF, 4)
                : faults.strikes(Kind.BUSY) ? Answers.exception(request[0] & 0xFF, 6) : answer;
    }

    private void send(byte[] frame) throws IOException, InterruptedException {
        long delay = faults.delayMillis();
        if (delay > 0) {
            TimeUnit.MILLISECONDS.sleep(delay); // the fault itself, not a wait for anything
        }
        if (faults.strikes(Kind.DROP)) {
            return;
        }
        if (faults.strikes(Kind.CLOSE)) {
            throw new IOException("closed on demand");
        }
        if (faults.strikes(Kind.CRC)) {
            frame[frame.length - 1] ^= 0x10;
        }
        link.write(faults.strikes(Kind.GARBAGE) ? faults.garbage()
                : faults.strikes(Kind.CUT) ? Arrays.copyOf(frame, frame.length / 2) : frame);
    }

    private int word(int at) {
        return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
    }
}
