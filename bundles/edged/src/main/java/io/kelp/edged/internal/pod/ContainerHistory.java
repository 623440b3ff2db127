package io.kelp.edged.internal.pod;

import com.google.gson.JsonObject;
import io.kelp.edged.WorkloadContainer.Exit;
import io.kelp.edged.WorkloadRuntime.Image;
import io.kelp.edged.internal.pod.ContainerState.Running;
import io.kelp.edged.internal.pod.ContainerState.Terminated;
import java.time.Duration;
import java.time.Instant;

/** What is known of a container over its starts, and over those of the gateway. */
final class ContainerHistory {

    private ContainerState state; // null before anything was tried
    private Terminated last;
    private int restarts;
    private boolean started;
    private boolean interrupted;
    private String imageId = "";
    private String imageKey = "";
    private String containerId = "";
    private final Backoff crash = new Backoff();

    /** @return {@code null} before anything was tried */
    ContainerState state() {
        return state;
    }

    /** How it ended before the state it is in, {@code null} if it never did. */
    Terminated last() {
        return last;
    }

    int restarts() {
        return restarts;
    }

    /** For {@code imageID}, empty while unknown. */
    String imageId() {
        return imageId;
    }

    /** Id of the image in the runtime, empty while unknown. */
    String imageKey() {
        return imageKey;
    }

    String containerId() {
        return containerId;
    }

    Backoff crash() {
        return crash;
    }

    void show(ContainerState now) {
        if (state instanceof Terminated before) {
            last = before;
        }
        state = now;
    }

    void image(Image image) {
        imageKey = image.id();
        imageId = image.repoDigest().isEmpty() ? image.id() : image.repoDigest();
    }

    /** Number of the next start, from 0. */
    int nextAttempt() {
        return started ? restarts + 1 : restarts;
    }

    /** A start has been made. @param id of what runs, empty if nothing does */
    void attempted(int attempt, String id) {
        restarts = attempt;
        started = true;
        if (!id.isEmpty()) {
            containerId = id;
        }
    }

    /** Whether it ran when the gateway ended and nobody has asked why yet; true once. */
    boolean takeInterrupted() {
        boolean was = interrupted;
        interrupted = false;
        return was;
    }

    /** What it had done is lost with the process of the gateway: it has to run again. */
    void again() {
        if (state instanceof Terminated) {
            show(null);
        }
    }

    /** It was not interrupted at all: its end is taken back. */
    void goesOn() {
        state = null;
    }

    /**
     * It was found out how it ended when the gateway did.
     *
     * @param interrupted whether it ran then; else it had ended shortly before, if the exit is of its last run at all
     * @return whether that is news
     */
    boolean explain(Exit exit, boolean interrupted) {
        Terminated known = state instanceof Terminated now ? now : last;
        if (known == null || !interrupted && (known.startedAt() == null || known.startedAt().isAfter(exit.at())
                || known.reason().equals(exit.reason()) && known.message().equals(exit.message()))) {
            return false;
        }
        Terminated explained = new Terminated(exit.code(), exit.reason(), exit.message(), known.startedAt(), exit.at(), known.containerId());
        if (state instanceof Terminated) {
            state = explained;
        } else {
            last = explained;
        }
        return true;
    }

    /** What {@link #restore} needs. @param nanos by the monotonic clock */
    JsonObject record(Instant now, long nanos) {
        JsonObject record = new JsonObject();
        record.addProperty("restarts", restarts);
        record.addProperty("started", started);
        record.addProperty("image", imageKey);
        record.addProperty("imageID", imageId);
        record.addProperty("containerID", containerId);
        if (state instanceof Running || state instanceof Terminated) {
            record.add("state", state.json());
        }
        if (last != null) {
            record.add("last", last.json());
        }
        if (crash.nextSeconds() > 0) {
            record.addProperty("backOff", crash.nextSeconds());
            Duration left = crash.left(nanos);
            if (!left.isZero()) {
                record.addProperty("until", now.plus(left).getEpochSecond());
            }
        }
        return record;
    }

    /** Goes on where the gateway ended. */
    void restore(JsonObject record, Instant now, long nanos) {
        restarts = HostPorts.number(record, "restarts");
        started = "true".equals(Pod.text(record, "started"));
        imageKey = Pod.text(record, "image");
        imageId = Pod.text(record, "imageID");
        containerId = Pod.text(record, "containerID");
        last = ContainerState.terminatedOf(Pod.object(record, "last"));
        JsonObject was = Pod.object(record, "state");
        Terminated end = ContainerState.terminatedOf(was);
        if (was.has("running")) {
            interrupted = true;
            state = new Terminated(137, "Error", "The gateway's process ended while the container ran",
                    ContainerState.time(Pod.text(Pod.object(was, "running"), "startedAt")), now, containerId);
        } else {
            state = end;
        }
        long next = PodResources.quantity(Pod.text(record, "backOff"), "1");
        long left = PodResources.quantity(Pod.text(record, "until"), "1") - now.getEpochSecond();
        crash.restore(next, Duration.ofSeconds(Math.min(left, next)), nanos);
    }
}
