package io.kelp.history.internal;

import com.google.gson.JsonObject;
import io.kelp.control.MetricSource;
import io.kelp.control.Problem;
import io.kelp.control.StatusSource;
import io.kelp.devicetwin.DeviceTwins;
import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.Quality;
import io.kelp.devicetwin.DeviceTwins.Reading;
import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.CloudMessageHandler;
import io.kelp.edgehub.GatewayClock;
import io.kelp.history.DeviceHistory;
import io.kelp.message.Message;
import io.kelp.store.Store;
import io.kelp.store.StoreException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the history of all reported values, and answers the cloud's questions about it. */
@Component(configurationPid = "io.kelp.history", immediate = true,
        service = {DeviceHistory.class, CloudMessageHandler.class, StatusSource.class, MetricSource.class})
@Designate(ocd = HistoryConfig.class)
public final class HistoryComponent implements DeviceHistory, CloudMessageHandler, StatusSource, MetricSource {

    private static final Logger LOG = LoggerFactory.getLogger(HistoryComponent.class);
    private static final int TEND_SECONDS = 60;
    private static final int RETRY_SECONDS = 10;

    private final DeviceTwins twins;
    private final History history;
    private final CloudQuestions questions;
    private final ScheduledThreadPoolExecutor thread;
    private final AutoCloseable gathering;
    private AutoCloseable watch = () -> {};

    private volatile CloudLink link;
    private volatile GatewayClock clock;
    private volatile Problem unreadable;
    private volatile Problem unwritten;
    private volatile Problem full;

    @Activate
    public HistoryComponent(HistoryConfig config, @Reference Store store, @Reference DeviceTwins twins) {
        this.twins = twins;
        history = new History(store, History.Bounds.of(config), this::nowMillis, System::nanoTime);
        thread = new ScheduledThreadPoolExecutor(1, r -> {
            Thread t = new Thread(r, "kelp-history");
            t.setDaemon(true);
            return t;
        }, new ThreadPoolExecutor.DiscardPolicy()); // after the end nothing is asked any more
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        questions = new CloudQuestions(this, history::knows, thread, () -> link);
        gathering = store.beforeWriting(history::gather);
    }

    @Activate
    void start() {
        thread.execute(this::load);
        watch = twins.watchReports(this::reported);
    }

    @Modified
    void configure(HistoryConfig config) {
        history.bounds(History.Bounds.of(config));
    }

    @Deactivate
    void stop() {
        close(watch);
        close(gathering);
        thread.shutdown();
        try {
            if (!thread.awaitTermination(5, TimeUnit.SECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        history.finish();
    }

    private static void close(AutoCloseable open) {
        try {
            open.close();
        } catch (Exception e) { // AutoCloseable declares no narrower one
            LOG.warn("Something did not close", e);
        }
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    void setLink(CloudLink newLink) {
        link = newLink;
    }

    void unsetLink(CloudLink oldLink) {
        if (link == oldLink) {
            link = null;
        }
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    void setClock(GatewayClock newClock) {
        clock = newClock;
    }

    void unsetClock(GatewayClock oldClock) {
        if (clock == oldClock) {
            clock = null;
        }
    }

    private long nowMillis() {
        GatewayClock now = clock;
        return now == null ? System.currentTimeMillis() : now.now().toEpochMilli();
    }

    private void load() {
        try {
            history.load();
            unreadable = null;
            thread.scheduleWithFixedDelay(this::tend, TEND_SECONDS, TEND_SECONDS, TimeUnit.SECONDS);
        } catch (StoreException e) {
            unreadable(e);
            thread.schedule(this::load, RETRY_SECONDS, TimeUnit.SECONDS);
        } catch (RuntimeException e) { // the executor would drop it without a word
            LOG.error("History is not kept: a fault in it", e);
        }
    }

    private void tend() {
        try {
            history.tend(name -> twins.device(name.device()).map(device -> device.twins().containsKey(name.property())).orElse(false));
            unreadable = null;
        } catch (StoreException e) {
            unreadable(e);
        } catch (RuntimeException e) { // the executor would drop it without a word, and never call again
            LOG.error("History is not summed up: a fault in it", e);
        }
        unwritten = problem(unwritten, history.refusal().isEmpty() ? null : new Problem("HISTORY-NOT-WRITTEN",
                "the history of devices is not written: " + history.refusal(), "io.kelp.history",
                "free space and make the data directory writable", Instant.now()));
        long refused = history.withoutNumber.get();
        full = problem(full, refused == 0 ? null : new Problem("HISTORY-FULL",
                "there are more than " + history.properties() + " properties; " + refused + " values of the others have no history",
                "io.kelp.history mostProperties", "raise mostProperties, or report fewer properties", Instant.now()));
    }

    private void unreadable(StoreException e) {
        unreadable = problem(unreadable, new Problem("HISTORY-NOT-READ", "the history of devices cannot be read: " + e.getMessage(), "series.db",
                "look at the disk; what is reported meanwhile is kept in memory in part", Instant.now()));
    }

    /** The problem to show: said in the log when it begins and when it ends. */
    private static Problem problem(Problem before, Problem now) {
        if (now == null) {
            if (before != null) {
                LOG.info("{}: works again", before.code());
            }
            return null;
        }
        if (before == null) {
            LOG.warn("{}; {}", now.sentence(), now.remedy());
            return now;
        }
        return new Problem(now.code(), now.sentence(), now.where(), now.remedy(), before.since());
    }

    private void reported(DeviceId device, String property, Reading reading) {
        if (reading.text() != null && reading.quality() != Quality.BAD) {
            history.note(device, property, reading.text(), reading.timestampMillis());
        }
    }

    @Override
    public List<Point> points(DeviceId device, String property, long fromMillis, long toMillis, int most) {
        return history.points(device, property, fromMillis, toMillis, most);
    }

    @Override
    public boolean claims(Message message) {
        return CloudQuestions.claims(message);
    }

    @Override
    public CompletionStage<Void> handle(Message message) {
        return questions.ask(message);
    }

    @Override
    public JsonObject status() {
        JsonObject part = new JsonObject();
        part.addProperty("properties", history.properties());
        part.addProperty("bytes", history.bytes());
        part.addProperty("values", history.values());
        JsonObject status = new JsonObject();
        status.add("history", part);
        return status;
    }

    @Override
    public List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        for (Problem each : new Problem[] {unreadable, unwritten, full}) {
            if (each != null) {
                problems.add(each);
            }
        }
        return problems;
    }

    @Override
    public void collect(Sink sink) {
        sink.gauge("kelp_history_properties", "Properties that have a history.", history.properties());
        sink.gauge("kelp_history_bytes", "Bytes of all histories on the disk.", history.bytes());
        sink.counter("kelp_history_values_total", "Values taken.", history.values());
        sink.counter("kelp_history_unnumbered_values_total", "Values without history because there are too many properties.", history.withoutNumber.get());
        sink.counter("kelp_history_lost_total", "Writes and early values that were lost because the disk did not take or give.", history.lost.get());
        sink.counter("kelp_history_written_bytes_total", "Bytes written to the flash for histories, as reckoned.", history.written());
        sink.counter("kelp_history_cloud_questions_total", "Questions of the cloud answered.", questions.answered());
        sink.counter("kelp_history_cloud_refused_total", "Questions of the cloud refused because too many waited or the link was down.", questions.refused());
    }
}
