package io.kelp.edged.internal.pod;

import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** The volumes of one pod: made, tried again when that fails, taken down. Used on the loop only. */
final class PodMount {

    private static final Duration FIRST_RETRY = Duration.ofSeconds(1);
    private static final Duration LONGEST_RETRY = Duration.ofMinutes(2);

    private final Seams seams;
    private final PodWorker pod;
    private boolean mounting;
    private boolean mounted;
    private boolean ended;
    private String trouble = "";
    private Loop.Timer retry;
    private Duration delay = FIRST_RETRY;

    PodMount(Seams seams, PodWorker pod) {
        this.seams = seams;
        this.pod = pod;
    }

    boolean isMounted() {
        return mounted;
    }

    /** Whether the volumes are being made, so that they cannot be taken down yet. */
    boolean isBusy() {
        return mounting;
    }

    /** Why they are not there, empty if nothing is known. */
    String trouble() {
        return trouble;
    }

    /** Whether they are there; begins to make them if they are not. */
    boolean isReady() {
        if (!mounted && !mounting && retry == null) {
            mounting = true;
            seams.then(Seams.bounded(Seams.call(() -> seams.volumes().mount(pod.pod()))), () -> true, done -> made(), this::failed);
        }
        return mounted;
    }

    private void made() {
        mounting = false;
        mounted = true;
        trouble = "";
        delay = FIRST_RETRY;
        pod.touch();
    }

    private void failed(Throwable e) {
        mounting = false;
        trouble = e instanceof TimeoutException ? "volumes were not there within " + Seams.STEP.toSeconds() + " s" : String.valueOf(e.getMessage());
        if (!ended) {
            seams.events().pod(pod.pod(), "", "Warning", "FailedMount", trouble);
            retry = seams.loop().schedule(this::again, delay);
            delay = delay.multipliedBy(2).compareTo(LONGEST_RETRY) > 0 ? LONGEST_RETRY : delay.multipliedBy(2);
        }
        pod.touch();
    }

    private void again() {
        retry = null;
        pod.touch();
    }

    /** What they are made of has changed: tries again now. */
    void hurry() {
        if (retry != null && !ended) {
            retry.cancel();
            again();
        }
    }

    /** They will not be needed any more. */
    void stop() {
        ended = true;
        if (retry != null) {
            retry.cancel();
            retry = null;
        }
    }

    /** Takes them and the pod's folder down. @param done told on the loop, also when something could not be removed, which is told as an Event */
    void remove(Runnable done) {
        mounted = false;
        seams.then(Seams.bounded(Seams.call(() -> seams.volumes().unmount(pod.pod().uid()))), () -> true, removed -> removeFolder(done), e -> {
            seams.events().pod(pod.pod(), "", "Warning", "FailedUnmount", String.valueOf(e.getMessage()));
            removeFolder(done);
        });
    }

    private void removeFolder(Runnable done) {
        seams.then(seams.folders().removeFolder(pod.pod().uid()), () -> true, removed -> done.run(), e -> {
            seams.events().pod(pod.pod(), "", "Warning", "FailedCleanup", "the folder of the pod could not be removed: " + e.getMessage());
            done.run();
        });
    }
}
