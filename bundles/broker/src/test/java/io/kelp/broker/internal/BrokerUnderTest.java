package io.kelp.broker.internal;

import io.kelp.control.Problem;
import io.kelp.store.Store;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.osgi.util.converter.Converters;

/** A whole broker on a free port. */
public final class BrokerUnderTest implements AutoCloseable {

    private final BrokerComponent component;
    private final Store store;

    public BrokerUnderTest() {
        this(Map.of());
    }

    public BrokerUnderTest(Map<String, ?> settings) {
        this(settings, null);
    }

    public BrokerUnderTest(Map<String, ?> settings, Store store) {
        this.store = store;
        component = new BrokerComponent(config(settings));
        if (store != null) {
            component.bindStore(store);
        }
        component.start();
        int port = (int) (Integer) new HashMap<String, Object>(settings).getOrDefault("port", 0);
        if (port == 0) {
            await("broker listens", () -> component.port() > 0);
        }
    }

    public static BrokerConfig config(Map<String, ?> settings) {
        Map<String, Object> all = new HashMap<>(Map.of("port", 0, "secondPort", -1));
        all.putAll(settings);
        return Converters.standardConverter().convert(all).to(BrokerConfig.class);
    }

    public BrokerComponent component() {
        return component;
    }

    public int port() {
        return component.port();
    }

    public RawClient client() throws IOException {
        return new RawClient(port());
    }

    public RawClient connected(String clientId) throws IOException {
        return client().connect(clientId, true);
    }

    public List<Problem> problems() {
        return component.problems();
    }

    public double metric(String name, String... label) {
        double[] sum = {0};
        component.collect(new io.kelp.control.MetricSource.Sink() {
            @Override
            public void counter(String n, String help, double value, String... labels) {
                if (n.equals(name) && (label.length == 0 || List.of(labels).containsAll(List.of(label)))) {
                    sum[0] += value;
                }
            }

            @Override
            public void gauge(String n, String help, double value, String... labels) {
                counter(n, help, value, labels);
            }
        });
        return sum[0];
    }

    /** Stops as the gateway does. */
    @Override
    public void close() {
        component.stop();
        if (store != null) {
            component.unbindStore(store);
        }
    }

    public static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within 20 s: " + what);
            }
            Thread.onSpinWait();
            try {
                TimeUnit.MILLISECONDS.sleep(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(what, e);
            }
        }
    }
}
