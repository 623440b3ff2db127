package io.kelp.devicetwin.internal;

import io.kelp.devicetwin.DeviceTwins.DeviceId;
import io.kelp.devicetwin.DeviceTwins.DeviceListener;
import io.kelp.devicetwin.DeviceTwins.Reading;
import io.kelp.devicetwin.DeviceTwins.ReportListener;
import io.kelp.edgehub.CloudLink;
import io.kelp.eventbus.MqttBus;
import io.kelp.message.MalformedMessageException;
import io.kelp.message.Message;
import io.kelp.message.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the engine on its one thread: takes inputs from any thread, carries out their effects. What an input changed is
 * stored first where somebody waits for an answer; what the cloud wants reaches drivers without waiting for the disk,
 * since the cloud sends it again until it is stored.
 */
final class TwinService implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TwinService.class);
    private static final Duration TICK = Duration.ofSeconds(5);
    private static final Duration LINK_FULL = Duration.ofMillis(200);
    private static final Duration PACE = Duration.ofMillis(100);
    private static final Duration CLEAN = Duration.ofSeconds(60);

    /** Something that happens, and who waits for it to be safe. */
    private record Input(Action action, CompletableFuture<Void> done) {}

    /** What an input does on the engine's thread. */
    private interface Action {
        void run(Effects fx) throws MalformedMessageException;
    }

    private record Ran(Effects effects, CompletableFuture<Void> done) {}

    private final DeviceTable table;
    private final TwinEngine engine;
    private final CloudEngine cloud;
    private final CloudSender sender;
    private final TwinPersistence persistence;
    private final Supplier<MqttBus> mqtt;
    private final Duration compareAfter;
    private final SerialLoop<Input> loop;
    private final List<DeviceListener> listeners = new ArrayList<>(); // belongs to the loop
    private final List<ReportListener> reportListeners = new ArrayList<>(); // belongs to the loop
    private ReportListener failedReportListener; // belongs to the loop
    private final LongAdder dropped = new LongAdder();
    private final LongAdder inputs = new LongAdder();
    private final LongAdder unpublished = new LongAdder();
    private boolean linkFull; // belongs to the loop
    private boolean pacing; // belongs to the loop

    TwinService(DeviceTable table, TwinEngine engine, CloudEngine cloud, CloudSender sender, TwinPersistence persistence,
            Supplier<MqttBus> mqtt, Duration compareAfter, int queueCapacity) {
        this.table = table;
        this.engine = engine;
        this.cloud = cloud;
        this.sender = sender;
        this.persistence = persistence;
        this.mqtt = mqtt;
        this.compareAfter = compareAfter;
        this.loop = new SerialLoop<>("kelp-devicetwin", queueCapacity, this::run);
    }

    void start() {
        loop.after(Duration.ZERO, new Input(fx -> List.copyOf(table.devices()).forEach(entry -> cloud.compare(entry, fx)), null));
        loop.after(TICK, new Input(this::tick, null));
        loop.after(CLEAN, new Input(this::clean, null));
        loop.start();
    }

    private void tick(Effects fx) {
        sender.retry();
        loop.after(TICK, new Input(this::tick, null));
    }

    private void clean(Effects fx) {
        fx.touched.addAll(TwinPersistence.confirmed(table.devices(), fx));
        loop.after(CLEAN, new Input(this::clean, null));
    }

    long dropped() {
        return dropped.sum();
    }

    long unpublished() {
        return unpublished.sum();
    }

    long inputs() {
        return inputs.sum();
    }

    int queued() {
        return loop.size();
    }

    // ---- inputs, from any thread ----

    void mqttMessage(String topic, byte[] payload) {
        if (!loop.offer(new Input(fx -> engine.message(topic, payload, fx), null))) {
            dropped(topic);
        }
    }

    void dropped(String what) {
        dropped.increment();
        if (dropped.sum() == 1) {
            LOG.warn("More requests than the gateway can serve: {} dropped, further ones are only counted; raise queueCapacity of"
                    + " io.kelp.devicetwin or let clients report less often", what);
        }
    }

    CompletableFuture<Void> cloudMessage(Message message) {
        return submit(fx -> {
            if (message.group().equals("twin") && message.isAnswer()) {
                answered(message, fx);
            } else {
                cloud.message(message, fx);
            }
        });
    }

    /** @param failure {@code null} when {@code message} is the answer, else why there is none to {@code message} */
    void cloudAnswer(Message message, Throwable failure) {
        loop.offerReservedPatient(new Input(fx -> {
            if (failure == null) {
                answered(message, fx);
            } else {
                sender.unanswered(message);
            }
        }, null));
    }

    private void answered(Message answer, Effects fx) throws MalformedMessageException {
        if (answer.resource().contains("membership/detail")) {
            if (answer.operation().equals(Operation.RESPONSE) && answer.content().isJsonObject()) {
                cloud.message(answer.withSourceAndGroup(answer.source(), "twin"), fx);
            }
        } else {
            sender.answered(answer);
        }
    }

    CompletableFuture<Void> report(DeviceId id, Map<String, String> values) {
        Map<String, String> copy = Map.copyOf(values);
        return submit(fx -> engine.report(id, copy, fx));
    }

    CompletableFuture<Void> reportReadings(DeviceId id, Map<String, Reading> readings) {
        Map<String, Reading> copy = Map.copyOf(readings);
        CompletableFuture<Void> done = new CompletableFuture<>();
        return taken(loop.offerPatient(new Input(fx -> engine.reportReadings(id, copy, fx), done)), done);
    }

    CompletableFuture<Void> reportError(DeviceId id, String property, String sentence) {
        return submit(fx -> engine.reportError(id, property, sentence, fx));
    }

    CompletableFuture<Void> reportState(DeviceId id, String state) {
        return submit(fx -> engine.reportState(id, state, fx));
    }

    CompletableFuture<Void> setDesired(DeviceId id, String property, String value) {
        return submit(fx -> engine.setDesired(id, property, value, fx));
    }

    CompletableFuture<Void> connected(CloudLink.Peer peer) {
        return submitReserved(fx -> {
            cloud.peer(peer == CloudLink.Peer.KUBEEDGE);
            sender.connected(peer);
            linkFull = false;
        });
    }

    CompletableFuture<Void> disconnected() {
        return submitReserved(fx -> sender.disconnected());
    }

    CompletableFuture<Void> watch(DeviceListener listener) {
        return submitReserved(fx -> {
            listeners.add(listener);
            table.devices().forEach(entry -> tell(listener, new Effects.Notice(entry.state().id(), false)));
        });
    }

    CompletableFuture<Void> watchReports(ReportListener listener) {
        return submitReserved(fx -> reportListeners.add(listener));
    }

    CompletableFuture<Void> unwatchReports(ReportListener listener) {
        return submitReserved(fx -> reportListeners.remove(listener));
    }

    CompletableFuture<Void> unwatch(DeviceListener listener) {
        return submitReserved(fx -> listeners.remove(listener));
    }

    /** Completes when the loop has come to it, behind what waits already. */
    CompletableFuture<Void> probe() {
        return submitReserved(fx -> {});
    }

    /** For what is rare and must not be lost when clients flood the queue. */
    private CompletableFuture<Void> submitReserved(Action action) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (!loop.offerReserved(new Input(action, done))) {
            done.completeExceptionally(new RejectedExecutionException("The device twins have ended"));
        }
        return done;
    }

    private CompletableFuture<Void> submit(Action action) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        return taken(loop.offer(new Input(action, done)), done);
    }

    private static CompletableFuture<Void> taken(boolean taken, CompletableFuture<Void> done) {
        if (!taken) {
            done.completeExceptionally(new RejectedExecutionException("The device twins have more to do than fits into their queue, or have ended"));
        }
        return done;
    }

    // ---- the loop's thread ----

    private void run(List<Input> gathered) {
        List<Ran> ran = new ArrayList<>(gathered.size());
        TwinPersistence.Batch batch = persistence.batch();
        for (Input input : gathered) {
            inputs.increment();
            Effects fx = new Effects();
            CompletableFuture<Void> done = input.done() == null ? new CompletableFuture<>() : input.done();
            try {
                input.action().run(fx);
                ran.add(new Ran(fx, done));
                batch.add(fx);
            } catch (IllegalArgumentException | IllegalStateException | MalformedMessageException e) {
                fail(input, e, ran, batch, fx);
            } catch (RuntimeException e) {
                // A message that brings one device into trouble must not end the thread that serves all of them.
                LOG.error("The device twins could not deal with an input", e);
                fail(input, e, ran, batch, fx);
            }
        }
        batch.write();
        ran.forEach(r -> carryOut(r, batch));
        flush(ran);
    }

    private static void fail(Input input, Exception e, List<Ran> ran, TwinPersistence.Batch batch, Effects fx) {
        // What the input did before it failed is done, so its effects stand.
        ran.add(new Ran(fx, new CompletableFuture<>()));
        batch.add(fx);
        if (input.done() != null) {
            input.done().completeExceptionally(e);
        } else {
            LOG.warn("{}", e.getMessage());
        }
    }

    private void carryOut(Ran r, TwinPersistence.Batch batch) {
        Effects fx = r.effects();
        CompletableFuture<Void> stored = batch.stored(fx);
        fx.notices.forEach(notice -> List.copyOf(listeners).forEach(listener -> tell(listener, notice)));
        for (ReportListener listener : reportListeners) {
            fx.reports.forEach(report -> tell(listener, report));
        }
        publish(fx, stored);
        for (DeviceEntry entry : fx.compareLater) {
            if (!entry.comparing) {
                entry.comparing = true;
                loop.after(compareAfter, new Input(later -> {
                    entry.comparing = false;
                    cloud.compare(entry, later);
                }, null));
            }
        }
        stored.whenComplete((nothing, e) -> {
            if (e == null) {
                r.done().complete(null);
            } else {
                // A model that is not stored is not here: it is asked for, and written, again.
                fx.models.forEach((key, model) -> {
                    if (model != null) {
                        table.models().remove(key, model);
                    }
                });
                r.done().completeExceptionally(e);
            }
        });
    }

    private void publish(Effects fx, CompletableFuture<Void> stored) {
        if (fx.publications.isEmpty()) {
            return;
        }
        CompletableFuture<Void> before = fx.ordered == null ? CompletableFuture.completedFuture(null) : fx.ordered.published;
        CompletableFuture<Void> safe = fx.answers ? stored : CompletableFuture.completedFuture(null);
        if (before.isDone() && safe.isDone()) {
            publish(fx, safe, null);
            return;
        }
        CompletableFuture<Void> turn = before.thenCompose(nothing -> safe).handle((nothing, e) -> {
            publish(fx, safe, e);
            return null;
        });
        if (fx.ordered != null) {
            fx.ordered.published = turn;
        }
    }

    private void publish(Effects fx, CompletableFuture<Void> safe, Throwable failure) {
        MqttBus bus = mqtt.get();
        if (bus == null) {
            return;
        }
        if (safe.isCompletedExceptionally()) {
            String reason = failure == null ? "the value could not be stored" : "the value could not be stored: " + failure.getMessage();
            bus.publish(fx.publications.get(0).topic(), TwinPayloads.error(fx.eventId, System.currentTimeMillis(), 500, reason));
            return;
        }
        for (Effects.Publication publication : fx.publications) {
            if (!bus.publish(publication.topic(), publication.payload())) {
                unpublished.increment();
            }
        }
    }

    private void tell(DeviceListener listener, Effects.Notice notice) {
        try {
            DeviceEntry entry = notice.removed() ? null : table.device(notice.id());
            if (entry != null) {
                listener.changed(DeviceViews.of(entry.state(), table.model(entry.state())));
            } else if (notice.removed()) {
                listener.removed(notice.id());
            }
        } catch (RuntimeException e) {
            // Foreign code: whatever it throws, the other listeners and devices go on.
            LOG.error("A listener failed on device {}", notice.id(), e);
        }
    }

    private void tell(ReportListener listener, Effects.Report report) {
        try {
            listener.reported(report.id(), report.property(), report.reading());
        } catch (RuntimeException e) {
            // Foreign code: whatever it throws, the other listeners and devices go on.
            if (failedReportListener != listener) {
                failedReportListener = listener; // once, not with each value
                LOG.error("A listener failed on a value of device {}", report.id(), e);
            }
        }
    }

    private void flush(List<Ran> ran) {
        ran.forEach(r -> sender.add(r.effects().upward));
        if (!linkFull && !sender.flush()) {
            linkFull = true; // no link, or its queue is full: not with each input again
            loop.after(LINK_FULL, new Input(fx -> linkFull = false, null));
        }
        if (!pacing && sender.isPaced()) {
            pacing = true;
            loop.after(PACE, new Input(fx -> {
                pacing = false;
                sender.resume();
            }, null));
        }
    }

    /** Ends the thread, then notes what the cloud has confirmed; waits for the store at most 2 s. */
    @Override
    public void close() {
        loop.close();
        Effects fx = new Effects();
        fx.touched.addAll(TwinPersistence.confirmed(table.devices(), fx));
        TwinPersistence.Batch batch = persistence.batch();
        batch.add(fx);
        batch.write();
        try {
            batch.stored(fx).get(2, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.info("What the cloud has confirmed could not be noted, so it is told again after the next start: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
