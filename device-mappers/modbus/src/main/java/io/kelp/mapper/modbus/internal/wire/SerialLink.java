package io.kelp.mapper.modbus.internal.wire;

import com.fazecast.jSerialComm.SerialPort;
import com.fazecast.jSerialComm.SerialPortInvalidPortException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A serial port. The first use loads the native library, through {@link SerialLibrary}. */
public final class SerialLink implements Link {

    /** The native wait cannot be interrupted, so it is cut into pieces. */
    private static final long LONGEST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final SerialPort port;
    private final String path;

    private SerialLink(SerialPort port, String path) {
        this.port = port;
        this.path = path;
    }

    /** @throws IOException naming the port and what was wrong */
    public static SerialLink open(Line.Serial line) throws IOException {
        String path = line.path();
        if (!Files.exists(Path.of(path))) {
            throw new IOException("there is no serial port " + path + " on this gateway; look with ls -l /dev/serial/by-id /dev/tty*");
        }
        if (!Files.isReadable(Path.of(path)) || !Files.isWritable(Path.of(path))) {
            throw new IOException("the gateway may not use the serial port " + path + "; add its user to the group that owns it, often dialout");
        }
        SerialLibrary.load();
        SerialPort port;
        try {
            port = SerialPort.getCommPort(path);
        } catch (SerialPortInvalidPortException e) {
            throw new IOException("the serial port " + path + " cannot be used: " + e.getMessage(), e);
        }
        int stopBits = line.stopBits() == 2 ? SerialPort.TWO_STOP_BITS : SerialPort.ONE_STOP_BIT;
        int parity = switch (line.parity()) {
            case NONE -> SerialPort.NO_PARITY;
            case EVEN -> SerialPort.EVEN_PARITY;
            case ODD -> SerialPort.ODD_PARITY;
        };
        port.setComPortParameters(line.baudRate(), line.dataBits(), stopBits, parity);
        port.setFlowControl(SerialPort.FLOW_CONTROL_DISABLED);
        if (line.rs485().enabled()) {
            port.setRs485ModeParameters(true, line.rs485().sendHigh(), line.rs485().microsBefore(), line.rs485().microsAfter());
        }
        // Semi-blocking: a read returns with the first bytes, or empty when the time is over.
        port.setComPortTimeouts(SerialPort.TIMEOUT_READ_SEMI_BLOCKING, 100, 0);
        if (!port.openPort(0)) {
            throw new IOException("the serial port " + path + " cannot be opened (system error " + port.getLastErrorCode()
                    + "); perhaps another program uses it, or it does not know " + line.baudRate() + " Bd"
                    + (line.rs485().enabled() ? " or RS-485" : ""));
        }
        return new SerialLink(port, path);
    }

    @Override
    public void write(byte[] bytes) throws IOException {
        for (int sent = 0; sent < bytes.length; ) {
            int count = port.writeBytes(bytes, bytes.length - sent, sent);
            if (count <= 0) {
                throw new IOException("the serial port " + path + " does not take what is sent to it");
            }
            sent += count;
        }
    }

    @Override
    public int read(byte[] into, long nanos) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + nanos;
        while (true) {
            int available = port.bytesAvailable();
            if (available < 0) {
                return -1; // unplugged
            }
            if (available > 0) {
                return port.readBytes(into, Math.min(available, into.length));
            }
            long left = deadline - System.nanoTime();
            if (nanos <= 0 || left <= 0) {
                return 0;
            }
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while waiting for " + path);
            }
            int millis = (int) TimeUnit.NANOSECONDS.toMillis(Math.min(left, LONGEST_WAIT_NANOS));
            port.setComPortTimeouts(SerialPort.TIMEOUT_READ_SEMI_BLOCKING, Math.max(1, millis), 0);
            int count = port.readBytes(into, 1);
            if (count != 0) {
                return count;
            }
        }
    }

    @Override
    public void close() {
        port.closePort();
    }
}
