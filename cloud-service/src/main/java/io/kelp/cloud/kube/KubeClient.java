package io.kelp.cloud.kube;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.utils.HttpClientUtils;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * {@link KubeApi} over the HTTP client of the fabric8 library, which brings kubeconfig, in-cluster
 * credentials, TLS and the renewal of tokens. HTTP/1.1 on purpose: the JDK's client keeps using an
 * HTTP/2 connection whose peer has vanished, while a timed-out HTTP/1.1 connection is dropped.
 */
public final class KubeClient implements KubeApi, AutoCloseable {

    /**
     * What can be tuned.
     *
     * @param requestTimeout until an answer has been read completely, each try
     * @param tries how often a request is sent in all when the server answers 429, at least 1
     * @param parallelRequests requests under way at a time, at least 1; watches do not count
     * @param waitingRequests requests that may wait for their turn; more fail at once
     * @param pageSize objects per page of a list, at least 1
     * @param watchIdle a watch without any byte for this long is given up; API servers send a
     *     bookmark every minute
     * @param maxBackoff longest pause between tries of a followed collection
     */
    public record Settings(Duration requestTimeout, int tries, int parallelRequests, int waitingRequests, int pageSize,
            Duration watchIdle, Duration maxBackoff) {

        public static Settings defaults() {
            return new Settings(Duration.ofSeconds(10), 5, 96, 20_000, 250, Duration.ofSeconds(90),
                    Duration.ofSeconds(15));
        }
    }

    private static final String MANAGER = "kelp-cloud";
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(30);
    private static final int WORKERS = 6;

    private final String server;
    private final HttpClient http;
    private final Settings settings;
    private final RequestLimiter limiter;
    private final ThreadPoolExecutor workers;
    private final ScheduledThreadPoolExecutor timer;
    private final AtomicLong throttled = new AtomicLong();
    private final Map<CollectionFollower<?>, Boolean> followers = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /** A client for a server with given credentials. Nothing is sent yet. */
    public KubeClient(Config config, Settings settings) {
        this.settings = settings;
        String url = config.getMasterUrl();
        this.server = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        this.limiter = new RequestLimiter(settings.parallelRequests(), settings.waitingRequests());
        this.workers = newWorkers();
        this.timer = new ScheduledThreadPoolExecutor(1, r -> daemon(r, "kelp-kube-timer"));
        timer.setRemoveOnCancelPolicy(true);
        this.http = httpClient(config, workers);
    }

    /**
     * A client for the server that a kubeconfig names, or, without one, for the server that the
     * environment names as kubectl would take it: {@code KUBECONFIG}, {@code ~/.kube/config}, the
     * service account of the pod.
     *
     * @param kubeconfig may be {@code null}
     * @throws IOException when the file cannot be read or names no server
     */
    public static KubeClient connect(File kubeconfig, Settings settings) throws IOException {
        if (kubeconfig == null) {
            return new KubeClient(Config.autoConfigure(null), settings);
        }
        if (!kubeconfig.canRead()) {
            throw new IOException("The kubeconfig " + kubeconfig + " cannot be read; check the path and its permissions.");
        }
        Config config = Config.fromKubeconfig(kubeconfig);
        if (config.getMasterUrl() == null || config.getMasterUrl().isBlank()) {
            throw new IOException("The kubeconfig " + kubeconfig + " names no server; check its current context.");
        }
        return new KubeClient(config, settings);
    }

    @Override
    public CompletableFuture<JsonObject> get(String path) {
        return send("GET", path, null, null);
    }

    @Override
    public CompletableFuture<JsonObject> create(String collectionPath, JsonObject object) {
        return send("POST", collectionPath, "application/json", object.toString());
    }

    @Override
    public CompletableFuture<JsonObject> update(String path, JsonObject object) {
        return send("PUT", path, "application/json", object.toString());
    }

    @Override
    public CompletableFuture<JsonObject> patch(String path, PatchType type, String body) {
        return send("PATCH", path, type.contentType(), body);
    }

    @Override
    public CompletableFuture<JsonObject> delete(String path, JsonElement options) {
        return send("DELETE", path, "application/json", options == null ? "" : options.toString());
    }

    @Override
    public <T> ObjectCache<T> follow(String collectionPath, Map<String, String> query,
            Function<JsonObject, T> projection, ObjectCache.Listener<T> listener) {
        CollectionFollower<T> follower =
                new CollectionFollower<>(this, collectionPath, Map.copyOf(query), projection, listener, followers::remove);
        followers.put(follower, Boolean.TRUE);
        follower.start();
        return follower;
    }

    /** Address of the API server, for messages to people. */
    public String server() {
        return server;
    }

    /** How many answers 429 have been obeyed since the start. */
    public long throttledAnswers() {
        return throttled.get();
    }

    /** Ends all watches; requests under way fail. */
    @Override
    public void close() {
        closed = true;
        followers.keySet().forEach(CollectionFollower::close);
        http.close();
        timer.shutdownNow();
        workers.shutdown();
    }

    Settings settings() {
        return settings;
    }

    HttpClient http() {
        return http;
    }

    HttpRequest.Builder request(String path) {
        return http.newHttpRequestBuilder().uri(server + path).header("Accept", "application/json");
    }

    /** Runs something later, on a worker; nothing happens after {@link #close}. */
    ScheduledFuture<?> later(Runnable task, long millis) {
        return closed ? null : timer.schedule(() -> execute(task), millis, TimeUnit.MILLISECONDS);
    }

    void execute(Runnable task) {
        try {
            workers.execute(task);
        } catch (RejectedExecutionException e) {
            if (!closed) {
                throw e;
            }
        }
    }

    /** The body of an answer, unparsed; failures and repetition as for all requests. */
    CompletableFuture<byte[]> getBytes(String path) {
        CompletableFuture<byte[]> result = new CompletableFuture<>();
        attempt(new Call("GET", path, null, null, result), 1);
        return result;
    }

    private CompletableFuture<JsonObject> send(String method, String path, String contentType, String body) {
        CompletableFuture<byte[]> bytes = new CompletableFuture<>();
        CompletableFuture<JsonObject> result = new CompletableFuture<>();
        bytes.whenComplete((answer, problem) -> {
            if (problem != null) {
                result.completeExceptionally(problem);
                return;
            }
            try {
                result.complete(parse(answer));
            } catch (JsonParseException | IllegalStateException e) {
                result.completeExceptionally(new IOException(
                        "The answer of " + server + " to " + method + " " + path + " is not a JSON object.", e));
            }
        });
        attempt(new Call(method, path, contentType, body, bytes), 1);
        return result;
    }

    private record Call(String method, String path, String contentType, String body, CompletableFuture<byte[]> result) {}

    private void attempt(Call call, int number) {
        if (closed) {
            call.result.completeExceptionally(new IOException("The connection to " + server + " has been closed."));
            return;
        }
        boolean accepted = limiter.run(done -> exchange(call, number, done));
        if (!accepted) {
            call.result.completeExceptionally(new IOException(settings.waitingRequests()
                    + " requests to " + server + " are waiting already; " + call.method + " " + call.path + " was not sent."));
        }
    }

    private void exchange(Call call, int number, Runnable done) {
        HttpRequest request = call.contentType == null
                ? request(call.path).build()
                : request(call.path).method(call.method, call.contentType, call.body).build();
        CompletableFuture<HttpResponse<byte[]>> exchange = http.sendAsync(request, byte[].class);
        ScheduledFuture<?> deadline = later(() -> {
            exchange.completeExceptionally(new IOException(server + " did not answer " + call.method + " "
                    + call.path + " within " + settings.requestTimeout().toSeconds() + " s."));
            exchange.cancel(true);
        }, settings.requestTimeout().toMillis());
        exchange.whenComplete((response, problem) -> {
            if (deadline != null) {
                deadline.cancel(false);
            }
            done.run();
            if (problem != null) {
                call.result.completeExceptionally(asIoException(problem));
            } else if (response.isSuccessful()) {
                call.result.complete(response.body() == null ? new byte[0] : response.body());
            } else if (response.code() == 429 && number < settings.tries()) {
                throttled.incrementAndGet();
                repeat(call, number, retryAfterMillis(response.header("Retry-After")));
            } else {
                call.result.completeExceptionally(refusal(response.code(), response.body()));
            }
        });
    }

    private void repeat(Call call, int number, long millis) {
        long jittered = millis + ThreadLocalRandom.current().nextLong(millis / 4 + 1);
        if (later(() -> attempt(call, number + 1), jittered) == null) {
            call.result.completeExceptionally(new IOException("The connection to " + server + " has been closed."));
        }
    }

    /** Retry-After in milliseconds; 1 s when the server names no number of seconds. */
    static long retryAfterMillis(String header) {
        if (header == null || !header.strip().matches("[0-9]{1,6}")) {
            return 1000;
        }
        return Math.min(Long.parseLong(header.strip()) * 1000, LONGEST_RETRY_AFTER.toMillis());
    }

    /** What the server said when it refused; a Status is made up when it sent none. */
    static KubeException refusal(int code, byte[] body) {
        try {
            JsonObject status = parse(body);
            if ("Status".equals(status.has("kind") ? status.get("kind").getAsString() : "")) {
                return new KubeException(code, status);
            }
        } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
            // Proxies and load balancers answer in their own words; the code is all that counts then.
            return new KubeException(code, madeUp(code));
        }
        return new KubeException(code, madeUp(code));
    }

    static IOException asIoException(Throwable problem) {
        Throwable cause = problem;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof IOException io ? io : new IOException(cause.toString(), cause);
    }

    private static JsonObject madeUp(int code) {
        JsonObject status = new JsonObject();
        status.addProperty("kind", "Status");
        status.addProperty("status", "Failure");
        status.addProperty("code", code);
        status.addProperty("message", "HTTP " + code);
        return status;
    }

    private static JsonObject parse(byte[] body) {
        if (body == null || body.length == 0) {
            return new JsonObject();
        }
        return JsonParser.parseString(new String(body, StandardCharsets.UTF_8)).getAsJsonObject();
    }

    private static HttpClient httpClient(Config config, ExecutorService workers) {
        config.setHttp2Disable(true);
        config.setUserAgent(MANAGER); // API servers put it into managedFields
        config.setRequestRetryBackoffLimit(0);
        NamedThreadsFactory factory = new NamedThreadsFactory(workers);
        HttpClient.Builder builder = factory.newBuilder();
        HttpClientUtils.applyCommonConfiguration(config, builder, factory);
        return builder.build();
    }

    private static ThreadPoolExecutor newWorkers() {
        AtomicInteger number = new AtomicInteger();
        // The JDK's HTTP client hands a bounded number of tasks per request to this pool; the number
        // of requests and watches bounds the queue.
        ThreadPoolExecutor pool = new ThreadPoolExecutor(WORKERS, WORKERS, 30, TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(), r -> daemon(r, "kelp-kube-" + number.incrementAndGet()));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
