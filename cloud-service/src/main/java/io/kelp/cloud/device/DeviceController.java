package io.kelp.cloud.device;

import com.google.gson.JsonObject;
import io.kelp.cloud.hub.Delivery;
import io.kelp.cloud.hub.GatewayObject;
import io.kelp.cloud.hub.NodeSession;
import io.kelp.cloud.hub.ObjectSource;
import io.kelp.cloud.hub.UpstreamHandler;
import io.kelp.cloud.kube.KubeApi;
import io.kelp.cloud.kube.ObjectCache;
import io.kelp.message.Message;
import io.kelp.message.Operation;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Devices of both generations: follows Devices, DeviceModels and DeviceStatuses, tells gateways of
 * changes, writes what they report. Created first, given to the hub as {@link ObjectSource} and
 * {@link UpstreamHandler}, then started with the hub's {@link Delivery}.
 */
public final class DeviceController implements ObjectSource, UpstreamHandler, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DeviceController.class);
    private static final long LOOK_MILLIS = 1000;
    private static final String API = "/apis/devices.kubeedge.io/v1beta1/";

    /**
     * What can be tuned.
     *
     * @param writesPerSecond status writes of the whole installation, at least 1
     * @param writeInterval least time between two writes of one device
     * @param parallelWrites writes in flight at a time, at least 1
     */
    public record Settings(int writesPerSecond, Duration writeInterval, int parallelWrites) {

        public static Settings defaults() {
            return new Settings(200, Duration.ofSeconds(1), 48);
        }
    }

    private final KubeApi api;
    private final DeviceDirectory directory = new DeviceDirectory(this::isKelp);
    private final StockVersions stockVersions = new StockVersions(System::nanoTime);
    private final Map<String, DeviceReports> reports = new ConcurrentHashMap<>();
    private final Map<String, NodeSession> sessions = new ConcurrentHashMap<>();
    private final List<ObjectCache<?>> caches = new CopyOnWriteArrayList<>();
    private final ScheduledThreadPoolExecutor executor;
    private final ClassicStatusWriter classicWriter;
    private final ModernStatusWriter modernWriter;
    private final ReportWriter writer;
    private final CurrentValues values;
    private final ColumnKeeper columns;
    private volatile ObjectCache<DeviceStatus> statuses;
    private volatile Downstream downstream;
    private volatile Upstream upstream;
    private volatile ReportListener reportListener = (namespace, device, property, value, millis) -> { };
    private volatile boolean closed;

    public DeviceController(KubeApi api, Settings settings) {
        this.api = api;
        this.executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "kelp-device");
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        executor.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        this.classicWriter = new ClassicStatusWriter(api, this::isHere);
        this.modernWriter = new ModernStatusWriter(api, this::cachedStatus, this::isHere);
        this.writer = new ReportWriter(this::write, executor, settings.writeInterval(), settings.writesPerSecond(),
                settings.parallelWrites());
        this.columns = new ColumnKeeper(api, directory, this::isHere);
        this.values = new CurrentValues(directory, device -> Optional.ofNullable(reports.get(device.uid())), this::storedStatus,
                this::isHere);
    }

    /**
     * Begins to follow the API server. Does not wait.
     *
     * @return completes when everything has been read once
     */
    public CompletableFuture<Void> start(Delivery delivery) {
        ProfileWriter profiles = new ProfileWriter(api, executor, (node, namespace) -> downstream.profileText(node, namespace));
        downstream = new Downstream(delivery, directory, this::isOwn, stockVersions, this::isKelp, profiles::changed,
                System::currentTimeMillis);
        upstream = new Upstream(directory, this::reportsOf, writer, downstream, stockVersions, System::currentTimeMillis,
                device -> values.changed(device.namespace(), device.name()), this::heard);
        statuses = follow("devicestatuses", DeviceStatus::of, new StatusListener());
        // In this order, so that a device finds its model and its status.
        return statuses.synced()
                .thenCompose(nothing -> follow("devicemodels", DeviceModel::of, new ModelListener()).synced())
                .thenRun(directory::modelsComplete)
                .thenCompose(nothing -> follow("devices", Device::of, new DeviceListener()).synced())
                .thenRun(() -> {
                    directory.devicesComplete();
                    upstream.complete();
                });
    }

    /**
     * Begins to keep in each Device what lists show of it: node, protocol, and the state {@code unknown} while its gateway is away.
     *
     * @param isAway whether a gateway, by the name of its Node, is connected to no replica
     */
    public void keepColumns(Predicate<String> isAway) {
        columns.judgeBy(isAway);
        executor.scheduleWithFixedDelay(this::lookAtColumns, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void lookAtColumns() {
        if (!directory.isComplete()) {
            return;
        }
        try {
            columns.look(System.nanoTime(), device -> {
                DeviceReports state = reportsOf(device);
                if (state.request()) {
                    writer.submit(state);
                }
            });
        } catch (RuntimeException e) {
            // One Device of a shape that nobody foresaw must not end the looks at all others.
            LOG.error("Looking at the states of devices failed and goes on", e);
        }
    }

    /** The current values, for pages and metrics. */
    public DeviceValues values() {
        return values;
    }

    /** Told of every value that a gateway reports, newer or not, by the thread that took it. */
    @FunctionalInterface
    public interface ReportListener {

        /** @param millis Unix time by the clock of the gateway, 0 when unknown; must not block */
        void reported(String namespace, String device, String property, String value, long millis);
    }

    /** Before {@link #start}. */
    public void onReports(ReportListener listener) {
        reportListener = listener;
    }

    private void heard(Device device, TwinReport report) {
        report.twins().forEach((property, twin) -> {
            if (twin.actual() != null && twin.actual().has("value")) {
                reportListener.reported(device.namespace(), device.name(), property, Json.text(twin.actual(), "value"), twin.actualMillis());
            }
        });
    }

    /** The node that a device is bound to, empty when to none; nothing when there is no such device. */
    public Optional<String> nodeOf(String namespace, String name) {
        return directory.device(namespace, name).map(Device::node);
    }

    /**
     * Writes desired values for people.
     *
     * @param fieldManager under which the writes appear in {@code managedFields}
     */
    public DesiredWriter desiredWriter(String fieldManager) {
        return new DesiredWriter(api, directory::device, fieldManager);
    }

    /** Status writes begun since the start. */
    public long writes() {
        return writer.writes();
    }

    /** Status writes that failed since the start; each is tried again. */
    public long failedWrites() {
        return writer.failures();
    }

    @Override
    public Collection<String> types() {
        return directory.types();
    }

    @Override
    public Collection<GatewayObject> objectsFor(String node) {
        return directory.objectsFor(node);
    }

    @Override
    public boolean isComplete() {
        return directory.isComplete();
    }

    /**
     * A Kelp gateway learns its devices at once. A stock edge asks for them itself after each connect and
     * would publish everything twice if it were told before.
     */
    @Override
    public List<Message> onConnect(NodeSession session) {
        sessions.values().removeIf(old -> !old.isOpen());
        sessions.put(session.node(), session);
        List<Device> devices = directory.devicesOn(session.node()).sorted(DeviceDirectory.BY_AGE).toList();
        if (!session.isKelp() || devices.isEmpty()) {
            return List.of();
        }
        return List.of(Message.create(DeviceDirectory.CONTROLLER, "twin", Operation.UPDATE, "membership",
                TwinContents.added(devices, System.currentTimeMillis())));
    }

    @Override
    public boolean claims(Message message) {
        Upstream handler = upstream;
        return handler != null && handler.claims(message);
    }

    @Override
    public void handle(NodeSession session, Message message) {
        if (sessions.get(session.node()) != session && session.isOpen()) {
            sessions.put(session.node(), session);
        }
        upstream.handle(session, message);
    }

    /** Ends all watches and the thread; reports not yet written are repeated by their gateways. */
    @Override
    public void close() {
        closed = true;
        caches.forEach(ObjectCache::close);
        executor.shutdown();
    }

    private <T> ObjectCache<T> follow(String plural, Function<JsonObject, T> projection,
            ObjectCache.Listener<T> listener) {
        ObjectCache<T> cache = api.follow(API + plural, Map.of(), projection, listener);
        caches.add(cache);
        if (closed) {
            cache.close();
        }
        return cache;
    }

    private CompletionStage<?> write(DeviceReports state, DeviceReports.Batch batch) {
        Optional<Device> device = directory.device(state.namespace(), state.name())
                .filter(known -> known.uid().equals(state.uid()));
        if (device.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        CompletionStage<?> values = device.get().generation() == Generation.CLASSIC
                ? classicWriter.write(device.get(), batch) : modernWriter.write(device.get(), batch);
        return values.thenCompose(done -> columns.write(device.get(), batch));
    }

    private DeviceReports reportsOf(Device device) {
        return reports.compute(device.uid(), (uid, known) -> {
            if (known != null && known.node().equals(device.node())) {
                return known;
            }
            if (known != null) {
                writer.forget(known);
            }
            return new DeviceReports(device);
        });
    }

    private boolean isOwn(Device device, String property, JsonObject reported) {
        DeviceReports known = reports.get(device.uid());
        return known != null && known.isOwn(property, reported);
    }

    /** Whether the gateway is connected to this replica, so that what it said last is the newest there is. */
    private boolean isHere(String node) {
        NodeSession session = sessions.get(node);
        return session != null && session.isOpen();
    }

    private boolean isKelp(String node) {
        NodeSession session = sessions.get(node);
        return session != null && session.isOpen() && session.isKelp();
    }

    private Optional<DeviceStatus> cachedStatus(String namespace, String name) {
        return statuses == null ? Optional.empty() : statuses.get(namespace, name);
    }

    private JsonObject storedStatus(Device device) {
        if (device.generation() == Generation.CLASSIC) {
            return Json.object(device.tree(), "status");
        }
        return modernWriter.newest(device).map(DeviceStatus::status).orElseGet(JsonObject::new);
    }

    private final class DeviceListener implements ObjectCache.Listener<Device> {

        @Override
        public void changed(Device before, Device now) {
            downstream.changed(before, now);
            boolean hasStatus = cachedStatus(now.namespace(), now.name())
                    .filter(status -> status.ownerUid().equals(now.uid()) || status.ownerUid().isEmpty()).isPresent();
            if (before == null && now.generation() == Generation.MODERN && !now.node().isEmpty() && !hasStatus) {
                DeviceReports state = reportsOf(now);
                if (state.request()) {
                    writer.submit(state);
                }
            }
            values.changed(now.namespace(), now.name());
        }

        @Override
        public void removed(Device last) {
            downstream.removed(last);
            stockVersions.forget(last);
            modernWriter.forget(last.uid());
            DeviceReports state = reports.remove(last.uid());
            if (state != null) {
                writer.forget(state);
            }
            values.changed(last.namespace(), last.name());
        }
    }

    /** Another replica may have written it. */
    private final class StatusListener implements ObjectCache.Listener<DeviceStatus> {

        @Override
        public void changed(DeviceStatus before, DeviceStatus now) {
            values.changed(now.namespace(), now.name());
        }

        @Override
        public void removed(DeviceStatus last) {
            values.changed(last.namespace(), last.name());
        }
    }

    private final class ModelListener implements ObjectCache.Listener<DeviceModel> {

        @Override
        public void changed(DeviceModel before, DeviceModel now) {
            downstream.changed(before, now);
            values.changed(now);
        }

        @Override
        public void removed(DeviceModel last) {
            downstream.removed(last);
            values.changed(last);
        }
    }
}
