package io.kelp.mapper.coap.internal;

import io.kelp.mapper.DeviceContext;
import io.kelp.mapper.Reading;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.coap.Token;
import org.eclipse.californium.core.observe.ObserveNotificationOrderer;

/**
 * A resource that tells of its changes (RFC 7641), and the properties that are read from it.
 *
 * <p>A device that forgets who observes it does not say so. Therefore the observation is registered anew when the last value has
 * grown older than the device said it may (max-age), and in any case after a time of our own. While the device does not answer that,
 * its values are uncertain; when it still does not, it is lost. When it answers, but will not be observed any more, it is asked
 * at the collect cycle, each time with the wish to be told again.
 *
 * <p>Confined to the thread of the protocol, but for {@link #start} and {@link #stop}.
 */
final class Observation {

    private static final long SECOND = 1000;

    private final Peer peer;
    private final CoapConnection connection;
    private final Access.Question question;
    private final List<Access> properties;
    private final DeviceSettings settings;
    private final DeviceContext context;
    private final ObserveNotificationOrderer orderer = new ObserveNotificationOrderer();
    private final Map<String, Reading> last = new LinkedHashMap<>();
    private final CompletableFuture<Boolean> started = new CompletableFuture<>();
    private Token token; // null while the device does not tell
    private Future<?> next = CompletableFuture.completedFuture(null);
    private boolean stopped;

    Observation(Peer peer, CoapConnection connection, Access.Question question, List<Access> properties, DeviceSettings settings, DeviceContext context) {
        this.peer = peer;
        this.connection = connection;
        this.question = question;
        this.properties = List.copyOf(properties);
        this.settings = settings;
        this.context = context;
    }

    /** Completes with whether the device lets itself be observed; nothing more happens when it does not. Fails when it does not answer. */
    CompletableFuture<Boolean> start() {
        peer.send(registration()).whenComplete((response, failure) -> {
            if (failure != null) {
                stopped = true;
                started.completeExceptionally(cause(failure));
            } else if (response.isSuccess() && response.getOptions().hasObserve()) {
                if (!stopped) {
                    observing(response);
                }
                started.complete(true);
            } else {
                stopped = true;
                started.complete(false);
            }
        });
        return started;
    }

    private Request registration() {
        Request request = connection.get(question);
        request.setObserve();
        if (token != null) {
            request.setToken(token); // RFC 7641 §3.3.1
        }
        return request;
    }

    private void observing(Response response) {
        if (token == null) {
            token = response.getToken();
            peer.observe(token, this::notified);
        }
        orderer.reset(); // a device that has restarted counts anew
        orderer.isNew(response);
        take(response);
    }

    private void notified(Response response) {
        if (stopped || token == null) {
            return;
        }
        if (!response.isSuccess() || !response.getOptions().hasObserve()) {
            take(response);
            refused();
        } else if (orderer.isNew(response)) {
            take(response);
        }
    }

    /** Publishes what an answer says, and waits for the next. */
    private void take(Response response) {
        Map<String, Reading> readings = connection.readings(question, properties, response);
        last.putAll(readings);
        readings.forEach(context::publish);
        long maxAge = response.getOptions().getMaxAge() * SECOND;
        long refresh = settings.refresh().toMillis();
        // Not all at once after a common max-age, and not before a notification that is on its way.
        later(Math.min(maxAge, refresh) + ThreadLocalRandom.current().nextLong(2 * SECOND, 4 * SECOND), () -> register(maxAge <= refresh));
    }

    /** @param stale whether the device should have told something in the meantime */
    private void register(boolean stale) {
        if (stale) {
            later(settings.ackTimeoutMillis(), () -> last.forEach((name, reading) -> {
                if (reading.quality() == Reading.Quality.GOOD) {
                    context.publish(name, reading.uncertain("the device has not told it again in time (max-age) and does not answer"));
                }
            }));
        }
        ask();
    }

    private void ask() {
        peer.send(registration()).whenComplete((response, failure) -> {
            if (stopped) {
                return;
            }
            next.cancel(false);
            if (failure != null) {
                connection.lost();
                context.lost("observed " + question.resource() + ": " + cause(failure).getMessage());
            } else if (response.isSuccess() && response.getOptions().hasObserve()) {
                observing(response);
            } else {
                connection.readings(question, properties, response).forEach(context::publish);
                refused();
            }
        });
    }

    /** From now on the device is asked. */
    private void refused() {
        if (token != null) {
            peer.observe(token, null);
            token = null;
            orderer.reset();
        }
        long cycle = properties.stream().mapToLong(access -> access.property().collectCycle().toMillis()).filter(millis -> millis > 0).min()
                .orElse(10 * SECOND);
        later(Math.max(SECOND, cycle), this::ask);
    }

    private void later(long millis, Runnable what) {
        next.cancel(false);
        try {
            next = peer.thread().schedule(() -> {
                if (!stopped) {
                    what.run();
                }
            }, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            stopped = true; // the mapper stops
        }
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    /**
     * Ends it.
     *
     * @param tell whether to tell the device, so that it does not go on telling nobody
     * @return completes when it has been told, or not
     */
    CompletableFuture<?> stop(boolean tell) {
        CompletableFuture<Object> told = new CompletableFuture<>();
        try {
            peer.thread().execute(() -> {
                stopped = true;
                next.cancel(false);
                started.completeExceptionally(new IOException("closed"));
                if (token == null || !tell) {
                    told.complete(null);
                } else {
                    Request request = connection.get(question);
                    request.setObserveCancel(); // RFC 7641 §3.6
                    request.setToken(token);
                    peer.send(request).whenComplete((response, failure) -> told.complete(null));
                }
                if (token != null) {
                    peer.observe(token, null);
                    token = null;
                }
            });
        } catch (RejectedExecutionException e) {
            told.complete(null); // the mapper stops, and with it every observation
        }
        return told;
    }
}
