package io.kelp.mapper.modbus.internal.wire;

import java.io.Closeable;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The client's side of one line: asks one question at a time and connects when it must. Questions
 * of several threads wait for each other.
 */
public final class Bus implements Closeable {

    /** Questions in a row without any answer after which a connection counts as dead. */
    private static final int MOST_SILENT = 2;

    /** What slaves need after a broadcast (Modbus over Serial Line V1.02, 2.4.1: turnaround delay). */
    private static final Duration TURNAROUND = Duration.ofMillis(100);

    /** How long a serial line must be silent after a question was given up, so that a late answer is over. */
    private static final Duration SETTLE = Duration.ofMillis(20);

    /** Longest time that bytes which nobody asked for are thrown away. */
    private static final Duration LONGEST_NOISE = Duration.ofMillis(200);

    private final Line line;
    private final Link.Opener opener;
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Framing framing;
    private final Received received = new Received();
    private final byte[] chunk = new byte[512];
    private Link link;
    private boolean closed;
    private boolean unsettled;
    private int silent;
    private long quietUntil = System.nanoTime();

    public Bus(Line line, Link.Opener opener) {
        this.line = line;
        this.opener = opener;
        this.framing = line.framing();
    }

    public Line line() {
        return line;
    }

    /** Opens the line unless it is open. */
    public void connect() throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            if (closed) {
                throw new IOException("the line " + line.bus() + " is closed");
            }
            if (link == null) {
                link = opener.open();
                received.clear();
                silent = 0;
                unsettled = false;
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Asks a device.
     *
     * @return of a read the data, of a write nothing
     * @throws ExceptionAnswer when it refuses
     * @throws SocketTimeoutException when it does not answer in time
     * @throws IOException when the line is broken; it is connected again by the next question
     */
    public byte[] ask(int unit, byte[] request, Duration timeout) throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            boolean fresh = link == null;
            try {
                return exchange(unit, request, timeout);
            } catch (LineClosedException e) {
                // Devices close connections that were idle for a while. Nothing is known to have been done, but only a read may be asked twice.
                if (fresh || !(e.beforeSending || Pdu.reads(request))) {
                    throw e;
                }
                return exchange(unit, request, timeout);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Tells all devices on the line; none answers. */
    public void tellAll(byte[] request) throws IOException, InterruptedException {
        lock.lockInterruptibly();
        try {
            connect();
            settle();
            send(framing.request(0, request));
            quietUntil = System.nanoTime() + TURNAROUND.toNanos();
        } catch (LineClosedException e) {
            throw new IOException(e.getMessage(), e);
        } finally {
            lock.unlock();
        }
    }

    private byte[] exchange(int unit, byte[] request, Duration timeout) throws IOException, InterruptedException {
        connect();
        settle();
        send(framing.request(unit, request));
        try {
            byte[] answer = Pdu.payload(request, answer(unit, request, timeout));
            silent = 0;
            return answer;
        } catch (ExceptionAnswer e) {
            silent = 0;
            throw e;
        } catch (InterruptedException e) {
            unsettled = true;
            throw e;
        } catch (SocketTimeoutException e) {
            unsettled = true;
            if (++silent >= MOST_SILENT && line instanceof Line.Tcp) {
                disconnect(); // half open: the peer has gone without a word
            }
            throw e;
        } catch (IOException e) {
            disconnect();
            throw e;
        } finally {
            quietUntil = System.nanoTime() + line.silence().toNanos();
        }
    }

    private void send(byte[] frame) throws IOException, InterruptedException {
        try {
            link.write(frame);
        } catch (ClosedByInterruptException e) {
            disconnect();
            throw new InterruptedException("interrupted while sending");
        } catch (InterruptedException e) {
            disconnect(); // half a frame may be on its way
            throw e;
        } catch (IOException e) {
            disconnect();
            throw new LineClosedException("the connection to " + line.bus() + " broke while sending: " + e.getMessage(), false);
        }
    }

    private byte[] answer(int unit, byte[] request, Duration timeout) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            byte[] answer = framing.answer(received, unit, request);
            if (answer != null) {
                return answer;
            }
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                String discarded = framing.discarded();
                throw new SocketTimeoutException("unit " + unit + " at " + line.bus() + " did not answer within " + timeout.toMillis() + " ms"
                        + (discarded.isEmpty() ? "" : "; " + discarded));
            }
            int count = receive(left, false);
            if (count > 0) {
                received.add(chunk, count);
            }
        }
    }

    /** Keeps the silence that the line needs and throws away what nobody asked for. */
    private void settle() throws IOException, InterruptedException {
        received.clear();
        long wait = Math.max(quietUntil - System.nanoTime(), unsettled && !(line instanceof Line.Tcp tcp && !tcp.rtu()) ? SETTLE.toNanos() : 0);
        pause(wait);
        long noiseUntil = System.nanoTime() + LONGEST_NOISE.toNanos();
        while (receive(0, true) > 0 && System.nanoTime() - noiseUntil < 0) {
            if (line instanceof Line.Serial) {
                pause(line.silence().toNanos());
            }
        }
        unsettled = false;
    }

    private int receive(long nanos, boolean beforeSending) throws IOException, InterruptedException {
        int count;
        try {
            count = link.read(chunk, nanos);
        } catch (ClosedByInterruptException e) {
            disconnect();
            throw new InterruptedException("interrupted while waiting for the device");
        } catch (IOException e) {
            disconnect();
            throw new LineClosedException("the connection to " + line.bus() + " broke: " + e.getMessage(), beforeSending);
        }
        if (count < 0) {
            disconnect();
            throw new LineClosedException(line.bus() + " closed the connection", beforeSending);
        }
        return count;
    }

    /** Waits; used between requests only, where the runtime's threads may be interrupted. */
    public static void pause(long nanos) throws InterruptedException {
        long until = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted between two requests");
            }
        }
    }

    private void disconnect() {
        Link old = link;
        link = null;
        if (old != null) {
            try {
                old.close();
            } catch (IOException e) {
                // It is given up because it is broken; that it cannot be closed in good order is no news.
                received.clear();
            }
        }
    }

    /** Ends the line. Waits at most a second for a question that is being asked. */
    @Override
    public void close() throws IOException {
        boolean locked = false;
        try {
            locked = lock.tryLock(1, TimeUnit.SECONDS);
            closed = true;
            disconnect();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
            disconnect();
        } finally {
            if (locked) {
                lock.unlock();
            }
        }
    }

    /** The other side has closed the line. */
    private static final class LineClosedException extends IOException {

        private static final long serialVersionUID = 1L;
        private final boolean beforeSending;

        LineClosedException(String message, boolean beforeSending) {
            super(message);
            this.beforeSending = beforeSending;
        }
    }
}
