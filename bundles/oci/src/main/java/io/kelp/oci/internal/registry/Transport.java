package io.kelp.oci.internal.registry;

import io.kelp.oci.RegistrySettings;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * HTTP for registries: no redirects on its own, no silence longer than permitted, bodies handed on as they
 * come. Safe for use by several threads; {@link #exchange} blocks the caller.
 *
 * <p>The client exists from its first use until {@link #rest}: it has a thread of its own.
 */
public final class Transport {

    /** An answer whose body has been taken. */
    record Answer(int status, HttpHeaders headers) {}

    private final RegistrySettings settings;
    private final Executor executor;
    private HttpClient client;
    private WeakReference<HttpClient> resting = new WeakReference<>(null);

    /** @param executor runs what the client has to do; its threads write bodies to the disk */
    public Transport(RegistrySettings settings, Executor executor) {
        this.settings = settings;
        this.executor = executor;
    }

    RegistrySettings settings() {
        return settings;
    }

    /**
     * Sends a request and waits until its answer has been taken.
     *
     * @throws HttpTimeoutException after too long a silence, or at the deadline
     */
    Answer exchange(HttpRequest request, BodySink.Chooser chooser, Deadline deadline) throws IOException, InterruptedException {
        return exchange(request, chooser, deadline, new BodySink.Progress());
    }

    /** @param progress also told by a request that has a long body */
    Answer exchange(HttpRequest request, BodySink.Chooser chooser, Deadline deadline, BodySink.Progress progress)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<Void>> pending = client().sendAsync(request, info -> new BodySink(chooser.sink(info), progress));
        try {
            while (true) {
                long quiet = settings.readTimeout().toNanos() - progress.nanosSince();
                long wait = Math.min(quiet, deadline.nanosLeft());
                if (wait <= 0) {
                    throw new HttpTimeoutException(quiet <= 0 ? "nothing came for " + settings.readTimeout().toSeconds() + " s"
                            : "not done after " + settings.imageTimeout().toSeconds() + " s, the time for one image");
                }
                try {
                    HttpResponse<Void> response = pending.get(wait, TimeUnit.NANOSECONDS);
                    return new Answer(response.statusCode(), response.headers());
                } catch (TimeoutException e) {
                    continue; // looks at the clocks again
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IOException("request to " + request.uri().getHost() + " failed: " + e.getCause(), e.getCause());
        } finally {
            if (!pending.isDone()) {
                progress.cancel();
                pending.cancel(true);
            }
        }
    }

    private synchronized HttpClient client() throws IOException {
        if (client == null) {
            client = resting.get();
        }
        if (client == null) {
            HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).executor(executor)
                    .followRedirects(HttpClient.Redirect.NEVER).connectTimeout(settings.connectTimeout());
            if (settings.authorities() != null) {
                builder.sslContext(Trust.with(settings.authorities()));
            }
            if (settings.proxy() == null) {
                builder.proxy(HttpClient.Builder.NO_PROXY);
            } else {
                builder.proxy(new ProxyRules(settings.proxy(), settings.noProxy()));
            }
            client = builder.build();
        }
        return client;
    }

    /** A request under construction. The client shows the proxy's login to the proxy alone, not to who is behind it or reached without. */
    HttpRequest.Builder request(URI address) {
        HttpRequest.Builder request = HttpRequest.newBuilder(address).header("User-Agent", "kelp");
        String login = settings.proxy() == null ? null : settings.proxy().getUserInfo();
        return login == null ? request
                : request.header("Proxy-Authorization", "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)));
    }

    /** Lets go of the client. Its thread ends when the next garbage collection finds it unused; what comes before that goes on with it. */
    public synchronized void rest() {
        resting = new WeakReference<>(client);
        client = null;
    }

    /** Point in time at which a whole piece of work has to be done. */
    public static final class Deadline {

        private final long end;

        public Deadline(Duration time) {
            this.end = System.nanoTime() + time.toNanos();
        }

        long nanosLeft() {
            return end - System.nanoTime();
        }
    }
}
