package io.kelp.runtime.osgi.internal;

import io.kelp.devicetwin.DeviceTwins;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** The devices of one namespace: a pod sees those of its own. Watches of a container end with it. */
final class NamespaceTwins implements DeviceTwins, AutoCloseable {

    private static final int MOST_WATCHES = 64;

    private final String namespace;
    private final ThreadGroup threads;
    private final Supplier<DeviceTwins> all;
    private final java.util.Set<AutoCloseable> watches = new java.util.HashSet<>(); // guarded by itself
    private boolean closed; // guarded by watches

    /**
     * @param threads of the container: its listeners are called there, so that one that hangs is its own problem
     * @param all of the gateway; gives {@code null} while there are none
     */
    NamespaceTwins(String namespace, ThreadGroup threads, Supplier<DeviceTwins> all) {
        this.namespace = namespace;
        this.threads = threads;
        this.all = all;
    }

    private DeviceTwins twins() {
        DeviceTwins twins = all.get();
        if (twins == null) {
            throw new IllegalStateException("the device twins are not there at the moment; they come again as a service");
        }
        return twins;
    }

    private boolean isOurs(DeviceId id) {
        return id.namespace().equals(namespace);
    }

    @Override
    public List<Device> devices() {
        return twins().devices().stream().filter(d -> isOurs(d.id())).toList();
    }

    @Override
    public Optional<Device> device(DeviceId id) {
        return isOurs(id) ? twins().device(id) : Optional.empty();
    }

    @Override
    public AutoCloseable watch(DeviceListener listener) {
        return keep(twins().watch(new Relay(listener)));
    }

    private AutoCloseable keep(AutoCloseable watch) {
        boolean kept;
        synchronized (watches) {
            kept = !closed && watches.size() < MOST_WATCHES && watches.add(watch);
        }
        if (!kept) {
            end(watch);
            throw new IllegalStateException("a container may watch devices " + MOST_WATCHES + " times while it runs; close what is not needed");
        }
        return () -> {
            synchronized (watches) {
                watches.remove(watch);
            }
            watch.close();
        };
    }

    /** Calls a listener on a thread of the container that lives as long as there is something to tell. The newest of each device is told. */
    private final class Relay implements DeviceListener {

        private final DeviceListener listener;
        private final Map<DeviceId, Optional<Device>> waiting = new LinkedHashMap<>(); // guarded by itself
        private boolean busy; // guarded by waiting

        Relay(DeviceListener listener) {
            this.listener = listener;
        }

        @Override
        public void changed(Device device) {
            tell(device.id(), Optional.of(device));
        }

        @Override
        public void removed(DeviceId id) {
            tell(id, Optional.empty());
        }

        private void tell(DeviceId id, Optional<Device> what) {
            if (!isOurs(id)) {
                return;
            }
            synchronized (waiting) {
                waiting.remove(id);
                waiting.put(id, what);
                if (busy) {
                    return;
                }
                busy = true;
            }
            new Thread(threads, this::work, "devices").start();
        }

        private void work() {
            boolean done = false;
            try {
                while (true) {
                    Map.Entry<DeviceId, Optional<Device>> next;
                    synchronized (waiting) {
                        if (waiting.isEmpty()) {
                            busy = false;
                            done = true;
                            return;
                        }
                        next = Map.entry(waiting.keySet().iterator().next(), waiting.values().iterator().next());
                        waiting.remove(next.getKey());
                    }
                    next.getValue().ifPresentOrElse(listener::changed, () -> listener.removed(next.getKey()));
                }
            } finally {
                if (!done) {
                    synchronized (waiting) {
                        busy = false; // the listener has failed: the thread ends with its message, the next change begins another
                    }
                }
            }
        }
    }

    @Override
    public CompletionStage<Void> report(DeviceId id, Map<String, String> values) {
        return isOurs(id) ? twins().report(id, values) : refused(id);
    }

    @Override
    public CompletionStage<Void> reportReadings(DeviceId id, Map<String, Reading> readings) {
        return isOurs(id) ? twins().reportReadings(id, readings) : refused(id);
    }

    @Override
    public CompletionStage<Void> reportError(DeviceId id, String property, String sentence) {
        return isOurs(id) ? twins().reportError(id, property, sentence) : refused(id);
    }

    @Override
    public AutoCloseable watchReports(ReportListener listener) {
        ReportRelay relay = new ReportRelay(this::isOurs, threads, listener);
        return keep(twins().watchReports(relay));
    }

    @Override
    public CompletionStage<Void> reportState(DeviceId id, String state) {
        return isOurs(id) ? twins().reportState(id, state) : refused(id);
    }

    @Override
    public CompletionStage<Void> setDesired(DeviceId id, String property, String value) {
        return isOurs(id) ? twins().setDesired(id, property, value) : refused(id);
    }

    private CompletionStage<Void> refused(DeviceId id) {
        return CompletableFuture.failedFuture(new IllegalArgumentException("device " + id + " is not of namespace " + namespace + ", to which the pod belongs"));
    }

    @Override
    public void close() {
        List<AutoCloseable> open;
        synchronized (watches) {
            closed = true;
            open = List.copyOf(watches);
            watches.clear();
        }
        open.forEach(NamespaceTwins::end);
    }

    private static void end(AutoCloseable watch) {
        try {
            watch.close();
        } catch (Exception e) { // AutoCloseable's, though DeviceTwins throws none
            throw new IllegalStateException(e);
        }
    }
}
