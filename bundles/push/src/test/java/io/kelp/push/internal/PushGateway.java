package io.kelp.push.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.kelp.devicetwin.DeviceTwins.Device;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Generation;
import io.kelp.devicetwin.DeviceTwins.Quality;
import io.kelp.devicetwin.DeviceTwins.Reading;
import io.kelp.eventbus.client.TlsFiles;
import io.kelp.store.internal.StoreComponent;
import io.kelp.store.internal.StoreConfig;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Map;
import javax.net.ssl.SSLSocketFactory;
import org.osgi.framework.BundleContext;
import org.osgi.util.converter.Converters;

/** Push on a real store. */
final class PushGateway implements AutoCloseable {

    final StoreComponent store;
    final PushEngine engine;
    private boolean closed;

    PushGateway(Path home, Map<String, ?> settings) {
        this(home, settings, 1);
    }

    PushGateway(Path home, Map<String, ?> settings, int flushSeconds) {
        BundleContext context = (BundleContext) Proxy.newProxyInstance(PushGateway.class.getClassLoader(), new Class<?>[] {BundleContext.class},
                (proxy, method, arguments) -> home.resolve(arguments[0].equals("kelp.data") ? "data" : "run").toString());
        store = new StoreComponent(context, Converters.standardConverter().convert(Map.of("seriesFlushSeconds", flushSeconds)).to(StoreConfig.class));
        PushConfig config = Converters.standardConverter().convert(settings).to(PushConfig.class);
        Payloads payloads = new Payloads(config.format().equals("json"), ZoneOffset.UTC);
        engine = new PushEngine(store, payloads, (destination, deadlines) -> {
            try {
                SSLSocketFactory sockets = TlsFiles.sockets(config.caFile(), "", "");
                return destination.startsWith("http") ? new HttpSender(payloads, sockets, deadlines) : new MqttSender(destination, payloads, sockets);
            } catch (IOException | GeneralSecurityException e) {
                throw new AssertionError(e);
            }
        }, new Destination.Limits(config.capacity(), Duration.ofHours(config.purgeHours()), config.inFlight(), config.ratePerSecond(),
                Duration.ofMillis(config.firstPauseMillis()), Duration.ofMillis(config.longestPauseMillis())),
                config.mostDestinations(), config.threads(), config.timeoutMillis(), System::currentTimeMillis);
        engine.start();
    }

    void device(int properties, int port) {
        device("pump", properties, port);
    }

    void device(String name, int properties, int port) {
        device(name, properties, JsonParser.parseString("{'http':{'hostName':'127.0.0.1','port':" + port + ",'requestPath':'/in'}}").getAsJsonObject());
    }

    void device(String name, int properties, JsonObject pushMethod) {
        JsonArray list = new JsonArray();
        for (int i = 0; i < properties; i++) {
            JsonObject property = new JsonObject();
            property.addProperty("name", "p" + i);
            property.add("pushMethod", pushMethod);
            list.add(property);
        }
        JsonObject spec = new JsonObject();
        spec.add("properties", list);
        JsonObject object = new JsonObject();
        object.add("spec", spec);
        engine.changed(new Device(new DeviceId("default", name), Generation.MODERN, object, null, "", Map.of()));
    }

    void report(String property, String value) {
        report("pump", property, value);
    }

    void report(String device, String property, String value) {
        engine.reported(new DeviceId("default", device), property, new Reading(value, System.currentTimeMillis(), Quality.GOOD, false));
    }

    long ringSize() {
        return store.ring(store.rings().get(0), Item.CODEC, 1000).size();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        engine.stop();
        try {
            Method stop = StoreComponent.class.getDeclaredMethod("stop");
            stop.setAccessible(true);
            stop.invoke(store);
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            throw new AssertionError(e);
        }
    }
}
