package io.kelp.edged.internal.pod;

import io.kelp.edged.internal.pod.ContainerState.Running;
import io.kelp.edged.internal.pod.ContainerState.Terminated;
import io.kelp.edged.internal.pod.ContainerState.Waiting;
import io.kelp.edged.internal.pod.ContainerView.Kind;

/** The phase of a pod, worked out as kubelet 1.34 does ({@code getPhase} in {@code kubelet_pods.go}). */
final class PodPhase {

    static final String PENDING = "Pending";
    static final String RUNNING = "Running";
    static final String SUCCEEDED = "Succeeded";
    static final String FAILED = "Failed";

    private int pendingInit;
    private int pendingSidecars;
    private int failedInit;
    private int running;
    private int waiting;
    private int stopped;
    private int succeeded;

    private PodPhase() {}

    static String of(PodView pod) {
        if (pod.outcome() != null && pod.terminal()) {
            return FAILED;
        }
        PodPhase count = new PodPhase();
        pod.of(Kind.INIT).forEach(c -> count.init(c, pod.restartPolicy()));
        pod.of(Kind.SIDECAR).forEach(count::sidecar);
        pod.of(Kind.MAIN).forEach(count::main);
        return count.result(pod);
    }

    /** Whether there is no way on from this phase. */
    static boolean isFinal(String phase) {
        return SUCCEEDED.equals(phase) || FAILED.equals(phase);
    }

    private void init(ContainerView c, String policy) {
        Terminated end = c.state() instanceof Terminated now ? now : c.state() instanceof Waiting ? c.last() : null;
        if (end == null) {
            pendingInit++;
        } else if (!end.succeeded() && "Never".equals(policy)) {
            failedInit++;
        } else if (!end.succeeded()) {
            pendingInit++; // it is going to be tried again
        }
    }

    private void sidecar(ContainerView c) {
        if (c.state() instanceof Running) {
            running++;
            pendingSidecars += c.started() ? 0 : 1;
        } else if (c.state() instanceof Waiting && c.last() == null) {
            waiting++;
            pendingSidecars++;
        }
    }

    private void main(ContainerView c) {
        if (c.state() instanceof Running) {
            running++;
        } else if (c.state() instanceof Terminated end) {
            stopped++;
            succeeded += end.succeeded() ? 1 : 0;
        } else if (c.last() != null) {
            stopped++;
        } else {
            waiting++;
        }
    }

    private String result(PodView pod) {
        if (failedInit > 0) {
            return FAILED;
        }
        boolean initializing = pendingInit > 0 || pendingSidecars > 0 && !pod.initialized();
        if (initializing || waiting > 0) {
            return pod.terminal() && running == 0 ? FAILED : PENDING;
        }
        if (running > 0) {
            return RUNNING;
        }
        if (stopped == 0) {
            return PENDING;
        }
        if (!pod.terminal() && "Always".equals(pod.restartPolicy())) {
            return RUNNING; // all of them are being restarted
        }
        if (stopped == succeeded) {
            return SUCCEEDED;
        }
        return pod.terminal() || "Never".equals(pod.restartPolicy()) ? FAILED : RUNNING;
    }
}
