package io.kelp.runtime.osgi.internal.output;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * In place of {@code System.out} or {@code System.err}: what threads of a container write goes to the
 * container's log, what others write where it went before. Holds no lock and no buffer that containers share.
 */
final class OutputRouter extends PrintStream {

    private final Supplier<ContainerLog> logs;
    private final ContainerLog.Stream stream;
    private final PrintStream gateway;

    /** @param logs the log of the calling thread, null if its output is the gateway's */
    OutputRouter(Supplier<ContainerLog> logs, ContainerLog.Stream stream, PrintStream gateway) {
        super(OutputStream.nullOutputStream());
        this.logs = logs;
        this.stream = stream;
        this.gateway = gateway;
    }

    PrintStream gateway() {
        return gateway;
    }

    private ContainerLog log() {
        return logs.get();
    }

    private void text(String text) {
        ContainerLog log = log();
        if (log != null) {
            log.write(stream, text);
        } else {
            gateway.print(text);
        }
    }

    private void line(String text) {
        ContainerLog log = log();
        if (log != null) {
            log.write(stream, text + "\n");
        } else {
            gateway.println(text);
        }
    }

    @Override
    public void write(int b) {
        ContainerLog log = log();
        if (log != null) {
            log.write(stream, new byte[] {(byte) b}, 0, 1);
        } else {
            gateway.write(b);
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        java.util.Objects.checkFromIndexSize(offset, length, bytes.length);
        ContainerLog log = log();
        if (log != null) {
            log.write(stream, bytes, offset, length);
        } else {
            gateway.write(bytes, offset, length);
        }
    }

    @Override
    public void write(byte[] bytes) throws IOException {
        write(bytes, 0, bytes.length);
    }

    @Override
    public void writeBytes(byte[] bytes) {
        write(bytes, 0, bytes.length);
    }

    /** Nothing: a container's log is flushed within a second, and a program that flushes each line must not wear the flash. */
    @Override
    public void flush() {
        if (log() == null) {
            gateway.flush();
        }
    }

    /** A container cannot close it for others. */
    @Override
    public void close() {
        flush();
    }

    @Override
    public boolean checkError() {
        return log() == null && gateway.checkError();
    }

    @Override
    public void print(boolean value) {
        text(String.valueOf(value));
    }

    @Override
    public void print(char value) {
        text(String.valueOf(value));
    }

    @Override
    public void print(int value) {
        text(String.valueOf(value));
    }

    @Override
    public void print(long value) {
        text(String.valueOf(value));
    }

    @Override
    public void print(float value) {
        text(String.valueOf(value));
    }

    @Override
    public void print(double value) {
        text(String.valueOf(value));
    }

    @Override
    public void print(char[] value) {
        text(String.valueOf(value));
    }

    @Override
    public void print(String value) {
        text(String.valueOf(value));
    }

    @Override
    public void print(Object value) {
        text(String.valueOf(value));
    }

    @Override
    public void println() {
        line("");
    }

    @Override
    public void println(boolean value) {
        line(String.valueOf(value));
    }

    @Override
    public void println(char value) {
        line(String.valueOf(value));
    }

    @Override
    public void println(int value) {
        line(String.valueOf(value));
    }

    @Override
    public void println(long value) {
        line(String.valueOf(value));
    }

    @Override
    public void println(float value) {
        line(String.valueOf(value));
    }

    @Override
    public void println(double value) {
        line(String.valueOf(value));
    }

    @Override
    public void println(char[] value) {
        line(String.valueOf(value));
    }

    @Override
    public void println(String value) {
        line(String.valueOf(value));
    }

    @Override
    public void println(Object value) {
        line(String.valueOf(value));
    }

    @Override
    public PrintStream format(String format, Object... arguments) {
        text(String.format(format, arguments));
        return this;
    }

    @Override
    public PrintStream format(Locale locale, String format, Object... arguments) {
        text(String.format(locale, format, arguments));
        return this;
    }

    @Override
    public PrintStream append(CharSequence text, int start, int end) {
        text(String.valueOf(text).substring(start, end));
        return this;
    }
}
