package io.kelp.mapper.modbus.simulator;

import io.kelp.mapper.modbus.internal.wire.Line;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** The simulator in the hands of a test. */
public final class TestSimulator implements AutoCloseable {

    private final Set<Integer> illegal = ConcurrentHashMap.newKeySet();
    private final Set<Integer> unknownFunctions = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean failing = new AtomicBoolean();
    private final AtomicLong requests = new AtomicLong();
    private final Simulator simulator;

    public TestSimulator() {
        this(List.of(1, 2, 3));
    }

    public TestSimulator(Iterable<Integer> units) {
        simulator = new Simulator(units, 1, line -> {}, (request, next) -> {
            requests.incrementAndGet();
            int function = request[0];
            if (failing.getAndSet(false)) {
                return Answers.exception(function, 4);
            }
            if (unknownFunctions.contains(function)) {
                return Answers.exception(function, 1);
            }
            int address = (request[1] & 0xFF) << 8 | request[2] & 0xFF;
            int count = function <= 4 ? (request[3] & 0xFF) << 8 | request[4] & 0xFF : 1;
            Set<Integer> hit = new HashSet<>(illegal);
            hit.removeIf(i -> i < address || i >= address + count);
            return hit.isEmpty() ? next.apply(request) : Answers.exception(function, 2);
        });
    }

    public int listen(boolean rtu) throws IOException {
        return simulator.listen("127.0.0.1", 0, rtu);
    }

    public void serial(Line.Serial line) throws IOException {
        simulator.serial(line);
    }

    /** An address that all units of the simulator refuse. */
    public void illegal(int address) {
        illegal.add(address);
    }

    /** The next request fails in the device. */
    public void failOnce() {
        failing.set(true);
    }

    public void without(int... functions) {
        for (int function : functions) {
            unknownFunctions.add(function);
        }
    }

    public void fault(String setting) {
        simulator.faults().set(setting);
    }

    public void noFaults() {
        simulator.faults().clear();
    }

    public void dropClients() {
        simulator.dropClients();
    }

    public int holding(int unit, int address) {
        return simulator.unit(unit).holding(address);
    }

    public boolean coil(int unit, int address) {
        return simulator.unit(unit).coil(address);
    }

    public long requests() {
        return requests.get();
    }

    public long connections() {
        return simulator.connections();
    }

    @Override
    public void close() throws IOException {
        simulator.close();
    }

    public static void await(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + 5_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("the condition did not come true within 5 s");
            }
            Thread.sleep(5);
        }
    }
}
