package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import io.kelp.edged.ContainerSpec;
import io.kelp.edged.WorkloadContainer;
import io.kelp.edged.WorkloadException;
import io.kelp.edged.WorkloadRuntime.Image;
import java.time.Duration;
import java.util.Optional;

/**
 * One try to start a container: image, environment, folders, mounts, ports, runtime. Used on the loop only.
 *
 * <p>Up to the making of the folders it can be dropped at any time; from there to the answer of
 * {@link io.kelp.edged.WorkloadRuntime#start} it is busy and has to be waited for.
 */
final class ContainerStart {

    /** Told of the outcome, exactly once unless the try is dropped. */
    interface Listener {

        /** On the way: the image is here. */
        void found(Image image);

        /** @param image reference that it was started from */
        void started(WorkloadContainer running, String image);

        /** The image cannot be had; {@code failure} has the waiting reason. */
        void notPulled(WorkloadException failure);

        /** A step did not work; nothing is left of it. @param reason waiting reason, unless the failure has one of its own */
        void notCreated(String reason, Throwable failure);

        /** The runtime could not run it, which counts as an end of the container. */
        void notRun(String message);

        /** Nothing was started, for the container is to stop or the runtime has gone. */
        void abandoned();

        /** Whether it is to stop. */
        boolean isStopping();
    }

    static final String CONFIG_ERROR = "CreateContainerConfigError";
    static final String CREATE_ERROR = "CreateContainerError";
    static final String RUN_ERROR = "RunContainerError";
    private static final String PORT_CONFLICT = "HostPortConflict";

    private final Seams seams;
    private final Pod pod;
    private final JsonObject spec;
    private final int attempt;
    private final Runtimes.Handle runtime;
    private final Listener listener;
    private boolean dropped;
    private boolean lost;
    private boolean busy;

    ContainerStart(Seams seams, Pod pod, JsonObject spec, int attempt, Runtimes.Handle runtime, Listener listener) {
        this.seams = seams;
        this.pod = pod;
        this.spec = spec;
        this.attempt = attempt;
        this.runtime = runtime;
        this.listener = listener;
    }

    int attempt() {
        return attempt;
    }

    Runtimes.Handle runtime() {
        return runtime;
    }

    /** Whether the runtime may have something of it. */
    boolean isBusy() {
        return busy;
    }

    /** Nothing more is heard of it; not to be called while it is busy. */
    void drop() {
        dropped = true;
    }

    /** The runtime has gone without an answer: nothing is waited for any more, and what it brings all the same is ended. */
    void lose() {
        lost = true;
        fail("", null);
    }

    void begin() {
        new ImagePull(seams, pod, spec, () -> !dropped, this::resolve, listener::notPulled).start(runtime);
    }

    private void resolve(Image image) {
        listener.found(image);
        seams.then(Seams.bounded(Seams.call(() -> seams.environment().of(pod, spec))), () -> !dropped,
                resolved -> prepare(image, resolved), e -> listener.notCreated(CONFIG_ERROR, e));
    }

    private void prepare(Image image, ContainerEnvironment.Resolved resolved) {
        busy = true;
        seams.then(seams.folders().prepare(pod, Pod.text(spec, "name"), attempt), () -> !lost,
                done -> create(image, resolved), e -> fail(CREATE_ERROR, e));
    }

    private void create(Image image, ContainerEnvironment.Resolved resolved) {
        if (listener.isStopping() || runtime.isGone()) {
            fail("", null);
            return;
        }
        ContainerSpec container;
        try {
            container = ContainerSpecs.of(seams, pod, spec, attempt, image.id(), resolved);
        } catch (WorkloadException e) {
            fail(CONFIG_ERROR, e);
            return;
        }
        Optional<String> clash = seams.ports().take(pod, spec);
        if (clash.isPresent()) {
            fail(CREATE_ERROR, new WorkloadException(PORT_CONFLICT, clash.get()));
            return;
        }
        seams.then(Seams.call(() -> runtime.runtime().start(container)), () -> true, this::started, this::notStarted);
    }

    private void started(WorkloadContainer running) {
        if (lost) {
            running.stop(Duration.ZERO);
            return;
        }
        busy = false;
        listener.started(running, Pod.text(spec, "image"));
    }

    private void notStarted(Throwable e) {
        if (lost) {
            return;
        }
        String reason = e instanceof WorkloadException known && !known.reason().isEmpty() ? known.reason() : RUN_ERROR;
        if (RUN_ERROR.equals(reason) && !listener.isStopping() && !runtime.isGone()) {
            busy = false;
            listener.notRun(String.valueOf(e.getMessage()));
        } else {
            fail(CREATE_ERROR, e);
        }
    }

    private void fail(String reason, Throwable e) {
        busy = false;
        if (e == null || listener.isStopping() || runtime.isGone()) {
            listener.abandoned();
        } else if (e instanceof WorkloadException known && PORT_CONFLICT.equals(known.reason())) {
            seams.events().pod(pod, Pod.text(spec, "name"), "Warning", PORT_CONFLICT, e.getMessage());
            listener.notCreated(CREATE_ERROR, new WorkloadException(CREATE_ERROR, e.getMessage(), e));
        } else {
            listener.notCreated(reason, e);
        }
    }
}
