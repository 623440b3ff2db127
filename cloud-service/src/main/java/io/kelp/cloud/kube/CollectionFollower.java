package io.kelp.cloud.kube;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * List, then watch, and again: one step at a time, all state touched in a {@link SerialExecutor}.
 * A watch that ends in good order is resumed at the last version seen, bookmarks included. A list
 * is taken again when the version has expired, when the server refuses the watch or cannot be
 * reached: after an API server has been restored from a backup the old version means nothing.
 */
final class CollectionFollower<T> implements ObjectCache<T> {

    private static final Logger LOG = LoggerFactory.getLogger(CollectionFollower.class);
    private static final int MIN_WATCH_SECONDS = 290;
    private static final int MAX_WATCH_SECONDS = 590;
    private static final long SHORT_WATCH_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int GONE = 410;

    private final KubeClient client;
    private final String collectionPath;
    private final Map<String, String> query;
    private final CachedObjects<T> objects;
    private final Consumer<CollectionFollower<?>> onClose;
    private final SerialExecutor serial;
    private final CompletableFuture<Void> synced = new CompletableFuture<>();

    private String resourceVersion = "";
    private int failures;
    private String lastProblem;
    private WatchStream watch;
    private volatile boolean closed;

    CollectionFollower(KubeClient client, String collectionPath, Map<String, String> query,
            Function<JsonObject, T> projection, Listener<T> listener, Consumer<CollectionFollower<?>> onClose) {
        this.client = client;
        this.collectionPath = collectionPath;
        this.query = query;
        this.objects = new CachedObjects<>(projection, listener);
        this.onClose = onClose;
        this.serial = new SerialExecutor(client::execute);
    }

    @Override
    public Optional<T> get(String namespace, String name) {
        return objects.get(namespace, name);
    }

    @Override
    public Collection<T> all() {
        return objects.all();
    }

    @Override
    public CompletableFuture<Void> synced() {
        return synced.copy();
    }

    @Override
    public void close() {
        closed = true;
        onClose.accept(this);
        synced.cancel(false);
        serial.execute(() -> {
            if (watch != null) {
                watch.cancel();
            }
        });
    }

    void start() {
        serial.execute(this::list);
    }

    private void list() {
        if (!closed) {
            listPage("", objects.new Replacement());
        }
    }

    private void listPage(String continueToken, CachedObjects<T>.Replacement replacement) {
        String page = "limit=" + client.settings().pageSize()
                + (continueToken.isEmpty() ? "" : "&continue=" + encode(continueToken));
        client.getBytes(path(page)).whenCompleteAsync((body, problem) -> {
            if (closed) {
                return;
            }
            if (problem != null) {
                tryAgain(problem, this::list);
                return;
            }
            try {
                ListPage read = ListPage.read(body, replacement::add);
                if (!read.continueToken().isEmpty()) {
                    listPage(read.continueToken(), replacement);
                    return;
                }
                replacement.takeOver();
                resourceVersion = read.resourceVersion();
                synced.complete(null);
                watch();
            } catch (IOException e) {
                tryAgain(e, this::list);
            }
        }, serial);
    }

    private void watch() {
        if (closed) {
            return;
        }
        int seconds = ThreadLocalRandom.current().nextInt(MIN_WATCH_SECONDS, MAX_WATCH_SECONDS);
        String path = path("watch=true&allowWatchBookmarks=true&timeoutSeconds=" + seconds
                + "&resourceVersion=" + encode(resourceVersion));
        watch = new WatchStream(client, path, serial, this::event);
        long start = System.nanoTime();
        watch.run().whenCompleteAsync((opened, problem) -> {
            watch = null;
            if (closed) {
                return;
            }
            if (problem == null && System.nanoTime() - start > SHORT_WATCH_NANOS) {
                watch();
            } else if (problem == null) {
                tryAgain(new IOException(client.server() + " ended the watch at once."), this::watch);
            } else if (problem instanceof KubeException refused && refused.code() == GONE) {
                list();
            } else if (problem instanceof WatchStream.Broken) {
                tryAgain(problem, this::watch);
            } else {
                tryAgain(problem, this::list);
            }
        }, serial);
    }

    /** @throws KubeException when the event says that the watch cannot go on */
    private void event(byte[] line) throws KubeException, IOException {
        if (closed) {
            return;
        }
        WatchEvent event = WatchEvent.read(line);
        switch (event.type()) {
            case "ADDED", "MODIFIED" -> objects.put(event.object());
            case "DELETED" -> objects.remove(event.object());
            case "ERROR" -> throw event.refusal();
            default -> { }
        }
        resourceVersion = event.resourceVersion();
        working();
    }

    private void working() {
        failures = 0;
        if (lastProblem != null) {
            LOG.info("{}{} can be followed again.", client.server(), collectionPath);
            lastProblem = null;
        }
    }

    private void tryAgain(Throwable problem, Runnable step) {
        failures++;
        // The first interruption of a working watch is everyday life behind load balancers.
        if (failures > 1 && !String.valueOf(problem.getMessage()).equals(lastProblem)) {
            lastProblem = String.valueOf(problem.getMessage());
            LOG.warn("{}{} cannot be followed ({}); it is tried again and again, what is known stays in use.",
                    client.server(), collectionPath, lastProblem);
        }
        client.later(() -> serial.execute(step), pauseMillis(failures, client.settings().maxBackoff().toMillis()));
    }

    /** Doubles from 100 ms to the maximum, then a random half of it off: not all watches at once. */
    static long pauseMillis(int failures, long max) {
        long full = Math.min(max, 100L << Math.min(failures - 1, 20));
        return full / 2 + ThreadLocalRandom.current().nextLong(full / 2 + 1);
    }

    private String path(String parameters) {
        StringBuilder path = new StringBuilder(collectionPath).append('?').append(parameters);
        query.forEach((key, value) -> path.append('&').append(encode(key)).append('=').append(encode(value)));
        return path.toString();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
