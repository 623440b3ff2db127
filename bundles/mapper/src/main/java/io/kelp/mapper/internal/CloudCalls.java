package io.kelp.mapper.internal;

import com.google.gson.JsonObject;
import io.kelp.edgehub.CloudLink;
import io.kelp.edgehub.CloudMessageHandler;
import io.kelp.mapper.DeviceCalls;
import io.kelp.mapper.RequestRefusedException;
import io.kelp.message.Message;
import io.kelp.store.Store;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Methods called by a Kelp cloud (objects of kind DeviceMethodCall). The cloud repeats a call until it has its outcome, the gateway
 * repeats the outcome until the cloud has confirmed it, and a call runs at most once, also across the end of the gateway.
 */
@Component(immediate = true)
public final class CloudCalls implements CloudMessageHandler {

    private static final Logger LOG = LoggerFactory.getLogger(CloudCalls.class);
    private static final String SOURCE = "kelp";
    private static final String GROUP = "device";
    private static final String CALL = "call";
    private static final String CALLED = "called";
    private static final String CONFIRMED = "confirmed";
    private static final Duration REPEAT = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(250);
    private static final int STOP_SECONDS = 1;
    private static final int MOST_ARGUMENTS = 256;
    private static final int MOST_VALUES = 256;
    private static final int LONGEST_TEXT = 4096;

    /** A call as in the cloud's message. */
    private record Call(String id, String resource, String namespace, String device, String method, Map<String, String> arguments, long timeoutMillis) {}

    private final DeviceCalls calls;
    private final InstantSource clock;
    private final Duration repeat;
    private final Duration patience;
    private final CallLedger ledger; // thread
    private final ScheduledThreadPoolExecutor thread;
    private volatile CloudLink link;
    private volatile boolean stopping;
    private final Set<String> unheard = new HashSet<>(); // thread: ids of the calls that are noted, and that no device has
    private boolean repeating; // thread
    private boolean full; // thread: the call before was not taken

    @Activate
    public CloudCalls(@Reference Store store, @Reference DeviceCalls calls) {
        this(store, calls, InstantSource.system(), REPEAT, PATIENCE);
    }

    /** @param patience how long a device is waited for that is not here yet, or not driven yet */
    CloudCalls(Store store, DeviceCalls calls, InstantSource clock, Duration repeat, Duration patience) {
        this.calls = calls;
        this.clock = clock;
        this.repeat = repeat;
        this.patience = patience;
        this.ledger = new CallLedger(store, clock.millis());
        this.thread = new ScheduledThreadPoolExecutor(1, task -> new Thread(null, task, "kelp-mapper-calls", 0, false));
        thread.setKeepAliveTime(10, TimeUnit.SECONDS); // calls are rare: no thread while there are none
        thread.allowCoreThreadTimeOut(true);
        thread.setRemoveOnCancelPolicy(true);
    }

    /**
     * Calls of which no device has heard are withdrawn. Of those that devices have in their queues the runtime says so when it stops,
     * which is after this: see {@link #perform}.
     */
    @Deactivate
    void stop() {
        CountDownLatch last = new CountDownLatch(1);
        if (run(() -> {
            stopping = true;
            unheard.forEach(ledger::withdraw);
            last.countDown();
        })) {
            try {
                if (!last.await(STOP_SECONDS, TimeUnit.SECONDS)) {
                    LOG.warn("Calls of the cloud that were not begun were not withdrawn within {} s; they will count as interrupted", STOP_SECONDS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        thread.shutdownNow();
    }

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC, policyOption = ReferencePolicyOption.GREEDY)
    void setLink(CloudLink newLink) {
        link = newLink;
        if (newLink.status().peer() == CloudLink.Peer.KELP) {
            connected(CloudLink.Peer.KELP); // the link was up before we came
        }
    }

    void unsetLink(CloudLink oldLink) {
        if (link == oldLink) {
            link = null;
        }
    }

    @Override
    public boolean claims(Message message) {
        return message.source().equals(SOURCE) && message.group().equals(GROUP) && !message.isAnswer()
                && (message.operation().equals(CALL) || message.operation().equals(CONFIRMED));
    }

    @Override
    public CompletionStage<Void> handle(Message message) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (!run(() -> {
            try {
                if (message.operation().equals(CONFIRMED)) {
                    confirmed(Json.text(Json.object(message.content()), "id"));
                    done.complete(null);
                } else {
                    call(parse(message), done);
                }
            } catch (IllegalArgumentException e) {
                done.completeExceptionally(e);
            }
        })) {
            done.completeExceptionally(new RejectedExecutionException("the mapper runtime is being stopped"));
        }
        return done;
    }

    @Override
    public void connected(CloudLink.Peer peer) {
        if (peer == CloudLink.Peer.KELP) {
            run(this::tellAll);
        }
    }

    private boolean run(Runnable task) {
        if (stopping) {
            return false;
        }
        try {
            thread.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException e) { // a defect of ours; the executor would swallow it
                    LOG.error("A step of a call of the cloud failed", e);
                }
            });
            return true;
        } catch (RejectedExecutionException e) {
            LOG.debug("The mapper runtime has ended; a late step of a call is left out");
            return false;
        }
    }

    private static Call parse(Message message) {
        String[] path = message.resource().split("/", 5);
        JsonObject content = Json.object(message.content());
        String id = Json.text(content, "id");
        JsonObject given = Json.object(content, "arguments");
        if (path.length != 5 || !path[1].equals("device") || !path[3].equals("method") || id.isEmpty() || id.length() > 128) {
            throw new IllegalArgumentException("a call of \"" + message.resource()
                    + "\" was expected to be of <namespace>/device/<name>/method/<method> and to have an id");
        }
        if (given.size() > MOST_ARGUMENTS) {
            throw new IllegalArgumentException("call " + id + " has " + given.size() + " arguments, allowed are " + MOST_ARGUMENTS);
        }
        Map<String, String> arguments = new LinkedHashMap<>();
        given.keySet().forEach(name -> arguments.put(name, Json.text(given, name)));
        return new Call(id, message.resource(), path[0], path[2], path[4], arguments, Json.whole(content, "timeoutMillis"));
    }

    private void call(Call call, CompletableFuture<Void> done) {
        Optional<CallRecord> known = ledger.get(call.id());
        if (known.isPresent()) {
            tell(call.id(), known.get());
            done.complete(null);
        } else if (ledger.isFull(call.namespace() + "/device/" + call.device() + "/")) {
            done.complete(null); // the cloud asks again until the deadline
            if (!full) {
                full = true;
                LOG.info("Call {} of {} and perhaps further ones are taken later: {} calls of the device or {} of all devices are under way, or "
                        + "the cloud has not confirmed {} outcomes", call.id(), call.resource(), CallLedger.MOST_OF_DEVICE, CallLedger.MOST_RUNNING,
                        CallLedger.KEPT);
            }
        } else {
            full = false;
            unheard.add(call.id());
            ledger.begin(call.id(), call.resource(), clock.millis()).whenComplete((stored, failure) -> run(() -> {
                if (failure != null) {
                    unheard.remove(call.id());
                    ledger.forget(call.id());
                    done.completeExceptionally(failure);
                } else {
                    done.complete(null);
                    begin(call);
                }
            }));
        }
    }

    private void begin(Call call) {
        if (call.timeoutMillis() <= 0) {
            unheard.remove(call.id());
            finished(call, null, new CallTimeoutException("the deadline had passed before the call came to the gateway"));
            return;
        }
        ledger.get(call.id()).ifPresent(record -> tell(call.id(), record));
        long now = System.nanoTime();
        perform(call, now, now);
    }

    /**
     * The cloud calls as soon as the gateway has the device's newest object; its mapper may only just be told of it, and after a start
     * of the gateway it comes a little later. An id is not run a second time, so the device is waited for here.
     *
     * @param sinceNanos when the call came
     * @param awaitedNanos since when the device is waited for
     */
    private void perform(Call call, long sinceNanos, long awaitedNanos) {
        long askedNanos = System.nanoTime();
        long leftMillis = call.timeoutMillis() - TimeUnit.NANOSECONDS.toMillis(askedNanos - sinceNanos);
        Duration timeout = Duration.ofMillis(Math.min(leftMillis, LONGEST.toMillis()));
        unheard.remove(call.id());
        calls.call(call.namespace(), call.device(), call.method(), call.arguments(), timeout).whenComplete((values, failure) -> {
            if (!run(() -> answered(call, sinceNanos, awaitedNanos, askedNanos, values, failure))) {
                answeredAtTheEnd(call, failure);
            }
        });
    }

    private void answeredAtTheEnd(Call call, Throwable failure) {
        if (failure != null && cause(failure) instanceof NotReadyException) {
            ledger.withdraw(call.id());
        }
    }

    private void answered(Call call, long sinceNanos, long awaitedNanos, long askedNanos, Map<String, String> values, Throwable failure) {
        if (stopping) {
            answeredAtTheEnd(call, failure);
            return;
        }
        long now = System.nanoTime();
        boolean wasThere = now - askedNanos > LOOK_AGAIN.toNanos(); // it had the call in its queue, and is gone only now
        long from = wasThere ? now : awaitedNanos;
        long leftMillis = Math.min(call.timeoutMillis() - TimeUnit.NANOSECONDS.toMillis(now - sinceNanos),
                patience.toMillis() - TimeUnit.NANOSECONDS.toMillis(now - from));
        if (failure != null && comesYet(cause(failure)) && leftMillis > LOOK_AGAIN.toMillis()) {
            unheard.add(call.id());
            thread.schedule(() -> run(() -> perform(call, sinceNanos, from)), LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
        } else {
            finished(call, values, failure);
        }
    }

    /** Nothing was done, and it may be otherwise in a moment. The cloud sends only methods that it knows, so one unknown here is new. */
    private static boolean comesYet(Throwable cause) {
        return cause instanceof NotReadyException || cause instanceof CallRefusal refusal && refusal.reason != CallRefusal.Reason.ARGUMENT_INVALID;
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private void finished(Call call, Map<String, String> values, Throwable failure) {
        CallRecord running = ledger.get(call.id()).orElseThrow(() -> new IllegalStateException("call " + call.id() + " was forgotten while it ran"));
        Throwable cause = failure == null ? null : cause(failure);
        CallRecord outcome = cause == null ? running.succeeded(bounded(values), clock.millis())
                : running.failed(reason(cause), bounded(String.valueOf(cause.getMessage())), clock.millis());
        LOG.info("Call of {} by the cloud: {}{}", call.resource(), outcome.phase().word, cause == null ? "" : ": " + outcome.message());
        ledger.put(call.id(), outcome).whenComplete((stored, ignored) -> run(() -> {
            tell(call.id(), outcome);
            repeatLater();
        }));
    }

    private static String reason(Throwable cause) {
        if (cause instanceof CallRefusal refusal) {
            return refusal.reason.word;
        }
        if (cause instanceof CallTimeoutException) {
            return "DeadlineExceeded";
        }
        if (cause instanceof RequestRefusedException) {
            return "Refused";
        }
        return cause instanceof IOException ? "Unreachable" : "ArgumentInvalid";
    }

    private static Map<String, String> bounded(Map<String, String> values) {
        Map<String, String> some = new LinkedHashMap<>();
        values.entrySet().stream().limit(MOST_VALUES).forEach(e -> some.put(bounded(e.getKey()), bounded(e.getValue())));
        return some;
    }

    private static String bounded(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT - 1) + "…";
    }

    private void confirmed(String id) {
        ledger.get(id).filter(record -> record.phase() != CallRecord.Phase.RUNNING && !record.confirmed())
                .ifPresent(record -> ledger.put(id, record.known()));
    }

    private void tellAll() {
        ledger.unconfirmed().forEach(this::tell);
        repeatLater();
    }

    private void tell(String id, CallRecord record) {
        CloudLink to = link;
        if (to != null && to.status().peer() == CloudLink.Peer.KELP) {
            to.send(Message.create(SOURCE, GROUP, CALLED, record.resource(), record.content(id)));
        }
    }

    private void repeatLater() {
        if (!repeating && !ledger.unconfirmed().isEmpty() && !thread.isShutdown()) {
            repeating = true;
            thread.schedule(() -> run(() -> {
                repeating = false;
                CloudLink to = link;
                if (to != null && to.status().peer() == CloudLink.Peer.KELP) {
                    tellAll();
                }
            }), repeat.toMillis(), TimeUnit.MILLISECONDS);
        }
    }
}
