package io.kelp.metamanager.internal;

import com.google.gson.JsonObject;
import io.kelp.control.MetricSource;
import io.kelp.edgehub.CloudMessageHandler;
import io.kelp.message.Message;
import io.kelp.metamanager.MetaStore;
import io.kelp.store.Durability;
import io.kelp.store.Store;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.Designate;

/** The gateway's copy of Kubernetes objects, in the framework. */
@Component(configurationPid = "io.kelp.metamanager", immediate = true,
        service = {MetaStore.class, CloudMessageHandler.class, MetricSource.class})
@Designate(ocd = MetaConfig.class)
public final class MetaManager implements MetaStore, CloudMessageHandler, MetricSource {

    private static final int QUEUE = 10_000;

    private final ThreadPoolExecutor serial;
    private final ObjectTable table;
    private final CloudObjects cloud;

    @Activate
    public MetaManager(MetaConfig config, @Reference Store store) {
        serial = new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(QUEUE),
                r -> new Thread(r, "kelp-metamanager"));
        serial.allowCoreThreadTimeOut(true);
        table = new ObjectTable(store.collection("metamanager.object", new MetaCodec(), Durability.POWER), serial, config.maxObjects());
        cloud = new CloudObjects(table);
    }

    @Deactivate
    void stop() {
        serial.shutdownNow();
    }

    @Override
    public Optional<MetaObject> get(String type, String namespace, String name) {
        return table.get(type, namespace, name);
    }

    @Override
    public List<MetaObject> list(String type) {
        return table.list(type);
    }

    @Override
    public AutoCloseable watch(String type, Listener listener) {
        return table.watch(type, listener);
    }

    @Override
    public CompletionStage<Void> put(String type, String namespace, String name, JsonObject json) {
        return table.put(type, namespace, name, json);
    }

    @Override
    public boolean claims(Message message) {
        return cloud.claims(message);
    }

    @Override
    public CompletionStage<Void> handle(Message message) {
        return cloud.handle(message);
    }

    @Override
    public List<StoredObject> inventory() {
        return cloud.inventory();
    }

    @Override
    public void collect(Sink sink) {
        table.counts().forEach((type, count) ->
                sink.gauge("kelp_meta_objects", "Kubernetes objects of which the gateway has a copy.", count, "type", type));
    }
}
