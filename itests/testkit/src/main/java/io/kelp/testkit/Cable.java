package io.kelp.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/**
 * A TCP connection that can be cut: a port on loopback that leads to another one. While it is cut it is silent, as a
 * pulled cable is: connections stay open, new ones are accepted by the kernel, and nothing passes.
 */
public final class Cable implements AutoCloseable {

    private static final int BLOCK = 4096;

    private final ServerSocket listener;
    private final int target;
    private final List<Socket> sockets = new ArrayList<>();
    private boolean closed;
    private long allowed = Long.MAX_VALUE; // bytes that may still pass

    public Cable(int target) {
        this.target = target;
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start("cable", this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Nothing passes from now on. */
    public void cut() {
        cutAfter(0);
    }

    /** Nothing passes once so many bytes more have come from the other end, over all connections. */
    public synchronized void cutAfter(long bytes) {
        allowed = bytes;
    }

    /** Whether as many bytes have passed as were allowed. */
    public synchronized boolean isCut() {
        return allowed == 0;
    }

    /** All connections are broken, and new ones pass again. */
    public synchronized void repair() throws IOException {
        allowed = Long.MAX_VALUE;
        for (Socket each : sockets) {
            each.close();
        }
        sockets.clear();
        notifyAll();
    }

    private void accept() {
        try {
            while (true) {
                Socket near = keep(listener.accept());
                start("cable-connection", () -> connect(near));
            }
        } catch (IOException e) {
            return; // closed
        }
    }

    private void connect(Socket near) {
        try {
            awaitAllowed();
            Socket far = keep(new Socket(InetAddress.getLoopbackAddress(), target));
            start("cable-up", () -> pump(near, far, false));
            pump(far, near, true);
        } catch (IOException e) {
            closeQuietly(near);
        }
    }

    private void pump(Socket from, Socket to, boolean counted) {
        byte[] block = new byte[BLOCK];
        try (from; to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(block); n >= 0; n = in.read(block)) {
                int sent = 0;
                while (sent < n) {
                    int part = take(n - sent, counted);
                    out.write(block, sent, part);
                    sent += part;
                }
            }
        } catch (IOException e) {
            return; // one end is gone; closing tells the other
        }
    }

    /** Waits until something may pass and says how much. */
    private synchronized int take(int wanted, boolean counted) throws IOException {
        awaitAllowed();
        if (!counted || allowed == Long.MAX_VALUE) {
            return wanted;
        }
        int part = (int) Math.min(wanted, allowed);
        allowed -= part;
        return part;
    }

    private synchronized void awaitAllowed() throws IOException {
        while (allowed == 0 && !closed) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
        }
        if (closed) {
            throw new IOException("closed");
        }
    }

    private synchronized Socket keep(Socket socket) throws IOException {
        if (closed) {
            socket.close();
            throw new IOException("closed");
        }
        sockets.removeIf(Socket::isClosed);
        sockets.add(socket);
        return socket;
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            synchronized (this) {
                closed = true;
                for (Socket each : sockets) {
                    each.close();
                }
                notifyAll();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
