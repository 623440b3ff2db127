package io.kelp.mapper.modbus.simulator;

import io.kelp.mapper.modbus.internal.wire.Line;
import io.kelp.mapper.modbus.internal.wire.Link;
import io.kelp.mapper.modbus.internal.wire.SerialLink;
import io.kelp.mapper.modbus.internal.wire.SocketLink;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Simulated Modbus units on any number of lines. One thread per line and per client: this is a
 * program of its own and no part of the gateway.
 */
public final class Simulator implements Closeable {

    private static final int MOST_CLIENTS = 256;

    private final Map<Integer, Registers> registers = new TreeMap<>();
    private final Map<Integer, UnaryOperator<byte[]>> units = new TreeMap<>();
    private final Faults faults;
    private final Consumer<String> log;
    private final List<Closeable> listeners = new ArrayList<>();
    private final Set<Link> clients = ConcurrentHashMap.newKeySet();
    private final AtomicLong connections = new AtomicLong();
    private volatile boolean closed;

    /** @param log told what happens, a line each */
    public Simulator(Iterable<Integer> unitIds, long seed, Consumer<String> log) {
        this(unitIds, seed, log, (request, answers) -> answers.apply(request));
    }

    /** @param filter sees each request before it is answered */
    Simulator(Iterable<Integer> unitIds, long seed, Consumer<String> log, BiFunction<byte[], UnaryOperator<byte[]>, byte[]> filter) {
        this.faults = new Faults(seed);
        this.log = log;
        for (int unit : unitIds) {
            Registers ofUnit = new Registers(unit, System::currentTimeMillis);
            registers.put(unit, ofUnit);
            Answers answers = new Answers(ofUnit);
            units.put(unit, request -> filter.apply(request, answers::to));
        }
    }

    Faults faults() {
        return faults;
    }

    Registers unit(int unit) {
        return registers.get(unit);
    }

    /**
     * Listens for clients.
     *
     * @param rtu whether RTU frames are spoken; otherwise Modbus TCP
     * @return the port, which was chosen when {@code port} is 0
     */
    public int listen(String host, int port, boolean rtu) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(host, port));
        synchronized (listeners) {
            listeners.add(server);
        }
        int bound = ((InetSocketAddress) server.getLocalAddress()).getPort();
        start("listen " + bound, () -> {
            while (!closed) {
                SocketChannel client = server.accept();
                if (clients.size() >= MOST_CLIENTS) {
                    client.close();
                } else {
                    serve("client " + client.getRemoteAddress(), SocketLink.of(client), rtu);
                }
            }
        });
        return bound;
    }

    /** Lines and clients since the start. */
    long connections() {
        return connections.get();
    }

    /** Serves a serial port. */
    public void serial(Line.Serial line) throws IOException {
        serve("serial " + line.path(), SerialLink.open(line), true);
    }

    private void serve(String name, Link link, boolean rtu) {
        clients.add(link);
        connections.incrementAndGet();
        start(name, () -> {
            try (link) {
                new Session(link, rtu, units, faults).run();
            } finally {
                clients.remove(link);
            }
        });
    }

    private interface Task {
        void run() throws IOException, InterruptedException;
    }

    private void start(String name, Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (IOException e) {
                if (!closed) {
                    log.accept(name + ": " + e.getMessage());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }, "simulator " + name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Closes the connections of all clients; they may come again. */
    void dropClients() {
        for (Link link : clients) {
            try {
                link.close();
            } catch (IOException e) {
                log.accept("a client could not be dropped: " + e.getMessage());
            }
        }
    }

    @Override
    public void close() throws IOException {
        closed = true;
        synchronized (listeners) {
            for (Closeable listener : listeners) {
                listener.close();
            }
        }
        dropClients();
    }
}
