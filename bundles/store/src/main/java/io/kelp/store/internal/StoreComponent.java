package io.kelp.store.internal;

import com.google.gson.JsonObject;
import io.kelp.control.LivenessProbe;
import io.kelp.control.MetricSource;
import io.kelp.control.Problem;
import io.kelp.control.StatusSource;
import io.kelp.store.Durability;
import io.kelp.store.RecordCodec;
import io.kelp.store.RecordCollection;
import io.kelp.store.RecordRing;
import io.kelp.store.Store;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.metatype.annotations.Designate;

/** Offers the store of this gateway as a service, with its status and metrics. */
@Component(configurationPid = "io.kelp.store", immediate = true,
        service = {Store.class, StatusSource.class, MetricSource.class, LivenessProbe.class})
@Designate(ocd = StoreConfig.class)
public final class StoreComponent implements Store, StatusSource, MetricSource, LivenessProbe {

    private final LocalStore store;
    private volatile Settings settings;

    @Activate
    public StoreComponent(BundleContext context, StoreConfig config) {
        settings = Settings.of(config);
        store = new LocalStore(directory(context, "kelp.data"), directory(context, "kelp.run"), () -> settings);
    }

    @Modified
    void configure(StoreConfig config) {
        settings = Settings.of(config);
    }

    @Deactivate
    void stop() {
        store.close();
    }

    @Override
    public <T> RecordCollection<T> collection(String name, RecordCodec<T> codec, Durability durability) {
        return store.collection(name, codec, durability);
    }

    @Override
    public <T> RecordRing<T> ring(String name, RecordCodec<T> codec, int capacity) {
        return store.ring(name, codec, capacity);
    }

    @Override
    public List<String> rings() {
        return store.rings();
    }

    @Override
    public AutoCloseable beforeWriting(Runnable gather) {
        return store.beforeWriting(gather);
    }

    @Override
    public String name() {
        return "store";
    }

    /** Its threads live. That one of them waits for a slow disk is a problem to report; a restart would not mend it. */
    @Override
    public CompletionStage<Void> probe() {
        String ended = store.endedThread();
        return ended.isEmpty() ? CompletableFuture.completedFuture(null)
                : CompletableFuture.failedFuture(new IllegalStateException("its thread " + ended + " has ended"));
    }

    @Override
    public JsonObject status() {
        var part = new JsonObject();
        part.addProperty("records", store.records());
        part.addProperty("journal", store.journalInMemory ? "memory" : "disk");
        part.addProperty("journalBytes", store.journalBytes());
        part.addProperty("unfolded", store.unfoldedRows());
        part.addProperty("waiting", store.metaQueueDepth() + store.journalQueueDepth());
        part.addProperty("metaBytesWritten", store.counters.metaBytes.sum());
        part.addProperty("seriesBytesWritten", store.counters.seriesBytes.sum());
        var status = new JsonObject();
        status.add("store", part);
        return status;
    }

    @Override
    public List<Problem> problems() {
        return store.problems.list();
    }

    @Override
    public void collect(Sink sink) {
        Counters c = store.counters;
        String written = "Bytes written, as handed to the file system.";
        sink.counter("kelp_store_written_bytes_total", written, c.metaBytes.sum(), "file", "meta.db");
        sink.counter("kelp_store_written_bytes_total", written, c.seriesBytes.sum(), "file", "series.db");
        sink.counter("kelp_store_written_bytes_total", written, c.journalBytes.sum(), "file", "journal");
        sink.counter("kelp_store_commits_total", "Transactions of meta.db.", c.commits.sum());
        sink.counter("kelp_store_folds_total", "Times the journal was folded into meta.db.", c.folds.sum());
        sink.counter("kelp_store_compactions_total", "Times the journal was compacted.", c.compactions.sum());
        sink.counter("kelp_store_snapshots_total", "Safety copies of meta.db made.", c.snapshots.sum());
        sink.counter("kelp_store_failed_writes_total", "Writes that the disk refused.", c.failedWrites.sum());
        sink.counter("kelp_store_unreadable_records_total", "Records left out because they cannot be read.",
                c.unreadableRecords.sum());
        String waiting = "Writes that wait for the disk.";
        sink.gauge("kelp_store_waiting_writes", waiting, store.metaQueueDepth(), "file", "meta.db");
        sink.gauge("kelp_store_waiting_writes", waiting, store.journalQueueDepth(), "file", "journal");
        sink.gauge("kelp_store_waiting_bytes", "Bytes that wait for series.db.", store.seriesPendingBytes());
        sink.gauge("kelp_store_journal_bytes", "Size of the journal.", store.journalBytes());
        sink.gauge("kelp_store_unfolded_records", "Records in the journal that meta.db does not have yet.",
                store.unfoldedRows());
        sink.gauge("kelp_store_records", "Records in memory.", store.records());
    }

    private static Path directory(BundleContext context, String property) {
        String value = context.getProperty(property);
        if (value == null || value.isBlank()) {
            throw new IllegalStateException("the framework property " + property
                    + " is missing; start the gateway with bin/kelp, or set it to a private directory");
        }
        return Path.of(value).toAbsolutePath();
    }
}
