package io.kelp.cloud.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** One address for several servers: each connection goes to the one that answers and has the fewest. */
final class LoadBalancer implements AutoCloseable {

    private final ServerSocket listening = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
    private final Map<Integer, AtomicInteger> connections = new ConcurrentHashMap<>();

    LoadBalancer(List<Integer> ports) throws IOException {
        ports.forEach(port -> connections.put(port, new AtomicInteger()));
        run("balancer", this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                run("balancer", () -> connect(client));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void connect(Socket client) {
        for (int port : connections.keySet().stream().sorted(Comparator.comparing(p -> connections.get(p).get())).toList()) {
            Socket server = new Socket();
            try {
                server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
            } catch (IOException e) {
                continue; // that one is down
            }
            AtomicInteger count = connections.get(port);
            count.incrementAndGet();
            run("balancer-up", () -> pump(client, server, null));
            pump(server, client, count);
            return;
        }
        close(client);
    }

    private static void pump(Socket from, Socket to, AtomicInteger count) {
        byte[] buffer = new byte[8192];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
            }
        } catch (IOException e) {
            // the end of the one is the end of the other
        }
        close(from);
        close(to);
        if (count != null) {
            count.decrementAndGet();
        }
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void run(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listening.close();
    }
}
