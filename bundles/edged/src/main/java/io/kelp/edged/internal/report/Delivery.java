package io.kelp.edged.internal.report;

import com.google.gson.JsonObject;
import io.kelp.edged.internal.pod.Pod;
import io.kelp.metamanager.MetaStore.MetaObject;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How far the delivery of one pod's status has come. Touched by one thread at a time. */
final class Delivery {

    private static final Duration UNANSWERED_CAP = Duration.ofSeconds(60);
    private static final Duration REFUSED_CAP = Duration.ofMinutes(5);
    private static final long FIRST_RETRY = Duration.ofSeconds(1).toNanos();
    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);

    final TokenBucket bucket;
    boolean busy;
    /** What remains to be patched although the API server has accepted it: it has it in another form. */
    String residue = "";
    private JsonObject answered; // the pod in the answer to the last patch, until something newer is shown
    private boolean unsure; // whether the last patch was applied is not known
    private int failures;
    private long notBefore;
    private String lastProblem = "";

    Delivery(TokenBucket bucket) {
        this.bucket = bucket;
    }

    long waitNanos(long now) {
        return failures == 0 ? 0 : Math.max(0, notBefore - now);
    }

    void startOver() {
        failures = 0;
        answered = null;
        residue = "";
    }

    /** The pod as the cloud has it for certain, {@code null} when that is not known. */
    JsonObject base(String uid, MetaObject copy) {
        if (unsure) {
            return null;
        }
        if (answered != null && uid.equals(Pod.text(Pod.object(answered, "metadata"), "uid"))) {
            return answered;
        }
        return copy != null && copy.uid().equals(uid) ? copy.json() : null;
    }

    /** The cloud shows the pod. */
    void shown(MetaObject pod) {
        if (answered != null && !isNewer(Pod.text(Pod.object(answered, "metadata"), "resourceVersion"), pod.resourceVersion())) {
            answered = null;
        }
    }

    /** @param object may be empty: some clouds answer without it */
    void accepted(String uid, JsonObject object, Report report) {
        unsure = false;
        failures = 0;
        lastProblem = "";
        if (object.has("status") && uid.equals(Pod.text(Pod.object(object, "metadata"), "uid"))) {
            answered = object;
        } else {
            JsonObject names = new JsonObject();
            report.annotations().forEach(names::addProperty);
            JsonObject metadata = new JsonObject();
            metadata.addProperty("uid", uid);
            metadata.add("annotations", names);
            answered = new JsonObject();
            answered.add("metadata", metadata);
            answered.add("status", report.status());
        }
        residue = StatusPatch.between(uid, answered, report.status(), report.annotations());
    }

    /** The cloud does not want it. */
    void refused(String what, String why, long now) {
        if (!why.equals(lastProblem)) {
            LOG.warn("Could not {}: {}; trying again until it works", what, why);
        }
        lastProblem = why;
        later(REFUSED_CAP, now);
    }

    /** No answer: the link broke or the cloud is busy, which the link has told the operator already. */
    void unanswered(String what, String why, long now) {
        LOG.debug("No answer to {}: {}", what, why);
        later(UNANSWERED_CAP, now);
    }

    private void later(Duration cap, long now) {
        unsure = true;
        notBefore = now + Math.min(cap.toNanos(), FIRST_RETRY << Math.min(failures, 20));
        failures++;
    }

    /** Whether one resourceVersion is later than another; both are numbers in practice, and anything else counts as later. */
    static boolean isNewer(String one, String other) {
        if (one.matches("[0-9]{1,18}") && other.matches("[0-9]{1,18}")) {
            return Long.parseLong(one) > Long.parseLong(other);
        }
        return !one.isEmpty();
    }
}
