package io.kelp.history.internal;

import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.history.DeviceHistory.Point;
import io.kelp.store.internal.StoreComponent;
import io.kelp.store.internal.StoreConfig;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.util.converter.Converters;

/** A history on a real store, with a clock in the hands of the test. */
final class Gateway implements AutoCloseable {

    static final long NOON = 1_900_000_800_000L; // begins a quarter of an hour
    static final DeviceId PUMP = new DeviceId("default", "pump");

    final StoreComponent store;
    final History history;
    long nowMillis;
    long nanos;

    Gateway(Path home, Map<String, ?> settings, long nowMillis) {
        this.nowMillis = nowMillis;
        store = store(home);
        history = new History(store, bounds(settings), () -> this.nowMillis, () -> nanos);
    }

    static Gateway start(Path home, Map<String, ?> settings) {
        return start(home, settings, NOON);
    }

    static Gateway start(Path home, Map<String, ?> settings, long nowMillis) {
        Gateway gateway = new Gateway(home, settings, nowMillis);
        gateway.history.load();
        return gateway;
    }

    static History.Bounds bounds(Map<String, ?> settings) {
        return History.Bounds.of(Converters.standardConverter().convert(settings).to(HistoryConfig.class));
    }

    /** The store's writes come when the test asks for them. */
    static StoreComponent store(Path home) {
        BundleContext context = (BundleContext) Proxy.newProxyInstance(Gateway.class.getClassLoader(), new Class<?>[] {BundleContext.class},
                (proxy, method, arguments) -> home.resolve(arguments[0].equals("kelp.data") ? "data" : "run").toString());
        return new StoreComponent(context, Converters.standardConverter().convert(Map.of("seriesFlushSeconds", 30)).to(StoreConfig.class));
    }

    /** Time passes as on a good gateway; every 30 s what was noted is handed over. */
    void pass(long millis) {
        nowMillis += millis;
        nanos += millis * 1_000_000;
    }

    void note(String property, Object value) {
        history.note(PUMP, property, String.valueOf(value), nowMillis);
    }

    List<Point> points(String property, long from, long to, int most) {
        return history.points(PUMP, property, from, to, most);
    }

    List<Point> all(String property) {
        return points(property, Long.MIN_VALUE / 4, Long.MAX_VALUE / 4, 10_000);
    }

    long count(String property) {
        return all(property).stream().mapToLong(Point::count).sum();
    }

    /** Ends like a gateway that is stopped. */
    @Override
    public void close() {
        history.finish();
        closeStore(store);
    }

    static void closeStore(StoreComponent store) {
        try {
            Method stop = StoreComponent.class.getDeclaredMethod("stop");
            stop.setAccessible(true);
            stop.invoke(store);
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            throw new AssertionError(e);
        }
    }
}
