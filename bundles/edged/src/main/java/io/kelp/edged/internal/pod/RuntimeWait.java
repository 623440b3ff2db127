package io.kelp.edged.internal.pod;

import io.kelp.edged.internal.pod.ContainerState.Waiting;
import java.time.Duration;
import java.util.List;

/** The runtime of one pod, or what the pod says while there is none. Used on the loop only. */
final class RuntimeWait {

    static final String NO_ENGINE = "NoContainerEngine";
    private static final String NOT_READY = "RuntimeNotReady";

    private final Seams seams;
    private final PodWorker pod;
    private final Duration patience;
    private final long since;
    private Loop.Timer timer;
    private Waiting waiting;
    private boolean had;

    /** @param patience how long a runtime may take to come */
    RuntimeWait(Seams seams, PodWorker pod, Duration patience) {
        this.seams = seams;
        this.pod = pod;
        this.patience = patience;
        this.since = seams.loop().nanos();
    }

    /** What to show while there is no runtime, {@code null} when there is or may soon be one. */
    Waiting waiting() {
        return waiting;
    }

    /**
     * @param admitted whether the pod has run here before, so that the runtime will come back
     * @return {@code null} when there is none
     */
    Runtimes.Handle get(boolean admitted) {
        String handler = pod.handler();
        Runtimes.Handle found = seams.runtimes().of(handler).orElse(null);
        if (found != null) {
            stop();
            had = true;
            return found;
        }
        boolean patient = !handler.isEmpty() && !had;
        Duration left = patience.minusNanos(seams.loop().nanos() - since);
        if (patient && left.compareTo(Duration.ZERO) > 0) {
            if (timer == null) {
                timer = seams.loop().schedule(pod::touch, left);
            }
        } else if (admitted) {
            waiting = new Waiting(NOT_READY, "workload runtime " + handler + " is not there; the container is started when it is back");
        } else if (waiting == null) {
            waiting = new Waiting(NO_ENGINE, handler.isEmpty()
                    ? "this gateway has no container engine; it runs pods whose runtimeClassName is one of " + handlers()
                    : "this gateway has nothing that runs pods of runtimeClassName " + handler + "; it has " + handlers());
            seams.events().pod(pod.pod(), "", "Warning", NO_ENGINE, waiting.message());
        }
        return null;
    }

    private List<String> handlers() {
        return seams.runtimes().all().stream().map(Runtimes.Handle::toString).sorted().toList();
    }

    /** It does not matter any more. */
    void stop() {
        waiting = null;
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }
}
