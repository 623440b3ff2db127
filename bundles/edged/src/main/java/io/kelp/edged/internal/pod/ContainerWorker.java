package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import io.kelp.edged.ContainerSpec;
import io.kelp.edged.WorkloadContainer;
import io.kelp.edged.WorkloadContainer.Exit;
import io.kelp.edged.WorkloadException;
import io.kelp.edged.WorkloadRuntime.Image;
import io.kelp.edged.internal.pod.ContainerState.Running;
import io.kelp.edged.internal.pod.ContainerState.Terminated;
import io.kelp.edged.internal.pod.ContainerState.Waiting;
import io.kelp.edged.internal.pod.ContainerView.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/**
 * One container of one pod: starts it when told to, step by step, and ends it, whatever step it is at.
 * The pod decides whether it is to run; this class that there is never more than one at a time.
 * Used on the loop only.
 *
 * <p>A step that has no effect on the runtime is dropped when the container is to stop; from the making
 * of its folders to the answer of {@link io.kelp.edged.WorkloadRuntime#start} it is {@code busy}, and a stop waits.
 */
final class ContainerWorker {

    private static final Duration HELD_BACK = Duration.ofMinutes(1);
    private static final Duration RETRY_LONGEST = Duration.ofMinutes(1);
    private static final Duration SHOW_ERROR = Duration.ofSeconds(5);
    private static final Duration OVERDUE = Duration.ofSeconds(30);
    private static final Duration LEAST_GRACE = Duration.ofSeconds(2);
    private static final Duration HOOK_LIMIT = Duration.ofMinutes(2);

    private final Seams seams;
    private final PodWorker pod;
    private final Hooks hooks;
    private final Kind kind;
    private final String name;
    private JsonObject spec;

    private ContainerState state; // null before anything was tried
    private Terminated last;
    private int restarts;
    private boolean everStarted;
    private boolean interrupted; // ran when the gateway ended; whose fault that was is still to be asked
    private String imageId = "";
    private String imageKey = "";
    private String containerId = "";
    private final Backoff crash = new Backoff();
    private Backoff pull = new Backoff();
    private int failures; // of steps other than pulling, in a row

    private Object launch; // token of the try that is under way
    private boolean busy;
    private Loop.Timer retry;
    private boolean retryOnReference;
    private WorkloadContainer container;
    private Runtimes.Handle home;
    private String startedImage = "";
    private AutoCloseable probes;
    private boolean ready;
    private boolean started;
    private Stop stop;
    private boolean exited;

    /** An end that was asked for. */
    private static final class Stop {
        private final boolean again;
        private Duration grace;
        private final long since;
        private boolean told;
        private Loop.Timer overdue;

        private Stop(boolean again, Duration grace, long since) {
            this.again = again;
            this.grace = grace;
            this.since = since;
        }
    }

    ContainerWorker(Seams seams, PodWorker pod, Hooks hooks, JsonObject spec, Kind kind) {
        this.seams = seams;
        this.pod = pod;
        this.hooks = hooks;
        this.spec = spec;
        this.kind = kind;
        this.name = Pod.text(spec, "name");
    }

    // ---- what the pod asks and tells ----

    String name() {
        return name;
    }

    Kind kind() {
        return kind;
    }

    /** Whether the runtime has or may have something of it. */
    boolean isAlive() {
        return busy || container != null;
    }

    boolean isStarted() {
        return container != null && started && stop == null;
    }

    boolean succeeded() {
        return !isAlive() && state instanceof Terminated end && end.succeeded();
    }

    /** Whether it has ended and will not be started again. */
    boolean isDone(String restartPolicy) {
        return !isAlive() && retry == null && launch == null && state instanceof Terminated end
                && !ContainerView.restarts(kind, restartPolicy, end.exitCode());
    }

    /** Id of the image that it uses or has used last, empty if none is known. */
    String imageKey() {
        return imageKey;
    }

    /** @return {@code null} unless it runs */
    WorkloadContainer running() {
        return container;
    }

    ContainerView view(Waiting instead) {
        ContainerState shown = state == null ? instead : state;
        Terminated before = last;
        if (state instanceof Terminated end && pod.waitsForRuntime() && !isDone(pod.restartPolicy())) {
            shown = instead;
            before = end;
        }
        return new ContainerView(spec, kind, imageId, containerId, shown, before, restarts,
                kind == Kind.INIT ? succeeded() : ready && stop == null, started, container == null ? Map.of() : container.ports());
    }

    /** The pod has changed: another image means another container. */
    void update(JsonObject now) {
        boolean other = !Pod.text(now, "image").equals(Pod.text(spec, "image"));
        spec = now;
        if (!other) {
            return;
        }
        pull = new Backoff();
        if (container != null && stop == null) {
            changed();
        } else if (!busy) {
            launch = null;
            cancelRetry();
        }
    }

    private void changed() {
        stop(pod.grace(), true, "Container " + name + " definition changed, will be restarted");
    }

    private boolean isSameImage() {
        return startedImage.equals(Pod.text(spec, "image"));
    }

    /** What a step waits for may be there now. */
    void referenceChanged() {
        if (retry != null && retryOnReference) {
            cancelRetry();
            pod.touch();
        }
    }

    /** Makes it run, now or when its back-off is over; may be called at any time. */
    void run(Runtimes.Handle runtime) {
        if (launch != null || isAlive() || retry != null) {
            return;
        }
        Duration left = crash.left(seams.loop().nanos());
        if (!left.isZero()) {
            String pause = ImagePull.duration(crash.pending());
            show(new Waiting("CrashLoopBackOff", "back-off " + pause + " restarting failed container=" + name + " pod="
                    + pod.pod().name() + "_" + pod.pod().namespace() + "(" + pod.pod().uid() + ")"));
            event("Warning", "BackOff", "Back-off restarting failed container " + name + " in pod "
                    + pod.pod().name() + "_" + pod.pod().namespace() + "(" + pod.pod().uid() + ")");
            retryAfter(left, false);
            return;
        }
        stop = null;
        Object token = new Object();
        launch = token;
        new ImagePull(seams, pod.pod(), spec, () -> launch == token,
                image -> resolve(runtime, image, token), e -> pullFailed(runtime, e)).start(runtime);
    }

    /** If it ran when the gateway ended: asks the runtime for the reason; a culprit is held back. */
    void askForReason(Runtimes.Handle runtime) {
        if (!interrupted) {
            return;
        }
        interrupted = false;
        runtime.runtime().lastEnd(pod.pod().uid(), name).ifPresent(exit -> {
            Terminated known = (Terminated) state;
            state = new Terminated(exit.code(), exit.reason(), exit.message(), known.startedAt(), exit.at(), known.containerId());
            crash.failedBadly(seams.loop().nanos(), HELD_BACK);
        });
        pod.touch();
    }

    /** Its runtime has gone and with it, after a while, whatever the runtime says or does not say about it. */
    void abandoned(Runtimes.Handle runtime) {
        WorkloadContainer lost = container;
        if (lost != null && home == runtime) {
            seams.loop().schedule(() -> exited(lost, new Exit(137, "Error", "its runtime went away", seams.now().get())), OVERDUE);
        }
    }

    // ---- over restarts of the gateway ----

    /** What {@link #restore} needs. */
    JsonObject record() {
        JsonObject record = new JsonObject();
        record.addProperty("restarts", restarts);
        record.addProperty("started", everStarted);
        record.addProperty("image", imageKey);
        record.addProperty("imageID", imageId);
        record.addProperty("containerID", containerId);
        if (state instanceof Running || state instanceof Terminated) {
            record.add("state", state.json());
        }
        if (last != null) {
            record.add("last", last.json());
        }
        if (!crash.pending().isZero() || crash.nextSeconds() > 0) {
            record.addProperty("backOff", crash.nextSeconds());
            record.addProperty("until", seams.now().get().plus(crash.left(seams.loop().nanos())).getEpochSecond());
        }
        return record;
    }

    /**
     * Goes on where the gateway ended.
     *
     * @param again whether it has to run again even if it had succeeded, as init containers of a new process have
     */
    void restore(JsonObject record, boolean again) {
        restarts = HostPorts.number(record, "restarts");
        everStarted = "true".equals(Pod.text(record, "started"));
        imageKey = Pod.text(record, "image");
        imageId = Pod.text(record, "imageID");
        containerId = Pod.text(record, "containerID");
        last = ContainerState.terminatedOf(Pod.object(record, "last"));
        JsonObject was = Pod.object(record, "state");
        Terminated end = ContainerState.terminatedOf(was);
        if (was.has("running")) {
            interrupted = true;
            state = new Terminated(137, "Error", "The gateway's process ended while the container ran",
                    ContainerState.time(Pod.text(Pod.object(was, "running"), "startedAt")), seams.now().get(), containerId);
        } else if (end != null && again) {
            last = end;
        } else {
            state = end;
        }
        long left = PodResources.quantity(Pod.text(record, "until"), "1") - seams.now().get().getEpochSecond();
        long next = PodResources.quantity(Pod.text(record, "backOff"), "1");
        crash.restore(next, Duration.ofSeconds(Math.min(left, next)), seams.loop().nanos());
    }

    // ---- starting ----

    private void resolve(Runtimes.Handle runtime, Image image, Object token) {
        pull.reset();
        imageKey = image.id();
        imageId = image.repoDigest().isEmpty() ? image.id() : image.repoDigest();
        pod.touch();
        BooleanSupplier wanted = () -> launch == token;
        JsonObject at = spec;
        seams.then(Seams.bounded(Seams.call(() -> seams.environment().of(pod.pod(), at))), wanted,
                resolved -> prepare(runtime, image, resolved),
                e -> failed(runtime, "CreateContainerConfigError", e));
    }

    private int nextAttempt() {
        return everStarted ? restarts + 1 : restarts;
    }

    private void prepare(Runtimes.Handle runtime, Image image, ContainerEnvironment.Resolved resolved) {
        busy = true;
        int attempt = nextAttempt();
        seams.then(seams.folders().prepare(pod.pod(), name, attempt), () -> true,
                done -> create(runtime, image, resolved, attempt),
                e -> notCreated(runtime, "CreateContainerError", e));
    }

    private void create(Runtimes.Handle runtime, Image image, ContainerEnvironment.Resolved resolved, int attempt) {
        if (stop != null || runtime.isGone()) {
            notCreated(runtime, "", null);
            return;
        }
        ContainerSpec container;
        try {
            container = ContainerSpecs.of(seams, pod.pod(), spec, attempt, image.id(), resolved);
        } catch (WorkloadException e) {
            notCreated(runtime, e.reason(), e);
            return;
        }
        String reference = Pod.text(spec, "image");
        var clash = seams.ports().take(pod.pod(), spec);
        if (clash.isPresent()) {
            event("Warning", "HostPortConflict", clash.get());
            notCreated(runtime, "CreateContainerError", new WorkloadException("CreateContainerError", clash.get()));
            return;
        }
        seams.then(Seams.call(() -> runtime.runtime().start(container)), () -> true,
                running -> created(runtime, running, attempt, reference), e -> notStarted(runtime, attempt, e));
    }

    /** Nothing of it is in the runtime. */
    private void notCreated(Runtimes.Handle runtime, String reason, Throwable e) {
        busy = false;
        pod.portsFreed(name);
        if (stop != null || e == null) {
            launch = null;
            clearStop();
            pod.touch();
        } else {
            failed(runtime, reason, e);
        }
    }

    private void notStarted(Runtimes.Handle runtime, int attempt, Throwable e) {
        String reason = e instanceof WorkloadException known && !known.reason().isEmpty() ? known.reason() : "RunContainerError";
        if (!"RunContainerError".equals(reason) || stop != null || runtime.isGone()) {
            notCreated(runtime, "HostPortConflict".equals(reason) ? "CreateContainerError" : reason, e);
            return;
        }
        busy = false;
        launch = null;
        pod.portsFreed(name);
        restarts = attempt;
        everStarted = true;
        event("Warning", "Failed", "Error: " + e.getMessage());
        show(new Terminated(128, "StartError", e.getMessage(), seams.now().get(), seams.now().get(), ""));
        crash.failed(seams.loop().nanos());
        pod.touch();
    }

    private void created(Runtimes.Handle runtime, WorkloadContainer running, int attempt, String image) {
        busy = false;
        launch = null;
        failures = 0;
        container = running;
        home = runtime;
        startedImage = image;
        exited = false;
        containerId = running.id();
        restarts = attempt;
        everStarted = true;
        ready = false;
        started = false;
        show(new Running(running.startedAt()));
        event("Normal", "Created", "Created container: " + name);
        event("Normal", "Started", "Started container " + name);
        running.exit().whenComplete((exit, impossible) -> seams.loop().execute(() -> exited(running, exit)));
        if (stop != null) {
            end();
        } else if (!isSameImage()) {
            changed();
        } else {
            postStart(running);
        }
        pod.touch();
    }

    private void postStart(WorkloadContainer running) {
        JsonObject hook = Pod.object(Pod.object(spec, "lifecycle"), "postStart");
        if (hook.size() == 0) {
            watch(running);
            return;
        }
        CompletionStage<Void> stage = Seams.call(() -> hooks.run(hook, spec, running, seams.address().get(), HOOK_LIMIT));
        seams.then(Seams.bounded(stage), () -> container == running && stop == null && !exited, done -> watch(running), e -> {
            event("Warning", "FailedPostStartHook", "PostStartHook failed: " + e.getMessage());
            stop(pod.grace(), true, "FailedPostStartHook");
            pod.touch();
        });
    }

    private void watch(WorkloadContainer running) {
        BooleanSupplier wanted = () -> container == running && stop == null && !exited;
        probes = seams.probes().watch(pod.pod(), spec, running, new ContainerProbes.Listener() {
            @Override
            public void ready(boolean now, String message) {
                on(wanted, () -> ready = now);
            }

            @Override
            public void started() {
                on(wanted, () -> started = true);
            }

            @Override
            public void failed(String probe, String message) {
                on(wanted, () -> stop(pod.probeGrace(spec, probe), true, "Container " + name + " failed " + probe + " probe, will be restarted"));
            }
        });
    }

    private void on(BooleanSupplier wanted, Runnable change) {
        seams.loop().execute(() -> {
            if (wanted.getAsBoolean()) {
                change.run();
                pod.touch();
            }
        });
    }

    // ---- what goes wrong ----

    private void pullFailed(Runtimes.Handle runtime, WorkloadException e) {
        launch = null;
        pod.touch();
        if (runtime.isGone()) {
            return;
        }
        show(new Waiting(e.reason(), e.getMessage()));
        pull.failedAtOnce(seams.loop().nanos());
        if (e.reason().equals("ErrImageNeverPull") || e.reason().equals(ImagePull.INVALID)) {
            retryAfter(pull.pending(), false);
            return;
        }
        long began = seams.loop().nanos();
        String image = Pod.text(spec, "image");
        retry = seams.loop().schedule(() -> {
            show(new Waiting(ImagePull.BACK_OFF, "Back-off pulling image \"" + image + "\": " + e.reason() + ": " + e.getMessage()));
            event("Normal", "BackOff", "Back-off pulling image \"" + image + "\"");
            event("Warning", "Failed", "Error: " + ImagePull.BACK_OFF);
            retryAfter(pull.pending().minusNanos(seams.loop().nanos() - began), false);
            pod.touch();
        }, SHOW_ERROR);
    }

    private void failed(Runtimes.Handle runtime, String fallback, Throwable e) {
        launch = null;
        pod.touch();
        if (runtime.isGone()) {
            return;
        }
        String reason = e instanceof WorkloadException known && !known.reason().isEmpty()
                && !"HostPortConflict".equals(known.reason()) ? known.reason() : fallback;
        String message = e instanceof java.util.concurrent.TimeoutException
                ? "no answer within " + Seams.STEP.toSeconds() + " s" : String.valueOf(e.getMessage());
        if (!(state instanceof Waiting before && before.reason().equals(reason) && before.message().equals(message))) {
            event("Warning", "Failed", "Error: " + message);
        }
        show(new Waiting(reason, message));
        Duration delay = Backoff.FIRST.multipliedBy(1L << Math.min(failures++, 3));
        retryAfter(delay.compareTo(RETRY_LONGEST) > 0 ? RETRY_LONGEST : delay, true);
    }

    private void retryAfter(Duration delay, boolean onReference) {
        retryOnReference = onReference;
        retry = seams.loop().schedule(() -> {
            retry = null;
            pod.touch();
        }, delay.isNegative() ? Duration.ZERO : delay);
    }

    private void cancelRetry() {
        if (retry != null) {
            retry.cancel();
            retry = null;
        }
    }

    // ---- ending ----

    /** Ends it for good, or ends the wait for a next try; may be called again with a shorter grace period. */
    void stop(Duration grace) {
        stop(grace, false, "Stopping container " + name);
    }

    private void stop(Duration grace, boolean again, String why) {
        cancelRetry();
        if (!isAlive()) {
            launch = null;
            return;
        }
        if (stop == null) {
            stop = new Stop(again, grace, seams.loop().nanos());
            if (container != null && !exited) {
                if (!why.equals("FailedPostStartHook")) {
                    event("Normal", "Killing", why);
                }
                end();
            }
        } else if (grace.compareTo(stop.grace) < 0) {
            stop.grace = grace;
            if (stop.told && !exited) {
                container.stop(grace);
            }
        }
    }

    private void end() {
        closeProbes();
        Stop mine = stop;
        WorkloadContainer running = container;
        JsonObject hook = Pod.object(Pod.object(spec, "lifecycle"), "preStop");
        if (hook.size() == 0 || mine.grace.isZero()) {
            kill(mine, running);
            return;
        }
        CompletionStage<Void> stage = Seams.call(() -> hooks.run(hook, spec, running, seams.address().get(), mine.grace)).toCompletableFuture()
                .copy().orTimeout(Math.max(1, mine.grace.toMillis()), java.util.concurrent.TimeUnit.MILLISECONDS);
        seams.then(stage, () -> container == running && !exited, done -> kill(mine, running), e -> {
            event("Warning", "FailedPreStopHook", "PreStopHook failed: " + e.getMessage());
            kill(mine, running);
        });
    }

    private void kill(Stop mine, WorkloadContainer running) {
        if (mine.told) {
            return;
        }
        mine.told = true;
        Duration left = mine.grace.minusNanos(seams.loop().nanos() - mine.since);
        Duration grace = mine.grace.compareTo(LEAST_GRACE) <= 0 ? mine.grace : left.compareTo(LEAST_GRACE) < 0 ? LEAST_GRACE : left;
        running.stop(grace);
        mine.overdue = seams.loop().schedule(() -> event("Warning", "FailedKillPod", "error killing pod: container " + name
                + " goes on " + OVERDUE.toSeconds() + " s after its grace period"), grace.plus(OVERDUE));
    }

    private void exited(WorkloadContainer ended, Exit exit) {
        if (container != ended || exited) {
            return;
        }
        exited = true;
        ready = false;
        closeProbes();
        boolean fallback = exit.code() != 0 && "FallbackToLogsOnError".equals(Pod.text(spec, "terminationMessagePolicy"));
        CompletionStage<String> message = seams.folders().message(pod.pod(), name, restarts, fallback).exceptionally(e -> "");
        seams.then(message, () -> container == ended, text -> over(ended, exit, text), e -> over(ended, exit, ""));
        pod.touch();
    }

    private void over(WorkloadContainer ended, Exit exit, String text) {
        boolean ofItself = !home.isGone() && (stop == null || stop.again && isSameImage());
        container = null;
        started = false;
        clearStop();
        pod.portsFreed(name);
        show(new Terminated(exit.code(), exit.reason(), text.isEmpty() ? exit.message() : text, ended.startedAt(),
                exit.at() == null ? seams.now().get() : exit.at(), ended.id()));
        if (ofItself) {
            crash.failed(seams.loop().nanos());
        }
        pod.touch();
    }

    private void clearStop() {
        if (stop != null && stop.overdue != null) {
            stop.overdue.cancel();
        }
        stop = null;
    }

    private void closeProbes() {
        if (probes != null) {
            AutoCloseable closing = probes;
            probes = null;
            try {
                closing.close();
            } catch (Exception e) { // the declared type of AutoCloseable; probes throw nothing checked
                throw new IllegalStateException(e);
            }
        }
    }

    private void show(ContainerState now) {
        if (state instanceof Terminated before) {
            last = before;
        }
        state = now;
    }

    private void event(String type, String reason, String message) {
        seams.events().pod(pod.pod(), name, type, reason, message);
    }
}
