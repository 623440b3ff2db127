package io.kelp.mapper.modbus.internal.wire;

import java.time.Duration;

/** What devices hang on. Two devices of equal lines share one. */
public sealed interface Line {

    /** Names what can be used by one at a time: the serial port, or host and port. */
    String bus();

    Framing framing();

    /** Silence before a request. */
    Duration silence();

    /** Whether unit 0 means all devices on the line. */
    boolean broadcasts();

    /** @param rtu whether a serial server is at the other end that passes RTU frames on; otherwise Modbus TCP is spoken */
    record Tcp(String host, int port, boolean rtu) implements Line {

        @Override
        public String bus() {
            return host + ":" + port;
        }

        @Override
        public Framing framing() {
            return rtu ? new RtuFraming() : new TcpFraming();
        }

        @Override
        public Duration silence() {
            return Duration.ZERO;
        }

        @Override
        public boolean broadcasts() {
            return rtu;
        }
    }

    /** @param stopBits 1 or 2 */
    record Serial(String path, int baudRate, int dataBits, Parity parity, int stopBits, Rs485 rs485) implements Line {

        /** Parity of a character. */
        public enum Parity { NONE, EVEN, ODD }

        @Override
        public String bus() {
            return path;
        }

        @Override
        public Framing framing() {
            return new RtuFraming();
        }

        /** 3.5 characters, and 1.75 ms above 19200 Bd (Modbus over Serial Line V1.02, 2.5.1.1). */
        @Override
        public Duration silence() {
            long bits = 1 + dataBits + (parity == Parity.NONE ? 0 : 1) + stopBits;
            return baudRate > 19_200 ? Duration.ofNanos(1_750_000) : Duration.ofNanos(bits * 3_500_000_000L / baudRate);
        }

        @Override
        public boolean broadcasts() {
            return true;
        }
    }

    /**
     * Direction of an RS-485 driver, switched by the kernel through RTS.
     *
     * @param enabled whether the kernel is asked to; otherwise the adapter switches by itself
     * @param sendHigh level of RTS while sending
     * @param microsBefore from switching to the first bit
     * @param microsAfter from the last bit to switching back
     */
    record Rs485(boolean enabled, boolean sendHigh, int microsBefore, int microsAfter) {
        public static final Rs485 OFF = new Rs485(false, true, 0, 0);
    }
}
