package io.kelp.cloud.web;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * The open pages: what changed is pushed to them as server-sent events (WHATWG HTML, section 9.2).
 *
 * <p>Nothing is queued. A page has a mark per thing that it looks at; while an event is under way to it, or the time
 * for the next has not come, marks gather, and then it gets the newest state. A page that takes nothing for the idle time of
 * the connection (15 s) is dropped. All writing is done by one thread.
 */
final class EventStreams implements AutoCloseable {

    /**
     * What can be tuned.
     *
     * @param maxStreams pages that may be open at a time
     * @param deviceMillis least time between two states of a device to one page
     * @param listMillis least time between two hints that a list has changed
     * @param beatMillis an event is sent at least this often, so that a page notices a dead connection
     */
    record Settings(int maxStreams, long deviceMillis, long listMillis, long beatMillis) {

        static Settings defaults() {
            return new Settings(50, 100, 1000, 3000);
        }
    }

    private final Settings settings;
    private final BiFunction<String, String, Optional<JsonObject>> devices;
    private final ScheduledThreadPoolExecutor executor;
    private final LongSupplier clock;
    private final String version;
    private final List<EventStream> streams = new CopyOnWriteArrayList<>();
    private boolean closed; // guarded by this

    /**
     * @param devices a device's state by namespace and name
     * @param clock Unix time in milliseconds
     */
    EventStreams(Settings settings, BiFunction<String, String, Optional<JsonObject>> devices, LongSupplier clock, String version) {
        this.settings = settings;
        this.devices = devices;
        this.clock = clock;
        this.version = version;
        this.executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "kelp-page");
            thread.setDaemon(true);
            return thread;
        });
        executor.setRemoveOnCancelPolicy(true);
        executor.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.scheduleAtFixedRate(() -> streams.forEach(stream -> stream.mark(EventStream.BEAT)), settings.beatMillis(),
                settings.beatMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Turns a request into a stream.
     *
     * @param device {@code namespace/name} of the device that is looked at, empty for none
     * @param marks the lists that are looked at: {@link EventStream#NODES}, {@link EventStream#DEVICES}
     * @return false when there are too many already; nothing has been answered then
     */
    boolean open(String device, int marks, Request request, Response response, Callback callback) {
        EventStream stream = new EventStream(this, device, marks, response, callback);
        synchronized (this) {
            if (closed || streams.size() >= settings.maxStreams()) {
                return false;
            }
            streams.add(stream);
        }
        response.setStatus(200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream; charset=utf-8");
        request.addFailureListener(problem -> executor.execute(() -> stream.end(problem)));
        stream.start();
        return true;
    }

    /** A device has changed. Called by the thread that changed it; does not block. */
    void deviceChanged(String namespace, String name) {
        if (!streams.isEmpty()) {
            String key = namespace + "/" + name;
            streams.forEach(stream -> stream.deviceChanged(key));
        }
    }

    /** A Node has changed: its state also shows at its devices. */
    void nodesChanged() {
        streams.forEach(stream -> stream.mark(EventStream.NODES | EventStream.DEVICES | EventStream.DEVICE));
    }

    /** Open pages. */
    int count() {
        return streams.size();
    }

    Settings settings() {
        return settings;
    }

    ScheduledThreadPoolExecutor executor() {
        return executor;
    }

    Optional<JsonObject> device(String key) {
        int slash = key.indexOf('/');
        return devices.apply(key.substring(0, slash), key.substring(slash + 1));
    }

    JsonObject hello() {
        JsonObject hello = new JsonObject();
        hello.addProperty("version", version);
        hello.addProperty("now", clock.getAsLong());
        hello.addProperty("beatMillis", settings.beatMillis());
        return hello;
    }

    void ended(EventStream stream) {
        streams.remove(stream);
    }

    /** Ends all streams; the pages find out at once. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        executor.execute(() -> streams.forEach(stream -> stream.end(null)));
        executor.shutdown();
        try {
            executor.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
