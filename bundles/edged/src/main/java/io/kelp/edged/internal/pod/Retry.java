package io.kelp.edged.internal.pod;

import java.time.Duration;

/** The wait before the next try of one container. Used on the loop only. */
final class Retry {

    private static final Duration LONGEST = Duration.ofMinutes(1);

    private final Loop loop;
    private final PodWorker pod;
    private Loop.Timer timer;
    private boolean hastens;
    private int failures; // in a row

    Retry(Loop loop, PodWorker pod) {
        this.loop = loop;
        this.pod = pod;
    }

    /** Whether it is being waited. */
    boolean isOn() {
        return timer != null;
    }

    /** Something has to be done before the wait proper begins. */
    void first(Duration delay, Runnable then) {
        hastens = false;
        timer = loop.schedule(then, delay);
    }

    void after(Duration delay) {
        first(delay, this::over);
    }

    /** One more failure of something that a change of what the pod refers to may mend: 10 s, doubling to a minute. */
    void afterFailure() {
        Duration delay = Backoff.FIRST.multipliedBy(1L << Math.min(failures++, 3));
        after(delay.compareTo(LONGEST) > 0 ? LONGEST : delay);
        hastens = true;
    }

    /** What it waits for may be there now. */
    void hasten() {
        if (timer != null && hastens) {
            cancel();
            pod.touch();
        }
    }

    void cancel() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    /** A try has succeeded. */
    void succeeded() {
        failures = 0;
    }

    private void over() {
        timer = null;
        pod.touch();
    }
}
