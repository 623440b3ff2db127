package io.kelp.oci.internal;

import io.kelp.oci.ImageException;
import io.kelp.oci.ImageReference;
import io.kelp.oci.ImageStore.StoredImage;
import io.kelp.oci.ImageStoreSettings;
import io.kelp.oci.RegistryCredentials;
import io.kelp.oci.internal.registry.RegistryClient;
import io.kelp.oci.internal.registry.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gets images from registries, a few at a time. Owns its threads; safe for use by several. */
public final class Pulls {

    private static final Logger LOG = LoggerFactory.getLogger(Pulls.class);
    private static final int MAX_WAITING = 512;
    private static final int IDLE_SECONDS = 10;
    private static final int CLOSE_SECONDS = 5;

    private final Catalog catalog;
    private final Installer installer;
    private final ImageStoreSettings settings;
    private final Duration firstPause;
    private final ThreadPoolExecutor workers;
    private final ThreadPoolExecutor network;
    private final ThreadPoolExecutor aside;
    private final Transport transport;
    private final Map<Request, Running> running = new HashMap<>();
    private boolean closed;

    /** Same image for the same people: one download. */
    private record Request(ImageReference reference, List<RegistryCredentials> credentials) {}

    private record Running(CompletableFuture<StoredImage> result, List<Consumer<String>> listeners) {}

    public Pulls(Catalog catalog, Installer installer, ImageStoreSettings settings, Duration firstPause) {
        this.catalog = catalog;
        this.installer = installer;
        this.settings = settings;
        this.firstPause = firstPause;
        this.workers = pool("kelp-images-", settings.parallelPulls(), MAX_WAITING);
        // The client's own tasks are short; more threads than this wait in its queue, which it keeps short itself.
        this.network = pool("kelp-images-http-", settings.parallelPulls() + 1, Integer.MAX_VALUE);
        this.aside = pool("kelp-images-free-", 1, MAX_WAITING);
        this.transport = new Transport(settings.registries(), network);
    }

    private static ThreadPoolExecutor pool(String name, int threads, int queue) {
        AtomicInteger count = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(threads, threads, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(queue), task -> {
            Thread thread = new Thread(task, name + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Fails with {@link ImageException}. */
    public CompletionStage<StoredImage> pull(ImageReference reference, List<RegistryCredentials> credentials, Consumer<String> progress) {
        Request request = new Request(reference, List.copyOf(credentials));
        synchronized (running) {
            Running other = running.get(request);
            if (other != null) {
                other.listeners.add(progress);
                return other.result.copy();
            }
            Running mine = new Running(new CompletableFuture<>(), new CopyOnWriteArrayList<>(List.of(progress)));
            if (closed) {
                return CompletableFuture.failedFuture(Problems.closed());
            }
            try {
                workers.execute(() -> run(request, mine));
            } catch (RejectedExecutionException e) {
                return CompletableFuture.failedFuture(new ImageException("ErrImagePull", "more than " + MAX_WAITING + " images are waiting to be pulled", e));
            }
            running.put(request, mine);
            return mine.result.copy();
        }
    }

    private void run(Request request, Running mine) {
        StoredImage image = null;
        Throwable problem = null;
        try {
            image = get(request, sentence -> tell(mine.listeners, sentence));
        } catch (IOException e) {
            problem = isClosed() ? Problems.closed() : Problems.of("pull", request.reference, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            problem = Problems.closed();
        } catch (RuntimeException e) {
            LOG.warn("Pull of {} failed", request.reference, e);
            problem = new ImageException("ErrImagePull", "failed to pull image \"" + request.reference + "\": " + e, e);
        }
        synchronized (running) {
            running.remove(request);
            if (running.isEmpty()) {
                transport.rest();
            }
        }
        if (problem == null) {
            mine.result.complete(image);
        } else {
            mine.result.completeExceptionally(problem);
        }
    }

    private static void tell(List<Consumer<String>> listeners, String sentence) {
        for (Consumer<String> listener : listeners) {
            try {
                listener.accept(sentence);
            } catch (RuntimeException e) { // a listener's trouble must not end the pull
                LOG.warn("Progress of a pull could not be told", e);
            }
        }
    }

    private StoredImage get(Request request, Consumer<String> progress) throws IOException, InterruptedException {
        ImageReference reference = request.reference;
        if (!reference.digest().isEmpty()) {
            Optional<StoredImage> here = catalog.find(reference);
            if (here.isPresent()) {
                return here.get();
            }
        }
        RegistryClient registry = new RegistryClient(transport, reference, request.credentials, firstPause);
        RegistryClient.Fetched fetched = registry.manifest(reference.digest().isEmpty() ? reference.tag() : reference.digest());
        String repoDigest = reference.name() + "@" + fetched.digest();
        List<String> names = reference.tag().isEmpty() ? List.of(repoDigest) : List.of(reference.name() + ":" + reference.tag(), repoDigest);
        String id = fetched.digest();
        Manifest manifest = ManifestParser.parse(fetched.text(), fetched.contentType());
        if (manifest instanceof Manifest.Index index) {
            Descriptor chosen = Platforms.choose(index, settings.platform());
            if (chosen.size() > Manifest.MAX_BYTES) {
                throw new MalformedImageException("a manifest has " + chosen.size() + " bytes, permitted are " + Manifest.MAX_BYTES);
            }
            RegistryClient.Fetched own = registry.manifest(chosen.digest());
            id = own.digest();
            manifest = ManifestParser.parse(own.text(), own.contentType());
        }
        if (!(manifest instanceof Manifest.Image image)) {
            throw new MalformedImageException("an index leads to another index");
        }
        return catalog.describe(installer.install(id, image, new Installer.Names(names, repoDigest), registry, progress));
    }

    /** Runs something else, beside pulls. */
    public <T> CompletionStage<T> aside(Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        aside.execute(() -> {
            try {
                result.complete(work.call());
            } catch (Exception e) { // whatever it is belongs to the caller
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    private boolean isClosed() {
        synchronized (running) {
            return closed;
        }
    }

    /** Ends what is under way and waits a little until it has ended. */
    public void close() {
        List<Running> left;
        synchronized (running) {
            closed = true;
            left = List.copyOf(running.values());
        }
        workers.shutdownNow();
        aside.shutdownNow();
        try {
            if (!workers.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("Pulls of images go on {} s after they were told to end", CLOSE_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        left.forEach(each -> each.result.completeExceptionally(Problems.closed())); // those that never began
        transport.rest();
        network.shutdown();
    }
}
