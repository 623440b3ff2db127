package io.kelp.metamanager.internal;

import com.google.gson.JsonObject;
import io.kelp.control.ControlCommand;
import io.kelp.control.MetricSource;
import io.kelp.control.Problem;
import io.kelp.control.StatusSource;
import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.CloudMessageHandler;
import io.kelp.edgehub.GatewayClock;
import io.kelp.message.Message;
import io.kelp.metamanager.MetaStore;
import io.kelp.store.Durability;
import io.kelp.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gateway's copy of Kubernetes objects, in the framework. */
@Component(configurationPid = "io.kelp.metamanager", immediate = true,
        service = {MetaStore.class, CloudMessageHandler.class, MetricSource.class, StatusSource.class, ControlCommand.class})
@Designate(ocd = MetaConfig.class)
public final class MetaManager implements MetaStore, CloudMessageHandler, MetricSource, StatusSource, ControlCommand {

    private static final int QUEUE = 10_000;
    private static final Logger LOG = LoggerFactory.getLogger(MetaManager.class);

    private final ScheduledThreadPoolExecutor thread;
    private final Sealer sealer;
    private final ObjectTable table;
    private final References references;
    private final CloudQueries queries;
    private final CloudObjects cloud;
    private final Tokens tokens;
    private final KeyReport keys;
    private volatile CloudLink link;
    private volatile GatewayClock clock;

    @Activate
    public MetaManager(MetaConfig config, BundleContext context, @Reference Store store) {
        this(config, data(context), store);
    }

    /** @param data the gateway's data directory, for the key of the Secrets */
    public MetaManager(MetaConfig config, Path data, Store store) {
        thread = new ScheduledThreadPoolExecutor(1, r -> new Thread(r, "kelp-metamanager"));
        thread.setKeepAliveTime(10, TimeUnit.SECONDS);
        thread.allowCoreThreadTimeOut(true);
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        Executor serial = this::execute;
        sealer = new Sealer(new KeyFile(data.resolve("keys").resolve("metamanager.key")));
        table = new ObjectTable(store.collection("metamanager.object", new MetaCodec(sealer), Durability.POWER), serial, config.maxObjects());
        references = new References(table, System::nanoTime, Duration.ofMinutes(config.keepUnusedMinutes()), this::later);
        queries = new CloudQueries(table, () -> Optional.ofNullable(link), Duration.ofSeconds(config.queryTimeoutSeconds()),
                references::confirmed);
        cloud = new CloudObjects(table, queries);
        tokens = new Tokens(store.collection("metamanager.token", new TokenRecord.Codec(sealer), Durability.POWER), table, queries, this::now);
        keys = new KeyReport(sealer, table, tokens);
        tokens.retain(podUids());
        table.sealed().thenRunAsync(this::refuseClear, serial);
        table.watch("pod", new Listener() {
            @Override
            public void changed(MetaObject pod) {
                references.changed(pod);
            }

            @Override
            public void removed(MetaObject pod) {
                references.removed(pod);
                tokens.retain(podUids());
            }
        });
    }

    private void refuseClear() {
        try {
            sealer.refuseClear();
        } catch (IOException e) {
            LOG.warn("{} cannot be written ({}); Secrets stored in the clear are accepted as long as that is so", sealer.where(), e.getMessage());
        }
    }

    private static Path data(BundleContext context) {
        String data = context.getProperty("kelp.data");
        if (data == null) {
            throw new IllegalStateException("framework property kelp.data is not set; start the gateway with bin/kelp");
        }
        return Path.of(data);
    }

    private void execute(Runnable task) {
        if (thread.getQueue().size() >= QUEUE) {
            throw new RejectedExecutionException(QUEUE + " changes of objects wait already");
        }
        thread.execute(task);
    }

    private void later(Runnable task, Duration wait) {
        thread.schedule(task, wait.toMillis(), TimeUnit.MILLISECONDS);
    }

    private Instant now() {
        GatewayClock best = clock;
        return best == null ? Instant.now() : best.now();
    }

    private Set<String> podUids() {
        return table.list("pod").stream().map(MetaObject::uid).collect(Collectors.toSet());
    }

    /** The link refers to this component as a handler of messages, hence not the other way round at the start. */
    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    public void bind(CloudLink given) {
        link = given;
    }

    public void unbind(CloudLink gone) {
        if (link == gone) {
            link = null;
        }
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
    void bindClock(GatewayClock given) {
        clock = given;
    }

    void unbindClock(GatewayClock gone) {
        if (clock == gone) {
            clock = null;
        }
    }

    @Deactivate
    void stop() {
        thread.shutdownNow();
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
    public CompletionStage<Boolean> replace(MetaObject before, JsonObject json) {
        return table.replace(before, json);
    }

    @Override
    public CompletionStage<Optional<MetaObject>> fetch(String type, String namespace, String name) {
        return queries.fetch(type, namespace, name, references.isDoubtful(type, namespace, name));
    }

    @Override
    public CompletionStage<String> token(String namespace, String account, JsonObject request) {
        return tokens.token(namespace, account, request);
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

    /** What pods need and cannot be opened any more is asked for again. */
    @Override
    public void connected(CloudLink.Peer peer) {
        for (String key : references.wanted(table.locked().keySet())) {
            String[] parts = key.split("/", 3);
            queries.fetch(parts[0], parts[1], parts[2], true);
        }
    }

    @Override
    public void collect(Sink sink) {
        table.counts().forEach((type, count) ->
                sink.gauge("kelp_meta_objects", "Kubernetes objects of which the gateway has a copy.", count, "type", type));
        sink.gauge("kelp_meta_locked_objects", "Secrets that cannot be opened because their key is gone.", table.locked().size());
    }

    @Override
    public JsonObject status() {
        return keys.status();
    }

    @Override
    public List<Problem> problems() {
        return keys.problems();
    }

    @Override
    public String name() {
        return "secrets";
    }

    @Override
    public List<String> usage() {
        return keys.usage();
    }

    @Override
    public Result run(List<String> arguments) {
        return keys.run(arguments);
    }
}
