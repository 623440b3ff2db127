package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import io.kelp.edged.WorkloadContainer;
import io.kelp.edged.WorkloadContainer.Exit;
import io.kelp.edged.WorkloadException;
import io.kelp.edged.WorkloadRuntime;
import io.kelp.edged.WorkloadRuntime.Image;
import io.kelp.edged.internal.pod.ContainerState.Running;
import io.kelp.edged.internal.pod.ContainerState.Terminated;
import io.kelp.edged.internal.pod.ContainerState.Waiting;
import io.kelp.edged.internal.pod.ContainerView.Kind;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;

/**
 * One container of one pod: starts it when told to and ends it, whatever step it is at. The pod decides
 * whether it is to run; this class sees to it that there is never more than one at a time. Used on the loop only.
 */
final class ContainerWorker implements ContainerStart.Listener {

    private static final Duration HELD_BACK = Duration.ofMinutes(1);
    private static final Duration SHOW_ERROR = Duration.ofSeconds(5);
    private static final Set<String> ORDINARY = Set.of("", "Completed", "Error");
    private static final Duration LOST = Duration.ofSeconds(30);

    private final Seams seams;
    private final PodWorker pod;
    private final Hooks hooks;
    private final Kind kind;
    private final String name;
    private final ContainerHistory history = new ContainerHistory();
    private final Retry retry;
    private JsonObject spec;
    private Backoff pull = new Backoff();

    private ContainerStart start;
    private WorkloadContainer container;
    private Runtimes.Handle home;
    private String startedImage = "";
    private ContainerHealth health; // null unless there is a container
    private boolean exited;
    private ContainerStop stop;

    ContainerWorker(Seams seams, PodWorker pod, Hooks hooks, JsonObject spec, Kind kind) {
        this.seams = seams;
        this.pod = pod;
        this.hooks = hooks;
        this.spec = spec;
        this.kind = kind;
        this.retry = new Retry(seams.loop(), pod);
        this.name = Pod.text(spec, "name");
    }

    // ---- what the pod asks ----

    String name() {
        return name;
    }

    Kind kind() {
        return kind;
    }

    /** Whether the runtime has or may have something of it. */
    boolean isAlive() {
        return container != null || start != null && start.isBusy();
    }

    boolean isStarted() {
        return container != null && health.isStarted() && stop == null;
    }

    private boolean isReady() {
        return health != null && health.isReady() && stop == null;
    }

    boolean succeeded() {
        return !isAlive() && history.state() instanceof Terminated end && end.succeeded();
    }

    /** Whether it has ended and will not be started again. */
    boolean isDone(String restartPolicy) {
        return !isAlive() && !retry.isOn() && start == null && history.state() instanceof Terminated end
                && !ContainerView.restarts(kind, restartPolicy, end.exitCode());
    }

    /** Id of the image that it uses or has used last, empty if none is known. */
    String imageKey() {
        return history.imageKey();
    }

    /** @return {@code null} unless it runs */
    WorkloadContainer running() {
        return container;
    }

    /** @param instead what to show when nothing was tried yet, or when it waits for its runtime */
    ContainerView view(Waiting instead) {
        ContainerState shown = history.state() == null ? instead : history.state();
        Terminated before = history.last();
        if (shown instanceof Terminated end && pod.waitsForRuntime() && !isDone(pod.restartPolicy())) {
            shown = instead;
            before = end;
        }
        return new ContainerView(spec, kind, history.imageId(), history.containerId(), shown, before, history.restarts(),
                kind == Kind.INIT ? succeeded() : isReady(), health != null && health.isStarted(), container == null ? Map.of() : container.ports());
    }

    JsonObject record() {
        return history.record(seams.now().get(), seams.loop().nanos());
    }

    /** See {@link ContainerHistory#restore}. */
    void restore(JsonObject record) {
        history.restore(record, seams.now().get(), seams.loop().nanos());
    }

    // ---- what the pod tells ----

    /** The pod has changed: another image means another container. */
    void update(JsonObject now) {
        boolean other = !Pod.text(now, "image").equals(Pod.text(spec, "image"));
        spec = now;
        if (!other) {
            return;
        }
        pull = new Backoff();
        if (container != null && stop == null) {
            replace();
        } else if (!isAlive()) {
            forgetTry();
            pod.touch();
        }
    }

    private void replace() {
        stop(pod.grace(), true, "Container " + name + " definition changed, will be restarted");
    }

    /** What a step waits for may be there now. */
    void referenceChanged() {
        retry.hasten();
    }

    /** Makes it run, now or when its back-off is over; may be called at any time. */
    void run(Runtimes.Handle runtime) {
        if (start != null || container != null || retry.isOn()) {
            return;
        }
        Duration left = history.crash().left(seams.loop().nanos());
        if (!left.isZero()) {
            String where = pod.pod().name() + "_" + pod.pod().namespace() + "(" + pod.pod().uid() + ")";
            history.show(new Waiting("CrashLoopBackOff", "back-off " + ImagePull.duration(history.crash().pending())
                    + " restarting failed container=" + name + " pod=" + where));
            event("Warning", "BackOff", "Back-off restarting failed container " + name + " in pod " + where);
            retry.after(left);
            return;
        }
        start = new ContainerStart(seams, pod.pod(), spec, history.nextAttempt(), runtime, this);
        start.begin();
    }

    /**
     * Told once, when the runtime is there first: takes the container over if it runs, as it does when edged
     * alone was exchanged. If it ran when the gateway ended, asks why it does not any more; a culprit is held back.
     *
     * @return whether it runs
     */
    boolean resume(Runtimes.Handle runtime) {
        boolean interrupted = history.takeInterrupted();
        Optional<WorkloadRuntime.Running> still = runtime.runtime().running().stream()
                .filter(r -> r.spec().pod().uid().equals(pod.pod().uid()) && r.spec().name().equals(name)).findFirst();
        if (still.isPresent()) {
            if (interrupted) {
                history.goesOn();
            }
            history.attempted(still.get().spec().attempt(), still.get().container().id());
            seams.ports().take(pod.pod(), spec);
            runs(still.get().container(), runtime, Pod.text(spec, "image"));
        } else {
            runtime.runtime().lastEnd(pod.pod().uid(), name).filter(exit -> history.explain(exit, interrupted)).ifPresent(exit -> {
                event("Warning", exit.reason(), "Container " + name + " brought the gateway's process down and is held back: " + exit.message());
                history.crash().failedBadly(seams.loop().nanos(), HELD_BACK);
            });
        }
        return still.isPresent();
    }

    /** The process it did its work for has gone: sidecars and init containers that had succeeded run again. */
    void again() {
        if (kind == Kind.SIDECAR || kind == Kind.INIT && succeeded()) {
            history.again();
        }
    }

    /** Its runtime has gone and with it, after a while, whatever the runtime says or does not say about it. */
    void abandoned(Runtimes.Handle runtime) {
        ContainerStart trying = start;
        if (trying != null && trying.runtime() == runtime) {
            seams.loop().schedule(() -> lost(trying), LOST);
        }
        WorkloadContainer lost = container;
        if (lost != null && home == runtime) {
            seams.loop().schedule(() -> exited(lost, new Exit(137, "Error", "its runtime went away", seams.now().get())), LOST);
        }
    }

    private void lost(ContainerStart trying) {
        if (start == trying && trying.isBusy()) {
            trying.lose();
        } else if (start == trying) {
            forgetTry();
            pod.touch();
        }
    }

    // ---- starting ----

    @Override
    public boolean isStopping() {
        return stop != null;
    }

    @Override
    public void found(Image image) {
        pull.reset();
        history.image(image);
        pod.touch();
    }

    @Override
    public void started(WorkloadContainer running, String image) {
        Runtimes.Handle runtime = start.runtime();
        history.attempted(start.attempt(), running.id());
        start = null;
        retry.succeeded();
        event("Normal", "Created", "Created container: " + name);
        event("Normal", "Started", "Started container " + name);
        runs(running, runtime, image);
    }

    /** It is there, just started or taken over. */
    private void runs(WorkloadContainer running, Runtimes.Handle runtime, String image) {
        home = runtime;
        container = running;
        startedImage = image;
        exited = false;
        health = new ContainerHealth(seams, pod, () -> isUndisturbed(running), this::sick);
        history.show(new Running(running.startedAt()));
        running.exit().whenComplete((exit, impossible) -> seams.loop().execute(() -> exited(running, exit)));
        if (stop != null) {
            end();
        } else if (!isSameImage()) {
            replace();
        } else {
            health.begin(hooks, spec, running);
        }
        pod.touch();
    }

    private boolean isSameImage() {
        return startedImage.equals(Pod.text(spec, "image"));
    }

    private boolean isUndisturbed(WorkloadContainer running) {
        return container == running && stop == null && !exited;
    }

    private void sick(String probe, String message) {
        if (probe.equals("postStart")) {
            event("Warning", "FailedPostStartHook", "PostStartHook failed: " + message);
            stop(pod.grace(), true, "");
        } else {
            stop(PodSpec.probeGrace(pod.pod(), spec, probe), true, "Container " + name + " failed " + probe + " probe, will be restarted");
        }
    }

    // ---- what goes wrong ----

    @Override
    public void notPulled(WorkloadException e) {
        boolean gone = start.runtime().isGone();
        start = null;
        pod.touch();
        if (gone) {
            return;
        }
        history.show(new Waiting(e.reason(), e.getMessage()));
        pull.failedAtOnce(seams.loop().nanos());
        if (e.reason().equals("ErrImageNeverPull") || e.reason().equals(ImagePull.INVALID)) {
            retry.after(pull.pending());
            return;
        }
        String image = Pod.text(spec, "image");
        retry.first(SHOW_ERROR, () -> {
            history.show(new Waiting(ImagePull.BACK_OFF, "Back-off pulling image \"" + image + "\": " + e.reason() + ": " + e.getMessage()));
            event("Normal", "BackOff", "Back-off pulling image \"" + image + "\"");
            event("Warning", "Failed", "Error: " + ImagePull.BACK_OFF);
            retry.after(pull.left(seams.loop().nanos()));
            pod.touch();
        });
    }

    @Override
    public void notCreated(String fallback, Throwable e) {
        boolean gone = start.runtime().isGone();
        start = null;
        pod.portsFreed(name);
        pod.touch();
        if (gone) {
            return;
        }
        String reason = e instanceof WorkloadException known && !known.reason().isEmpty() ? known.reason() : fallback;
        String message = e instanceof TimeoutException ? "no answer within " + Seams.STEP.toSeconds() + " s" : String.valueOf(e.getMessage());
        Waiting now = new Waiting(reason, message);
        if (!now.equals(history.state())) {
            event("Warning", "Failed", "Error: " + message);
        }
        history.show(now);
        retry.afterFailure();
    }

    @Override
    public void notRun(String message) {
        history.attempted(start.attempt(), "");
        start = null;
        pod.portsFreed(name);
        event("Warning", "Failed", "Error: " + message);
        history.show(new Terminated(128, "StartError", message, seams.now().get(), seams.now().get(), ""));
        history.crash().failed(seams.loop().nanos());
        pod.touch();
    }

    @Override
    public void abandoned() {
        start = null;
        clearStop();
        pod.portsFreed(name);
        pod.touch();
    }

    /** Drops a try that has had no effect yet, and the wait for the next one. */
    private void forgetTry() {
        retry.cancel();
        if (start != null && !start.isBusy()) {
            start.drop();
            start = null;
        }
    }

    // ---- ending ----

    /** Ends it for good, or ends the wait for a next try; may be called again with a shorter grace period. */
    void stop(Duration grace) {
        stop(grace, false, "Stopping container " + name);
    }

    private void stop(Duration grace, boolean again, String why) {
        forgetTry();
        if (!isAlive()) {
            return;
        }
        if (stop != null) {
            stop.shorten(grace, exited ? null : container);
            return;
        }
        stop = new ContainerStop(seams, hooks, again, grace);
        if (start != null) {
            start.runtime().runtime().cancel(pod.pod().uid(), name);
        }
        if (container != null && !exited) {
            if (!why.isEmpty()) {
                event("Normal", "Killing", why);
            }
            end();
        }
    }

    private void end() {
        health.close();
        WorkloadContainer ending = container;
        stop.begin(pod.pod(), spec, ending, () -> container == ending && !exited);
    }

    private void exited(WorkloadContainer ended, Exit exit) {
        if (container != ended || exited) {
            return;
        }
        exited = true;
        health.close();
        boolean fallback = exit.code() != 0 && "FallbackToLogsOnError".equals(Pod.text(spec, "terminationMessagePolicy"));
        CompletionStage<String> message = seams.folders().message(pod.pod(), name, history.restarts(), fallback);
        seams.then(message, () -> container == ended, text -> over(ended, exit, text), e -> over(ended, exit, ""));
        pod.touch();
    }

    private void over(WorkloadContainer ended, Exit exit, String text) {
        boolean ofItself = !home.isGone() && (stop == null || stop.isAgain() && isSameImage());
        container = null;
        health = null;
        clearStop();
        pod.portsFreed(name);
        boolean cutShort = home.isGone() && exit.code() == 0; // what its runtime has ended has not done its work
        history.show(new Terminated(cutShort ? 143 : exit.code(), cutShort ? "Error" : exit.reason(),
                text.isEmpty() ? exit.message() : text, ended.startedAt(), exit.at() == null ? seams.now().get() : exit.at(), ended.id()));
        if (exit.code() != 0 && !ORDINARY.contains(exit.reason())) { // OOMKilled, ContainerCannotStop: others should know
            event("Warning", exit.reason(), "Container " + name + " was ended: " + exit.message());
        }
        if (ofItself) {
            history.crash().failed(seams.loop().nanos());
        }
        pod.touch();
    }

    private void clearStop() {
        if (stop != null) {
            stop.close();
            stop = null;
        }
    }

    private void event(String type, String reason, String message) {
        seams.events().pod(pod.pod(), name, type, reason, message);
    }
}
